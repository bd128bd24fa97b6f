#include "store/sql/command_json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "base/time_text.hpp"

namespace curfew::store {
namespace {

namespace json = boost::json;
using policy::Command;
using policy::CommandResult;

// --- Writing ---

json::value json_of(const std::optional<std::string>& text) {
    return text ? json::value(*text) : json::value(nullptr);
}

json::object json_of(const Command::Statement& statement) {
    json::array parameters;
    for (const Command::Parameter& parameter : statement.parameters)
        parameters.push_back(json::object{{"value", json_of(parameter.value)}, {"binary", parameter.binary}});
    json::object object{{"sql", statement.sql}, {"parameters", std::move(parameters)}};
    if (statement.sql_size) object["sql_size"] = *statement.sql_size;
    return object;
}

json::object json_of(const CommandResult::Part& part) {
    json::array columns;
    for (const std::string& column : part.columns)
        columns.emplace_back(column);
    json::array rows;
    for (const auto& values : part.rows) {
        json::array row;
        for (const auto& value : values)
            row.push_back(json_of(value));
        rows.push_back(std::move(row));
    }
    return {{"tag", part.tag},
            {"columns", std::move(columns)},
            {"rows", std::move(rows)},
            {"rows_in_all", part.rows_in_all}};
}

// --- Reading ---

// What was read is not what was written; read_document() says of which request.
struct NotAsWritten {};

template <class T>
T there(std::optional<T> value) {
    if (!value) throw NotAsWritten{};
    return std::move(*value);
}

// The members of an object, each of which is asked for once.
class Members {
public:
    explicit Members(const json::value& value) : object_{value.if_object()} {
        if (object_ == nullptr) throw NotAsWritten{};
    }

    const json::value& at(std::string_view name) {
        const json::value* member = find(name);
        if (member == nullptr) throw NotAsWritten{};
        return *member;
    }
    const json::value* find(std::string_view name) {
        const json::value* member = object_->if_contains(name);
        if (member != nullptr) ++read_;
        return member;
    }
    std::string text(std::string_view name) { return text_in(at(name)); }
    bool flag(std::string_view name) { return flag_in(at(name)); }
    std::uint64_t number(std::string_view name) { return number_in(at(name)); }
    const json::array& array(std::string_view name) { return array_in(at(name)); }
    // There is nothing that nobody asked for: a newer curfewd would know what it means.
    void all_read() const {
        if (read_ != object_->size()) throw NotAsWritten{};
    }

