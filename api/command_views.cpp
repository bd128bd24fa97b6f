#include "api/command_views.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstddef>
#include <limits>
#include <string_view>

#include "api/json_values.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"

namespace curfew::api {
namespace {

namespace json = boost::json;

// Of each kind, in lists: of texts in bytes.
constexpr std::size_t brief_text = 2000;
constexpr std::size_t brief_value = 200;
constexpr std::size_t brief_statements = 10;
constexpr std::size_t brief_values = 20;
constexpr std::size_t brief_parts = 10;

std::size_t most(Extent extent, std::size_t when_brief) {
    return extent == Extent::brief ? when_brief : std::numeric_limits<std::size_t>::max();
}

// At a character's end. `text` is UTF-8.
std::string_view cut(std::string_view text, std::size_t longest) {
    if (text.size() <= longest) return text;
    std::size_t end = longest;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
        --end;
    return text.substr(0, end);
}

json::string code(std::string_view text) {
    return json::string{printable_code(text)};
}

json::value code_or_null(const std::optional<std::string>& text) {
    return text ? json::value(code(*text)) : json::value(nullptr);
}

// `left_out`: set where something of it is.
json::object statement_view(const policy::Command::Statement& statement, Extent extent, bool& left_out) {
    json::array parameters;
    const std::size_t shown = std::min(statement.parameters.size(), most(extent, brief_values));
    left_out |= shown < statement.parameters.size();
    for (std::size_t number = 0; number < shown; ++number) {
        const auto& parameter = statement.parameters[number];
        json::value value;
        if (parameter.value) {
            const auto text = cut(*parameter.value, most(extent, brief_value));
            left_out |= text.size() < parameter.value->size();
            value = code(text);
        }
        parameters.emplace_back(json::object{{"value", std::move(value)}, {"binary", parameter.binary}});
    }
    const auto sql = cut(statement.sql, most(extent, brief_text));
    json::object result{{"sql", code(sql)}, {"parameters", std::move(parameters)}};
    // What was read for a list may be cut already.
    if (statement.sql_size || sql.size() < statement.sql.size()) {
        left_out = true;
        result["sql_size"] = statement.sql_size.value_or(statement.sql.size());
    }
    return result;
}

json::value preview_view(const std::optional<policy::Preview>& preview, Extent extent) {
    if (!preview || extent != Extent::whole) return nullptr;
    return json::object{
        {"mode", to_string(preview->mode)}, {"text", code(preview->text)}, {"failed", preview->failed}};
}

json::object part_view(const policy::CommandResult::Part& part, Extent extent) {
    json::array columns;
    json::array rows;
    if (extent == Extent::whole) {
        for (const auto& column : part.columns)
            columns.emplace_back(code(column));
        for (const auto& row : part.rows) {
            json::array values;
            for (const auto& value : row)
                values.emplace_back(code_or_null(value));
            rows.emplace_back(std::move(values));
        }
    }
    return {{"tag", text_value(part.tag)},
            {"columns", std::move(columns)},
            {"rows", std::move(rows)},
            {"rows_in_all", part.rows_in_all}};
}

}  // namespace

json::value view(const std::optional<policy::Command>& command, Extent extent) {
    if (!command) return nullptr;
    json::array statements;
    const std::size_t shown = std::min(command->statements.size(), most(extent, brief_statements));
    bool left_out = command->brief || shown < command->statements.size();
    for (std::size_t number = 0; number < shown; ++number)
        statements.emplace_back(statement_view(command->statements[number], extent, left_out));
    return json::object{
        {"form", to_string(command->form)},
        {"database", text_value(command->database)},
        {"statements", std::move(statements)},
        {"cut", left_out},
        {"session", command->session ? json::value(command->session->text()) : json::value(nullptr)},
        {"why_asked", text_value(command->why_asked)},
        {"preview", preview_view(command->preview, extent)}};
}

json::value view(const std::optional<policy::CommandResult>& result, Extent extent) {
    if (!result) return nullptr;
    json::array parts;
    const std::size_t shown = std::min(result->parts.size(), most(extent, brief_parts));
    for (std::size_t number = 0; number < shown; ++number)
        parts.emplace_back(part_view(result->parts[number], extent));
    json::array notices;
    if (extent == Extent::whole) {
        for (const auto& notice : result->notices)
            notices.emplace_back(code(notice));
    }
    return json::object{{"outcome", to_string(result->outcome)},
                        {"parts", std::move(parts)},
                        {"notices", std::move(notices)},
                        {"sqlstate", text_value(result->sqlstate)},
                        {"message", code(cut(result->message, most(extent, brief_text)))},
                        {"cut", result->cut},
                        {"ended_at", format_utc(result->ended_at)}};
}

}  // namespace curfew::api
