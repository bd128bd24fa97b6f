// Which statements may run without anybody's approval. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "sql/statement.hpp"

namespace curfew::sql {

// `public.orders`, `analytics.*` or `orders`. The last is for statements that name no schema either: which
// table they mean is for search_path to say.
struct ObjectPattern {
    std::string schema;
    std::string name;  // `*`: all of the schema

    bool matches(const ObjectReference& reference) const;
    bool operator==(const ObjectPattern&) const = default;
};
std::string to_string(const ObjectPattern& pattern);
// Names are written as PostgreSQL keeps them: lower case, as a rule, and without quotes. invalid: it is none.
Result<ObjectPattern> parse_object_pattern(std::string_view text);

struct AllowedStatements {
    std::vector<ObjectPattern> select;     // tables and views that may be read
    std::vector<ObjectPattern> functions;  // that may be called there, beside those that only compute

    bool operator==(const AllowedStatements&) const = default;
};

// nullopt: it may run without asking. Else why not, for people: a sentence's end ("it reads public.people").
// Transaction control always may, and so may settings and SHOWs that change nothing but what a client is
// shown.
std::optional<std::string> why_ask(const Statement& statement, const AllowedStatements& allowed);

}  // namespace curfew::sql
