// What a client sends that is decided as one, before PostgreSQL sees any of it, and what became of it there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace curfew::postgres {

// A simple Query; a FunctionCall; or what of the extended protocol a client sends up to a Sync or a Flush.
struct HeldUnit {
    enum class Form { query, extended, function };
    // As the Bind has it: in text, or in the binary form of its type.
    struct Parameter {
        std::optional<std::string> value;  // nullopt: NULL
        bool binary = false;
        std::uint32_t type = 0;  // object id, where the client named it in its Parse; 0: left to PostgreSQL
    };
    // One that would be executed. Of the extended protocol one for each Bind, executed at once or later: it
    // is planned there, which may call functions already, and once bound it runs at most once.
    struct Statement {
        std::string sql;  // empty for a FunctionCall
        std::vector<Parameter> parameters;
        // As many of the unit's statements come before its Parse; 0 also where it was prepared by an earlier
        // unit. If one from there on up to it changes prepared statements or cursors in SQL, then what runs
        // need not be `sql`, and the unit must not pass.
        std::size_t prepared_after = 0;
    };

    Form form = Form::query;
    std::vector<Statement> statements;  // in their order; of a query one with all of its text
    std::uint32_t function = 0;         // its object id
    // Others were executed before it, behind a Flush, and no ReadyForQuery has come since: PostgreSQL may not
    // have reported a parameter that they changed.
    bool mid_batch = false;
};

// What PostgreSQL answered to a unit that it was given.
struct UnitOutcome {
    struct Completed {
        std::string tag;         // of CommandComplete; empty: of an EmptyQueryResponse, or a PortalSuspended
        std::uint64_t rows = 0;  // DataRow messages before it
    };
    std::vector<Completed> completed;  // as far as they are kept
    std::string sqlstate;              // of an ErrorResponse; empty: none came
    std::string message;               // its primary one
    bool answered = false;             // up to its end; else what was done is not known
    // Of the ParameterStatus messages among the answers: name and value, in their order.
    std::vector<std::pair<std::string, std::string>> parameters;
};

}  // namespace curfew::postgres
