#include "sql/allowed_statements.hpp"

#include <algorithm>
#include <array>

#include "sql/safe_functions.hpp"

namespace curfew::sql {
namespace {

// What drivers set by themselves, and what changes nothing but what a client is shown and how long it waits.
constexpr std::array harmless_settings{
    std::string_view{"application_name"},    std::string_view{"bytea_output"},
    std::string_view{"client_min_messages"}, std::string_view{"datestyle"},
    std::string_view{"extra_float_digits"},  std::string_view{"idle_in_transaction_session_timeout"},
    std::string_view{"intervalstyle"},       std::string_view{"lock_timeout"},
    std::string_view{"statement_timeout"},   std::string_view{"timezone"},
};

template <class Patterns>
bool any_matches(const Patterns& patterns, const ObjectReference& reference) {
    return std::any_of(patterns.begin(), patterns.end(),
                       [&](const ObjectPattern& pattern) { return pattern.matches(reference); });
}

std::string in_text(const ObjectReference& reference) {
    return reference.schema.empty() ? reference.name : reference.schema + "." + reference.name;
}

bool is_utf8_name(std::string_view encoding) {
    std::string name;
    for (const char c : encoding) {
        if (c != '-' && c != '_') name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return name == "UTF8" || name == "UNICODE";
}

std::optional<std::string> why_ask_of_setting(const Statement& statement) {
    const bool harmless = std::find(harmless_settings.begin(), harmless_settings.end(),
                                    statement.parameter) != harmless_settings.end();
    // In another encoding a quote may be half of a character, and the statement another than it seems.
    const bool stays_utf8 = statement.parameter == "client_encoding" && is_utf8_name(statement.value);
    if (harmless || stays_utf8) return std::nullopt;
    return "it sets " + statement.parameter;
}

std::optional<std::string> why_ask_of_select(const Statement& statement, const AllowedStatements& allowed) {
    for (const ObjectReference& relation : statement.relations) {
        if (!any_matches(allowed.select, relation)) return "it reads " + in_text(relation);
    }
    for (const ObjectReference& function : statement.functions) {
        const bool own = function.schema.empty() || function.schema == "pg_catalog";
        if (own && only_computes(function.name)) continue;
        if (!any_matches(allowed.functions, function)) return "it calls " + in_text(function) + "()";
    }
    return std::nullopt;
}

bool is_name(std::string_view text) {
    constexpr std::size_t longest = 63;
    return !text.empty() && text.size() <= longest && text.find('"') == std::string_view::npos &&
           text.find_first_of(std::string_view{"\0 \t\r\n", 5}) == std::string_view::npos;
}

}  // namespace

bool ObjectPattern::matches(const ObjectReference& reference) const {
    return schema == reference.schema && (name == reference.name || (name == "*" && !schema.empty()));
}

std::string to_string(const ObjectPattern& pattern) {
    return in_text({pattern.schema, pattern.name});
}

Result<ObjectPattern> parse_object_pattern(std::string_view text) {
    const auto dot = text.find('.');
    ObjectPattern pattern;
    if (dot == std::string_view::npos) {
        pattern.name = text;
    } else {
        pattern.schema = text.substr(0, dot);
        pattern.name = text.substr(dot + 1);
    }
    // A `*` that stands for part of a name, or for all schemas, would match nothing: PostgreSQL has few such
    // names.
    const bool all_of_schema = dot != std::string_view::npos && pattern.name == "*";
    const bool has_star = pattern.schema.find('*') != std::string::npos ||
                          (pattern.name.find('*') != std::string::npos && !all_of_schema);
    const bool schema_is_one = dot == std::string_view::npos || is_name(pattern.schema);
    if (!schema_is_one || has_star || !is_name(pattern.name) || pattern.name.find('.') != std::string::npos) {
        return Error{ErrorCode::invalid, "'" + std::string{text} +
                                             "' is no name of a table or function; write public.orders, "
                                             "analytics.* or orders, as PostgreSQL keeps the names"};
    }
    return pattern;
}

std::optional<std::string> why_ask(const Statement& statement, const AllowedStatements& allowed) {
    switch (statement.kind) {
        case StatementKind::transaction_control:
        case StatementKind::show:
            return std::nullopt;
        case StatementKind::setting:
            return why_ask_of_setting(statement);
        case StatementKind::select:
            return why_ask_of_select(statement, allowed);
        case StatementKind::other:
            break;
    }
    return statement.why_not;
}

}  // namespace curfew::sql