    static std::string text_in(const json::value& value) {
        const json::string* text = value.if_string();
        if (text == nullptr) throw NotAsWritten{};
        return {text->data(), text->size()};
    }
    static std::optional<std::string> optional_text_in(const json::value& value) {
        if (value.is_null()) return std::nullopt;
        return text_in(value);
    }
    static bool flag_in(const json::value& value) {
        const bool* flag = value.if_bool();
        if (flag == nullptr) throw NotAsWritten{};
        return *flag;
    }
    static std::uint64_t number_in(const json::value& value) {
        json::error_code failed;
        const auto number = value.to_number<std::uint64_t>(failed);
        if (failed) throw NotAsWritten{};
        return number;
    }
    static const json::array& array_in(const json::value& value) {
        const json::array* array = value.if_array();
        if (array == nullptr) throw NotAsWritten{};
        return *array;
    }

private:
    const json::object* object_;
    std::size_t read_ = 0;
};

Command::Statement read_statement(const json::value& value) {
    Members members{value};
    Command::Statement statement;
    statement.sql = members.text("sql");
    for (const json::value& item : members.array("parameters")) {
        Members parameter{item};
        statement.parameters.push_back(
            {Members::optional_text_in(parameter.at("value")), parameter.flag("binary")});
        parameter.all_read();
    }
    if (const json::value* size = members.find("sql_size"))
        statement.sql_size = static_cast<std::size_t>(Members::number_in(*size));
    members.all_read();
    return statement;
}

policy::Preview read_preview(const json::value& value) {
    Members members{value};
    policy::Preview preview;
    preview.mode = there(policy::parse_preview_mode(members.text("mode")));
    preview.text = members.text("text");
    preview.failed = members.flag("failed");
    members.all_read();
    return preview;
}

Command read_command_in(const json::value& value) {
    Members members{value};
    Command command;
    command.form = there(policy::parse_command_form(members.text("form")));
    command.database = members.text("database");
    for (const json::value& item : members.array("statements"))
        command.statements.push_back(read_statement(item));
    if (const auto session = Members::optional_text_in(members.at("session")))
        command.session = there(SessionId::parse(*session));
    command.why_asked = members.text("why_asked");
    if (const json::value* preview = members.find("preview")) command.preview = read_preview(*preview);
    if (const json::value* is_brief = members.find("brief")) command.brief = Members::flag_in(*is_brief);
    members.all_read();
    return command;
}

CommandResult::Part read_part(const json::value& value) {
    Members members{value};
    CommandResult::Part part;
    part.tag = members.text("tag");
    for (const json::value& column : members.array("columns"))
        part.columns.push_back(Members::text_in(column));
    for (const json::value& values : members.array("rows")) {
        auto& row = part.rows.emplace_back();
        for (const json::value& item : Members::array_in(values))
            row.push_back(Members::optional_text_in(item));
    }
    part.rows_in_all = members.number("rows_in_all");
    members.all_read();
    return part;
}

CommandResult read_result_in(const json::value& value) {
    Members members{value};
    CommandResult result;
    result.outcome = there(policy::parse_command_outcome(members.text("outcome")));
    for (const json::value& part : members.array("parts"))
        result.parts.push_back(read_part(part));
    for (const json::value& notice : members.array("notices"))
        result.notices.push_back(Members::text_in(notice));
    result.sqlstate = members.text("sqlstate");
    result.message = members.text("message");
    result.cut = members.flag("cut");
    result.ended_at = there(parse_utc(members.text("ended_at")));
    if (const json::value* is_brief = members.find("brief")) result.brief = Members::flag_in(*is_brief);
    members.all_read();
    return result;
}

template <class Read>
auto read_document(std::string_view text, std::string_view request, Read read) {
    json::error_code failed;
    const json::value document = json::parse(json::string_view{text.data(), text.size()}, failed);
    try {
        if (!failed) return read(document);
    } catch (const NotAsWritten&) {
    }
    throw std::runtime_error("The store holds a command that cannot be read, of '" + printable(request) +
                             "'; somebody changed it by hand, or a newer curfewd wrote it");
}

}  // namespace

std::string to_json(const Command& command) {
    json::array statements;
    for (const Command::Statement& statement : command.statements)
        statements.push_back(json_of(statement));
    json::object object{{"form", to_string(command.form)},
                        {"database", command.database},
                        {"statements", std::move(statements)},
                        {"session", nullptr},
                        {"why_asked", command.why_asked}};
    if (command.session) object["session"] = command.session->text();
    if (const auto& preview = command.preview) {
        object["preview"] = json::object{
            {"mode", to_string(preview->mode)}, {"text", preview->text}, {"failed", preview->failed}};
    }
    if (command.brief) object["brief"] = true;
    return json::serialize(object);
}

std::string to_json(const CommandResult& result) {
    json::array parts;
    for (const CommandResult::Part& part : result.parts)
        parts.push_back(json_of(part));
    json::array notices;
    for (const std::string& notice : result.notices)
        notices.emplace_back(notice);
    json::object object{{"outcome", to_string(result.outcome)},
                        {"parts", std::move(parts)},
                        {"notices", std::move(notices)},
                        {"sqlstate", result.sqlstate},
                        {"message", result.message},
                        {"cut", result.cut},
                        {"ended_at", format_utc(result.ended_at)}};
    if (result.brief) object["brief"] = true;
    return json::serialize(object);
}

Command read_command(std::string_view json, std::string_view request) {
    return read_document(json, request, read_command_in);
}

CommandResult read_command_result(std::string_view json, std::string_view request) {
    return read_document(json, request, read_result_in);
}

}  // namespace curfew::store
