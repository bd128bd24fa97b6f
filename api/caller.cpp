#include "api/caller.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace curfew::api {

std::string_view to_string(Scope scope) {
    switch (scope) {
        case Scope::read:
            return "read";
        case Scope::request:
            return "request";
        case Scope::review:
            return "review";
        case Scope::admin:
            return "admin";
    }
    return "unknown";
}

std::string to_string(const Scopes& scopes) {
    std::string text;
    for (const Scope scope : all_scopes) {
        if (scopes.has(scope)) text.append(text.empty() ? "" : ", ").append(to_string(scope));
    }
    return text.empty() ? "none" : text;
}

std::string_view to_string(Via via) {
    switch (via) {
        case Via::socket:
            return "socket";
        case Via::cookie:
            return "cookie";
        case Via::token:
            return "token";
    }
    return "unknown";
}

std::string_view to_string(Access access) {
    switch (access) {
        case Access::anyone:
            return "anyone";
        case Access::person:
            return "person";
        case Access::administrator:
            return "administrator";
    }
    return "unknown";
}

bool Caller::is_in(std::string_view group) const {
    return std::find(groups.begin(), groups.end(), group) != groups.end();
}

std::optional<Error> why_not(const Caller& caller, const Requirement& requirement) {
    if (requirement.access == Access::administrator && !caller.administrator) {
        return Error{ErrorCode::forbidden, "Only an administrator may do this"};
    }
    if (caller.via != Via::token || caller.scopes.shares_one_with(requirement.scopes)) return std::nullopt;
    if (requirement.scopes.empty()) {
        return Error{ErrorCode::forbidden, "This takes a person's own sign-in, not a token"};
    }
    return Error{ErrorCode::forbidden, fmt::format("The token's scopes ({}) do not allow this; it takes: {}",
                                                   to_string(caller.scopes), to_string(requirement.scopes))};
}

}  // namespace curfew::api
