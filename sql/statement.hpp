// What a statement is, as far as it matters for letting it run.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

namespace curfew::sql {

// A table, a view or a function, as a statement names it.
struct ObjectReference {
    std::string schema;  // empty: left to search_path
    std::string name;

    auto operator<=>(const ObjectReference&) const = default;
};

enum class StatementKind {
    transaction_control,  // BEGIN, COMMIT, ROLLBACK, savepoints; not of prepared transactions, which outlive
                          // a session
    select,               // SELECT, TABLE and VALUES that only read, and EXPLAIN of one that does not run it
    setting,              // SET and RESET of one parameter
    show,
    other,  // all else, also a SELECT in which there is something that is not known to only read
};

struct Statement {
    StatementKind kind = StatementKind::other;
    // Where it stands in what was parsed, in bytes, without the semicolon.
    std::size_t offset = 0;
    std::size_t size = 0;
    std::set<ObjectReference> relations;  // that a select reads, subqueries and all
    std::set<ObjectReference> functions;  // that it calls
    std::string parameter;                // of a setting, lower case
    std::string value;                    // of a setting with one plain value
    std::string why_not;                  // of `other`: what it is about it, for people
    bool has_plan = false;                // EXPLAIN takes it: SELECT, INSERT, UPDATE, DELETE, MERGE
    // Why running it in a transaction that is rolled back might leave something behind, for people; empty: it
    // only reads or changes rows, and calls nothing but what is known to only read. Triggers, defaults and
    // rules of its tables may still do anything.
    std::string why_not_dry;
    // May make, replace, drop or run prepared statements: PREPARE, EXECUTE, DEALLOCATE, DISCARD, and code of
    // which the text does not show what it does (DO, CALL).
    bool changes_prepared = false;
    // May open or close cursors, which share their names with the portals of the extended protocol: DECLARE,
    // CLOSE, and all that `changes_prepared`.
    bool changes_cursors = false;
};

}  // namespace curfew::sql
