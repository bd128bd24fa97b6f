#include "sql/parse.hpp"

#include <pg_query.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/system/error_code.hpp>
#include <string>
#include <utility>

#include "base/utf8.hpp"
#include "sql/safe_functions.hpp"
#include "sql/select_reading.hpp"

namespace curfew::sql {
namespace {

namespace json = boost::json;

// A level of SQL is several of the tree, each of which is gone through by calls.
constexpr std::size_t deepest_tree = 1000;

class ParserAnswer {
public:
    explicit ParserAnswer(const char* text) : answer_{pg_query_parse(text)} {}
    ~ParserAnswer() { pg_query_free_parse_result(answer_); }
    ParserAnswer(const ParserAnswer&) = delete;
    ParserAnswer& operator=(const ParserAnswer&) = delete;
    const PgQueryError* error() const noexcept { return answer_.error; }
    std::string_view tree() const { return answer_.parse_tree == nullptr ? "" : answer_.parse_tree; }

private:
    PgQueryParseResult answer_;
};

std::string_view member_text(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    return value != nullptr && value->is_string() ? std::string_view{value->get_string()}
                                                  : std::string_view{};
}

std::size_t member_number(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    const bool counts = value != nullptr && value->is_int64() && value->get_int64() > 0;
    return counts ? static_cast<std::size_t>(value->get_int64()) : 0;
}

void other(Statement& statement, std::string why) {
    statement.kind = StatementKind::other;
    statement.why_not = std::move(why);
}

void read_transaction(Statement& statement, const json::object& members) {
    constexpr std::array within_a_session{
        std::string_view{"TRANS_STMT_BEGIN"},      std::string_view{"TRANS_STMT_START"},
        std::string_view{"TRANS_STMT_COMMIT"},     std::string_view{"TRANS_STMT_ROLLBACK"},
        std::string_view{"TRANS_STMT_SAVEPOINT"},  std::string_view{"TRANS_STMT_RELEASE"},
        std::string_view{"TRANS_STMT_ROLLBACK_TO"}};
    const auto kind = member_text(members, "kind");
    if (std::find(within_a_session.begin(), within_a_session.end(), kind) == within_a_session.end())
        return other(statement, "a prepared transaction outlives its session");
    statement.kind = StatementKind::transaction_control;
}

void read_select_into(Statement& statement, const json::object& members) {
    SelectReading reading = read_select(members);
    if (!reading.more_than_reading.empty()) return other(statement, std::move(reading.more_than_reading));
    statement.kind = StatementKind::select;
    statement.relations = std::move(reading.relations);
    statement.functions = std::move(reading.functions);
}

void read_explain(Statement& statement, const json::object& members) {
    if (members.contains("options")) return other(statement, "EXPLAIN with options may run its statement");
    const auto* query = members.if_contains("query");
    const auto* wrapped = query != nullptr ? query->if_object() : nullptr;
    const auto* select = wrapped != nullptr ? wrapped->if_contains("SelectStmt") : nullptr;
    if (select == nullptr || !select->is_object()) return other(statement, "EXPLAIN of what is no SELECT");
    read_select_into(statement, select->get_object());
}

// The one plain value that a parameter is set to; empty: none, or several.
std::string plain_value(const json::object& members) {
    const auto* args = members.if_contains("args");
    if (args == nullptr || !args->is_array() || args->get_array().size() != 1) return {};
    const auto* wrapped = args->get_array()[0].if_object();
    const auto* constant = wrapped != nullptr ? wrapped->if_contains("A_Const") : nullptr;
    if (constant == nullptr || !constant->is_object()) return {};
    const auto* text = constant->get_object().if_contains("sval");
    return text != nullptr && text->is_object() ? std::string{member_text(text->get_object(), "sval")}
                                                : std::string{};
}

void read_setting(Statement& statement, const json::object& members) {
    constexpr std::array of_one_parameter{std::string_view{"VAR_SET_VALUE"},
                                          std::string_view{"VAR_SET_DEFAULT"}, std::string_view{"VAR_RESET"}};
    const auto kind = member_text(members, "kind");
    if (std::find(of_one_parameter.begin(), of_one_parameter.end(), kind) == of_one_parameter.end())
        return other(statement, "it sets more than one parameter");
    statement.kind = StatementKind::setting;
    statement.parameter = member_text(members, "name");
    std::transform(statement.parameter.begin(), statement.parameter.end(), statement.parameter.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    statement.value = plain_value(members);
}

// `CreateTableAsStmt` as people call it: CREATE TABLE AS.
std::string in_words(std::string_view node) {
    if (node.ends_with("Stmt")) node.remove_suffix(4);
    std::string words;
    for (const char c : node) {
        const bool is_small = c >= 'a' && c <= 'z';
        if (!is_small && !words.empty()) words += ' ';
        words += is_small ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return "it is no SELECT but " + words;
}

bool may_change_prepared(std::string_view node) {
    constexpr std::array those{std::string_view{"PrepareStmt"},    std::string_view{"ExecuteStmt"},
                               std::string_view{"DeallocateStmt"}, std::string_view{"DiscardStmt"},
                               std::string_view{"DoStmt"},         std::string_view{"CallStmt"}};
    return std::find(those.begin(), those.end(), node) != those.end();
}

bool may_change_cursors(std::string_view node) {
    return may_change_prepared(node) || node == "DeclareCursorStmt" || node == "ClosePortalStmt";
}

void read_node(Statement& statement, std::string_view node, const json::object& members) {
    if (node == "TransactionStmt") return read_transaction(statement, members);
    if (node == "SelectStmt") return read_select_into(statement, members);
    if (node == "ExplainStmt") return read_explain(statement, members);
    if (node == "VariableSetStmt") return read_setting(statement, members);
    if (node == "VariableShowStmt") {
        statement.kind = StatementKind::show;
        return;
    }
    other(statement, in_words(node));
}

bool changes_rows(std::string_view node) {
    return node == "InsertStmt" || node == "UpdateStmt" || node == "DeleteStmt" || node == "MergeStmt";
}

// Why running it and rolling it back might leave something behind; empty: it would not.
std::string why_not_dry(std::string_view node, const json::object& members) {
    if (node != "SelectStmt" && !changes_rows(node)) return in_words(node);
    const SelectReading reading = node == "SelectStmt" ? read_select(members) : read_row_change(members);
    if (!reading.more_than_reading.empty()) return reading.more_than_reading;
    for (const ObjectReference& function : reading.functions) {
        const bool own = function.schema.empty() || function.schema == "pg_catalog";
        if (!own || !only_computes(function.name)) return "it calls " + function.name + "()";
    }
    return {};
}

Statement read_statement(const json::object& raw, std::size_t end_of_text) {
    Statement statement;
    statement.offset = std::min(member_number(raw, "stmt_location"), end_of_text);
    const std::size_t size = member_number(raw, "stmt_len");
    statement.size =
        size > 0 ? std::min(size, end_of_text - statement.offset) : end_of_text - statement.offset;
    other(statement, "it is not understood");
    statement.why_not_dry = statement.why_not;
    const auto* tree = raw.if_contains("stmt");
    if (tree == nullptr || !tree->is_object() || tree->get_object().size() != 1) return statement;
    const auto& node = *tree->get_object().begin();
    if (node.value().is_object()) {
        statement.why_not.clear();
        read_node(statement, node.key(), node.value().get_object());
        statement.changes_prepared = may_change_prepared(node.key());
        statement.changes_cursors = may_change_cursors(node.key());
        statement.has_plan = node.key() == "SelectStmt" || changes_rows(node.key());
        statement.why_not_dry = why_not_dry(node.key(), node.value().get_object());
    }
    return statement;
}

Error not_read(std::string message) {
    return {ErrorCode::invalid, std::move(message)};
}

}  // namespace

Result<std::vector<Statement>> parse(std::string_view text) {
    if (text.size() > longest_parsed)
        return not_read("It is longer than " + std::to_string(longest_parsed) +
                        " bytes, and so not looked into");
    if (text.find('\0') != std::string_view::npos || !is_utf8(text)) return not_read("It is not UTF-8");
    const std::string terminated{text};
    const ParserAnswer answer{terminated.c_str()};
    if (const PgQueryError* error = answer.error()) {
        return not_read(std::string{"It is not SQL as PostgreSQL 15 reads it: "} +
                        (error->message != nullptr ? error->message : "no more is known") +
                        ", at character " + std::to_string(error->cursorpos));
    }
    json::parse_options options;
    options.max_depth = deepest_tree;
    boost::system::error_code broken;
    const json::value tree = json::parse(answer.tree(), broken, {}, options);
    if (broken == json::error::too_deep) return not_read("It is nested too deeply to be looked into");
    const auto* root = broken ? nullptr : tree.if_object();
    const auto* list = root != nullptr ? root->if_contains("stmts") : nullptr;
    if (list == nullptr || !list->is_array()) return not_read("The parser's answer is not understood");
    std::vector<Statement> statements;
    for (const json::value& raw : list->get_array()) {
        if (!raw.is_object()) return not_read("The parser's answer is not understood");
        statements.push_back(read_statement(raw.get_object(), text.size()));
    }
    return statements;
}

}  // namespace curfew::sql
