#include "policy/command_checks.hpp"

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "base/utf8.hpp"
#include "policy/lifecycle.hpp"
#include "policy/wording.hpp"

namespace curfew::policy {
namespace {

using Problem = std::optional<Error>;

// A name of a database, and what else stands beside the SQL.
constexpr std::size_t longest_database = 255;

bool is_text(std::string_view text) {
    return text.find('\0') == std::string_view::npos && is_utf8(text);
}

Problem wrong_text(std::string_view text, std::string_view what) {
    if (is_text(text)) return {};
    return make_error(ErrorCode::invalid, "{} of a command is UTF-8 without zero bytes; send it as that",
                      what);
}

Problem wrong_size(const Command& command) {
    std::size_t parameters = 0;
    for (const Command::Statement& statement : command.statements)
        parameters += statement.parameters.size();
    if (size_of(command) <= longest_command && command.statements.size() <= most_statements &&
        parameters <= most_parameters)
        return {};
    return make_error(
        ErrorCode::invalid,
        "a command has at most {} bytes, {} statements and {} values, so that somebody can read it; "
        "split it",
        longest_command, most_statements, most_parameters);
}

Problem wrong_statement(const Command::Statement& statement) {
    if (auto wrong = wrong_text(statement.sql, "the text")) return wrong;
    for (const Command::Parameter& parameter : statement.parameters) {
        auto wrong = parameter.value ? wrong_text(*parameter.value, "a value") : Problem{};
        if (wrong) return wrong;
    }
    if (statement.sql_size) return make_error(ErrorCode::invalid, "only the beginning of a command is there");
    return {};
}

Problem wrong_surroundings(const Command& command) {
    if (command.database.empty() || command.database.size() > longest_database ||
        !is_text(command.database)) {
        return make_error(ErrorCode::invalid,
                          "a command runs in a database, which has 1 to {} bytes; name it", longest_database);
    }
    if (command.why_asked.size() > longest_text || !is_text(command.why_asked))
        return make_error(ErrorCode::invalid, "why a command is asked for is text of at most {} bytes",
                          longest_text);
    return {};
}

// How a command comes says what there is of it.
Problem wrong_form(const Command& command) {
    const bool is_script = command.form == CommandForm::script;
    if (is_script && command.session)
        return make_error(ErrorCode::invalid, "a script is of no session; leave the session out");
    if (!is_script && !command.session) {
        return make_error(ErrorCode::invalid,
                          "a {} is of a session that waits for it, and only a script is run without one",
                          to_string(command.form));
    }
    if (command.form == CommandForm::extended) return {};
    if (command.statements.size() != 1)
        return make_error(ErrorCode::invalid, "a {} is one text, in which there may be several statements",
                          to_string(command.form));
    if (command.form != CommandForm::function && !command.statements.front().parameters.empty())
        return make_error(ErrorCode::invalid, "a {} has no values beside its text", to_string(command.form));
    const std::string& sql = command.statements.front().sql;
    if (is_script && sql.find_first_not_of(" \t\r\n\f\v") == std::string::npos)
        return make_error(ErrorCode::invalid, "there is nothing in the script; say what is to run");
    return {};
}

}  // namespace

std::optional<Error> wrong_command(const Command& command) {
    if (command.statements.empty())
        return make_error(ErrorCode::invalid, "a command has a statement at least; say what is to run");
    if (command.brief) return make_error(ErrorCode::invalid, "only the beginning of a command is there");
    if (auto wrong = wrong_size(command)) return wrong;
    for (const Command::Statement& statement : command.statements) {
        if (auto wrong = wrong_statement(statement)) return wrong;
    }
    if (auto wrong = wrong_surroundings(command)) return wrong;
    return wrong_form(command);
}

}  // namespace curfew::policy
