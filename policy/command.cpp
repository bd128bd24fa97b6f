#include "policy/command.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "policy/words.hpp"

namespace curfew::policy {
namespace {

constexpr Words<CommandForm, 4> forms{{
    {CommandForm::query, "query"},
    {CommandForm::extended, "extended"},
    {CommandForm::function, "function"},
    {CommandForm::script, "script"},
}};
constexpr Words<CommandResult::Outcome, 3> outcomes{{
    {CommandResult::Outcome::succeeded, "succeeded"},
    {CommandResult::Outcome::failed, "failed"},
    {CommandResult::Outcome::unknown, "unknown"},
}};

// What a list has of one command, in bytes and in number.
constexpr std::size_t longest_brief_sql = 2'000;
constexpr std::size_t longest_brief_value = 200;
constexpr std::size_t most_brief_bytes = 8'000;
constexpr std::size_t most_brief_parts = 20;

// What is kept of one result, beside its rows and notices.
constexpr std::size_t most_parts = 1'000;
constexpr std::size_t most_columns = 1'664;  // PostgreSQL's own bound
constexpr std::size_t longest_tag = 200;
constexpr std::size_t longest_message = 10'000;

// The first `most` bytes, or fewer: no character is cut through.
std::string_view beginning(std::string_view text, std::size_t most) {
    if (text.size() <= most) return text;
    std::size_t end = most;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
        --end;
    return text.substr(0, end);
}

std::size_t size_of(const Command::Statement& statement) {
    std::size_t size = statement.sql.size();
    for (const Command::Parameter& parameter : statement.parameters)
        size += parameter.value ? parameter.value->size() : 0;
    return size;
}

Command::Statement brief_statement(const Command::Statement& statement, std::size_t most, bool& is_brief) {
    Command::Statement begun;
    begun.sql = beginning(statement.sql, std::min(most, longest_brief_sql));
    if (begun.sql.size() < statement.sql.size()) begun.sql_size = statement.sql.size();
    is_brief = is_brief || begun.sql_size || statement.parameters.size() > most_brief_parts;
    for (const Command::Parameter& parameter : statement.parameters) {
        if (begun.parameters.size() == most_brief_parts) break;
        begun.parameters.push_back(parameter);
        if (!parameter.value || parameter.value->size() <= longest_brief_value) continue;
        begun.parameters.back().value = beginning(*parameter.value, longest_brief_value);
        is_brief = true;
    }
    return begun;
}

// Texts as they can be kept, as long as there is room for them.
class Room {
public:
    explicit Room(std::size_t bytes) : left_{bytes} {}

    // False: there was none for all of it.
    bool take(std::string& text) {
        if (!is_utf8(text)) text = printable(text, text.size());
        const std::string_view kept = beginning(text, left_);
        left_ -= kept.size();
        const bool all = kept.size() == text.size();
        if (!all) text = std::string{kept};
        return all;
    }
    // A row counts something even where it is empty.
    bool take(std::vector<std::optional<std::string>>& row) {
        bool all = take_bytes(row.size() + 1);
        for (auto& value : row)
            all = all && (!value || take(*value));
        return all;
    }
    bool take_bytes(std::size_t bytes) {
        const bool fits = bytes <= left_;
        left_ -= std::min(bytes, left_);
        return fits;
    }

private:
    std::size_t left_;
};

// The first of `items` that there is room for; false: not all of them.
template <class Item>
bool keep_first(std::vector<Item>& items, Room& room) {
    for (auto item = items.begin(); item != items.end(); ++item) {
        if (room.take_bytes(1) && room.take(*item)) continue;
        items.erase(item, items.end());
        return false;
    }
    return true;
}

// False: it is longer than that.
bool keep_beginning(std::string& text, std::size_t most) {
    return Room{most}.take(text);
}

}  // namespace

std::string_view to_string(CommandForm form) {
    return word_of(forms, form);
}
std::optional<CommandForm> parse_command_form(std::string_view text) {
    return value_of(forms, text);
}

std::string_view to_string(CommandResult::Outcome outcome) {
    return word_of(outcomes, outcome);
}
std::optional<CommandResult::Outcome> parse_command_outcome(std::string_view text) {
    return value_of(outcomes, text);
}

std::size_t size_of(const Command& command) {
    std::size_t size = 0;
    for (const Command::Statement& statement : command.statements)
        size += size_of(statement);
    return size;
}

std::string sql_of(const Command& command) {
    std::string text;
    for (const Command::Statement& statement : command.statements) {
        if (!text.empty()) text += '\n';
        text += statement.sql;
    }
    return text;
}

Command brief(const Command& command) {
    Command begun;
    begun.form = command.form;
    begun.database = command.database;
    begun.session = command.session;
    begun.why_asked = beginning(command.why_asked, longest_brief_value);
    begun.brief = command.preview.has_value() || begun.why_asked.size() < command.why_asked.size();
    std::size_t left = most_brief_bytes;
    for (const Command::Statement& statement : command.statements) {
        if (begun.statements.size() == most_brief_parts || left == 0) {
            begun.brief = true;
            break;
        }
        begun.statements.push_back(brief_statement(statement, left, begun.brief));
        left -= std::min(left, size_of(begun.statements.back()));
    }
    return begun;
}

CommandResult keepable(CommandResult result) {
    bool all = true;
    if (result.parts.size() > most_parts) {
        result.parts.resize(most_parts);
        all = false;
    }
    Room room{CommandResult::longest_output};
    for (CommandResult::Part& part : result.parts) {
        all = keep_beginning(part.tag, longest_tag) && all;
        if (part.columns.size() > most_columns) part.columns.resize(most_columns);
        all = keep_first(part.columns, room) && all;
        all = keep_first(part.rows, room) && all;
    }
    all = keep_first(result.notices, room) && all;
    all = keep_beginning(result.message, longest_message) && all;
    (void)keep_beginning(result.sqlstate, longest_tag);
    result.cut = result.cut || !all;
    return result;
}

CommandResult brief(const CommandResult& result) {
    CommandResult begun;
    begun.outcome = result.outcome;
    begun.sqlstate = result.sqlstate;
    begun.message = beginning(result.message, longest_brief_sql);
    begun.cut = result.cut;
    begun.ended_at = result.ended_at;
    begun.brief = !result.notices.empty() || begun.message.size() < result.message.size() ||
                  result.parts.size() > most_brief_parts;
    for (const CommandResult::Part& part : result.parts) {
        if (begun.parts.size() == most_brief_parts) break;
        begun.parts.push_back({part.tag, {}, {}, part.rows_in_all});
        begun.brief = begun.brief || !part.columns.empty() || !part.rows.empty();
    }
    return begun;
}

}  // namespace curfew::policy
