#include "policy/grant.hpp"

#include "base/text.hpp"
#include "policy/words.hpp"

namespace curfew::policy {
namespace {

constexpr std::string_view group_prefix = "group:";
constexpr std::size_t longest_name = 63;

constexpr Words<GrantUse, 4> uses{{
    {GrantUse::sessions, "sessions"},
    {GrantUse::commands, "commands"},
    {GrantUse::script, "script"},
    {GrantUse::preview, "preview"},
}};

}  // namespace

std::string to_string(const Subject& subject) {
    switch (subject.kind) {
        case Subject::Kind::user:
            return subject.name;
        case Subject::Kind::group:
            return std::string{group_prefix} + subject.name;
        case Subject::Kind::everyone:
            return "*";
    }
    return {};
}

Result<Subject> parse_subject(std::string_view text) {
    if (text == "*") return Subject{Subject::Kind::everyone, {}};
    const bool group = text.starts_with(group_prefix);
    const auto name = group ? text.substr(group_prefix.size()) : text;
    if (name.empty() || name.size() > longest_name || name.find('\0') != std::string_view::npos) {
        return Error{
            ErrorCode::invalid,
            "'" + printable(text, 80) + "' names nobody; write a user (alice), a group (group:dba) or *"};
    }
    return Subject{group ? Subject::Kind::group : Subject::Kind::user, std::string{name}};
}

std::string_view to_string(GrantUse use) {
    return word_of(uses, use);
}
std::optional<GrantUse> parse_grant_use(std::string_view text) {
    return value_of(uses, text);
}

std::string_view to_string(GrantState state) {
    switch (state) {
        case GrantState::upcoming:
            return "upcoming";
        case GrantState::active:
            return "active";
        case GrantState::ended:
            return "ended";
        case GrantState::revoked:
            return "revoked";
    }
    return "ended";
}

}  // namespace curfew::policy
