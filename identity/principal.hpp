// Who asks, once it is known.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "identity/people.hpp"
#include "identity/scope.hpp"
#include "policy/directory.hpp"

namespace curfew::identity {

// How somebody proved who they are, with what they ask.
enum class Via {
    socket,   // the admin socket, whose other end the kernel vouches for
    sign_in,  // what a sign-in gave (the page's cookie)
    token,    // a personal access token
};
std::string_view to_string(Via via);

struct Principal {
    // The canonical name of a user. Empty for who came by the admin socket under a name that is no user's:
    // they can do what administrators do, but nothing for which one has to be somebody.
    std::string user;
    std::string
        recorded_as;  // who it was, on record: the user, or of the admin socket the user of the system
    bool is_administrator = false;
    GroupNames groups;          // all that count: the configuration's and those claimed at the provider
    GroupNames claimed_groups;  // only the latter
    Scopes scopes;
    Via via = Via::sign_in;
    std::string method;                        // how they signed in: `password`, `oidc`; empty otherwise
    std::optional<TokenId> token;              // with via token
    std::optional<WallInstant> token_made_at;  // with via token
    std::optional<WallInstant> expires_at;     // of the sign-in or the token
    std::string from;                          // as Actor's; set by whoever lets them in

    // Whether they see all that was: the sessions of others, recordings, the timeline, the audit trail.
    bool is_auditor() const { return is_administrator || groups.contains(policy::auditors); }
    // Whether they may do what needs `scope`. `admin` also needs an administrator.
    bool may(Scope scope) const noexcept {
        return scopes.has(scope) && (scope != Scope::admin || is_administrator);
    }
};

// The user of this name, as the people and the claims of this moment have them; nullopt if there is no such
// user (any more).
std::optional<Principal> principal_of(std::string_view user, const GroupNames& claimed_groups,
                                      const People& people);

// Who came by the admin socket as `system_user`: an administrator, because the operating system let them in.
// Where they are a user of Curfew as well, by name or alias, they are that user: what they ask for, they
// cannot approve.
Principal principal_of_socket(std::string_view system_user, const People& people);

}  // namespace curfew::identity
