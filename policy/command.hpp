// One command that is asked for: exactly what would run, and what came of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "policy/preview.hpp"

namespace curfew::policy {

// Of all of a command: the texts and the values together, in bytes. What is longer, or of more parts, cannot
// be approved: nobody reads it.
inline constexpr std::size_t longest_command = 1U << 20U;
inline constexpr std::size_t most_statements = 1'000;
inline constexpr std::size_t most_parameters = 65'535;  // of all its statements

// How a command comes to PostgreSQL.
enum class CommandForm {
    query,     // a simple Query of a live session, which may hold several statements
    extended,  // what a live session executes up to a Sync or Flush: Parse, Bind and Execute
    function,  // a FunctionCall of a live session
    script,    // a text that was handed in, run by a node without a live session
};
std::string_view to_string(CommandForm form);
std::optional<CommandForm> parse_command_form(std::string_view text);

struct Command {
    // A value that goes with a statement, as it stands in the Bind.
    struct Parameter {
        std::optional<std::string> value;  // nullopt: NULL. Binary ones as `\x` and hexadecimal digits
        bool binary = false;

        bool operator==(const Parameter&) const = default;
    };
    struct Statement {
        std::string sql;  // UTF-8, as the client wrote it; of a FunctionCall the function's object id
        std::vector<Parameter> parameters;
        // In a list, where `sql` is only its beginning: how many bytes it has in all.
        std::optional<std::size_t> sql_size = std::nullopt;

        bool operator==(const Statement&) const = default;
    };

    CommandForm form = CommandForm::query;
    std::string database;
    std::vector<Statement> statements;  // in their order; of a query or a script one with all of the text
    std::optional<SessionId> session;   // that waits for it; absent: a script
    std::string why_asked;              // what about it needs approval, for people; empty: all of it
    std::optional<Preview> preview;     // for those who decide; absent: none was made
    bool brief = false;  // as a list has it: something of the above is left out. Nobody decides by this

    bool operator==(const Command&) const = default;
};

// The bytes of its texts and values together.
std::size_t size_of(const Command& command);
// All of it as text, statements one below the other, without their values.
std::string sql_of(const Command& command);
// The beginning of it, some kilobytes at most, for lists.
Command brief(const Command& command);

// What came of a command that was run.
struct CommandResult {
    enum class Outcome {
        succeeded,
        failed,   // PostgreSQL's error is there
        unknown,  // it was handed over, and its end was not seen
    };
    // What one statement of it answered.
    struct Part {
        std::string tag;                   // `INSERT 0 1`; empty: none came
        std::vector<std::string> columns;  // of a script: names, where it returns rows
        std::vector<std::vector<std::optional<std::string>>> rows;  // of a script, as far as they are kept
        std::uint64_t rows_in_all = 0;

        bool operator==(const Part&) const = default;
    };
    // Of a script: the most of what it printed that is kept, in bytes.
    static constexpr std::size_t longest_output = 1U << 20U;

    Outcome outcome = Outcome::unknown;
    std::vector<Part> parts;
    std::vector<std::string> notices;  // of a script
    std::string sqlstate;              // of the error
    std::string message;               // of the error, or of why the outcome is unknown
    bool cut = false;                  // more was printed than is kept
    WallInstant ended_at;
    bool brief = false;  // as a list has it: without rows and notices, and of many parts the first

    bool operator==(const CommandResult&) const = default;
};
std::string_view to_string(CommandResult::Outcome outcome);
std::optional<CommandResult::Outcome> parse_command_outcome(std::string_view text);

// What can be kept of a result: texts that are no UTF-8 with `\xNN` for what is none, and of what is too much
// the beginning (`cut` says so).
CommandResult keepable(CommandResult result);
// The beginning of it, some kilobytes at most, for lists.
CommandResult brief(const CommandResult& result);

}  // namespace curfew::policy
