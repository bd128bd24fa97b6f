// What a SELECT reads and calls, found in its parse tree.
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

}  // namespace curfew::sql
