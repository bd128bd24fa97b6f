#include "proxy/unit_reading.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/utf8.hpp"
#include "proxy/binary_values.hpp"
#include "sql/parse.hpp"

namespace curfew::proxy {
namespace {

using postgres::HeldUnit;

// So many reasons are told; one alone is enough to ask.
constexpr std::size_t most_reasons = 3;

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// Why nobody can be shown it as PostgreSQL would read it.
std::optional<UnitReading::Unshowable> why_unshowable(const HeldUnit& unit, const ClientSettings& settings) {
    for (const HeldUnit::Statement& statement : unit.statements) {
        if (is_ascii(statement.sql)) continue;
        if (!settings.is_utf8()) {
            return UnitReading::Unshowable{
                "22021",
                "what is to be approved must be UTF-8, and this session's client_encoding is another",
                "SET client_encoding TO 'UTF8', or send ASCII only."};
        }
        if (!is_utf8(statement.sql))
            return UnitReading::Unshowable{"22021", "what is to be approved must be UTF-8, and this is not",
                                           "Check in which encoding it is sent."};
    }
    return std::nullopt;
}

class Reasons {
public:
    void add(std::string reason) {
        if (std::find(reasons_.begin(), reasons_.end(), reason) == reasons_.end())
            reasons_.push_back(std::move(reason));
    }
    bool empty() const { return reasons_.empty(); }
    std::string text() const {
        std::string text;
        for (std::size_t i = 0; i < std::min(reasons_.size(), most_reasons); ++i)
            text += (text.empty() ? "" : "; ") + reasons_[i];
        if (reasons_.size() > most_reasons)
            text += "; and for " + std::to_string(reasons_.size() - most_reasons) + " more reasons";
        return text;
    }

private:
    std::vector<std::string> reasons_;
};

void judge_statement(const sql::Statement& statement, const std::vector<sql::AllowedStatements>& allowed,
                     const std::string& doubt, Reasons& reasons) {
    if (statement.kind == sql::StatementKind::transaction_control) return;
    if (!doubt.empty()) return reasons.add(doubt);
    for (const sql::AllowedStatements& list : allowed) {
        if (auto why = sql::why_ask(statement, list)) reasons.add(std::move(*why));
    }
    if (allowed.empty()) reasons.add("no rule says what may run without asking");
}

// A parser's complaint, in the middle of a sentence.
std::string as_reason(std::string message) {
    if (message.starts_with("It ")) message[0] = 'i';
    return message;
}

policy::Command::Parameter shown(HeldUnit::Parameter parameter, const ClientSettings& settings) {
    if (!parameter.value) return {};
    std::optional<std::string> text =
        parameter.binary ? text_of_binary(*parameter.value, parameter.type) : parameter.value;
    const bool is_text = text && text->find('\0') == std::string::npos &&
                         (settings.is_utf8() ? is_utf8(*text) : is_ascii(*text));
    if (is_text) return {std::move(text), false};
    return {hex_of(*parameter.value), true};
}

}  // namespace

namespace {

// Reads one text of the unit. True: it may change what names of prepared statements and cursors stand for.
bool read_statements(const std::string& sql, const std::vector<sql::AllowedStatements>& allowed,
                     const std::string& doubt, UnitReading& reading, Reasons& reasons) {
    auto parsed = sql::parse(sql);
    if (!parsed) {
        reasons.add(as_reason(parsed.error().message));
        reading.changes_prepared = true;
        reading.understood = false;
        return true;
    }
    bool changes_names = false;
    for (sql::Statement& understood : *parsed) {
        judge_statement(understood, allowed, doubt, reasons);
        reading.changes_prepared |= understood.changes_prepared;
        changes_names |= understood.changes_prepared || understood.changes_cursors;
        reading.statements.push_back(std::move(understood));
    }
    return changes_names;
}

UnitReading::Unshowable names_may_have_changed() {
    return {"42501",
            "what would run by a name cannot be shown, since a statement before it in the same batch may "
            "change what that name stands for",
            "Send a Sync between them."};
}

}  // namespace

UnitReading read_unit(const HeldUnit& unit, const std::vector<sql::AllowedStatements>& allowed,
                      const ClientSettings& settings) {
    UnitReading reading;
    Reasons reasons;
    if (unit.form == HeldUnit::Form::function)
        reasons.add("it calls function " + std::to_string(unit.function) + " by its object identifier");
    std::string doubt = settings.doubt();
    if (doubt.empty() && unit.mid_batch)
        doubt = "what ran before it in the same batch may have changed a setting";
    std::size_t names_change_at =
        0;  // so many statements lead up to the last that may change what names mean
    for (std::size_t at = 0; at < unit.statements.size() && unit.form != HeldUnit::Form::function; ++at) {
        const HeldUnit::Statement& statement = unit.statements[at];
        if (names_change_at > statement.prepared_after) {
            reading.way = names_may_have_changed();
            return reading;
        }
        if (!settings.is_utf8() && !is_ascii(statement.sql)) reasons.add("it is not UTF-8");
        if (read_statements(statement.sql, allowed, doubt, reading, reasons)) names_change_at = at + 1;
    }
    if (reasons.empty()) return reading;
    reading.way = UnitReading::Ask{reasons.text()};
    if (auto unshowable = why_unshowable(unit, settings)) reading.way = std::move(*unshowable);
    return reading;
}

policy::Command command_of(HeldUnit unit, const ClientSettings& settings, std::string database,
                           SessionId session, std::string why_asked) {
    policy::Command command;
    switch (unit.form) {
        case HeldUnit::Form::query:
            command.form = policy::CommandForm::query;
            break;
        case HeldUnit::Form::extended:
            command.form = policy::CommandForm::extended;
            break;
        case HeldUnit::Form::function:
            command.form = policy::CommandForm::function;
            break;
    }
    command.database = std::move(database);
    command.session = std::move(session);
    command.why_asked = std::move(why_asked);
    if (unit.form == HeldUnit::Form::function && unit.statements.empty()) unit.statements.emplace_back();
    for (HeldUnit::Statement& statement : unit.statements) {
        policy::Command::Statement& added = command.statements.emplace_back();
        added.sql =
            unit.form == HeldUnit::Form::function ? std::to_string(unit.function) : std::move(statement.sql);
        for (HeldUnit::Parameter& parameter : statement.parameters)
            added.parameters.push_back(shown(std::move(parameter), settings));
    }
    return command;
}

policy::CommandResult result_of(postgres::UnitOutcome outcome, WallInstant ended_at) {
    policy::CommandResult result;
    result.ended_at = ended_at;
    for (postgres::UnitOutcome::Completed& completed : outcome.completed) {
        policy::CommandResult::Part& part = result.parts.emplace_back();
        part.tag = std::move(completed.tag);
        part.rows_in_all = completed.rows;
    }
    result.sqlstate = std::move(outcome.sqlstate);
    result.message = std::move(outcome.message);
    if (!result.sqlstate.empty()) {
        result.outcome = policy::CommandResult::Outcome::failed;
    } else if (outcome.answered) {
        result.outcome = policy::CommandResult::Outcome::succeeded;
    } else {
        result.outcome = policy::CommandResult::Outcome::unknown;
        result.message = "the session ended before PostgreSQL had answered";
    }
    return result;
}

}  // namespace curfew::proxy
