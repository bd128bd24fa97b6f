// Whom an operation is for, and what it asks of a token.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "identity/principal.hpp"

namespace curfew::api {

using identity::Principal;
using identity::Scope;

enum class Access {
    anyone,         // whoever reaches the server
    person,         // whoever proves who they are; the operation shows and does only what is theirs
    auditor,        // members of `auditors`, and administrators
    administrator,  // members of `administrators`, and the Unix socket's peer
};
std::string_view to_string(Access access);

struct Requirement {
    Access access = Access::administrator;
    // Of these a token needs one; with none, no token will do. A sign-in and the socket have all of them.
    std::vector<Scope> scopes = {};
};

// An error where `principal` may not: `forbidden`, and why. For operations that are not for anyone.
std::optional<Error> why_not(const Principal& principal, const Requirement& requirement);

}  // namespace curfew::api
