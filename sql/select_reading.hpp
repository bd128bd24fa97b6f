// What a SELECT, or a statement that changes rows, reads and calls, found in its parse tree.
#pragma once

#include <boost/json/object.hpp>
#include <set>
#include <string>

#include "sql/statement.hpp"

namespace curfew::sql {

struct SelectReading {
    std::set<ObjectReference> relations;
    std::set<ObjectReference> functions;
    // What in it may do more than read; empty: nothing. A node that is not known counts.
    std::string more_than_reading;
};

// `select`: the members of a SelectStmt, as pg_query_parse writes it.
SelectReading read_select(const boost::json::object& select);

// The same of an InsertStmt, UpdateStmt, DeleteStmt or MergeStmt: what in it may do more than read, and
// change rows of the one table that it is about. Which table that is, is not among its relations.
SelectReading read_row_change(const boost::json::object& change);

}  // namespace curfew::sql
