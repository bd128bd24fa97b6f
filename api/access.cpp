#include "api/access.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace curfew::api {
namespace {

std::string names_of(const std::vector<Scope>& scopes) {
    std::string text;
    for (const Scope scope : scopes)
        text.append(text.empty() ? "" : " or ").append(identity::to_string(scope));
    return text;
}

}  // namespace

std::string_view to_string(Access access) {
    switch (access) {
        case Access::anyone:
            return "anyone";
        case Access::person:
            return "person";
        case Access::auditor:
            return "auditor";
        case Access::administrator:
            return "administrator";
    }
    return "unknown";
}

std::optional<Error> why_not(const Principal& principal, const Requirement& requirement) {
    if (requirement.access == Access::administrator && !principal.is_administrator) {
        return Error{ErrorCode::forbidden, "Only an administrator may do this"};
    }
    if (requirement.access == Access::auditor && !principal.is_auditor()) {
        return Error{ErrorCode::forbidden,
                     "Only an auditor (a member of the group 'auditors') or an administrator may do this"};
    }
    if (requirement.scopes.empty()) {
        if (principal.via != identity::Via::token) return std::nullopt;
        return Error{ErrorCode::forbidden, "This takes a person's own sign-in, not a token"};
    }
    const bool allowed = std::any_of(requirement.scopes.begin(), requirement.scopes.end(),
                                     [&](Scope scope) { return principal.scopes.has(scope); });
    if (allowed) return std::nullopt;
    return Error{ErrorCode::forbidden,
                 fmt::format("The token is for: {}; this takes: {}", identity::to_string(principal.scopes),
                             names_of(requirement.scopes))};
}

}  // namespace curfew::api
