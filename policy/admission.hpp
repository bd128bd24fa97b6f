// The decision: may this person use this resource now, until when, and does that still hold?
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "policy/directory.hpp"
#include "policy/end_cause.hpp"
#include "policy/grant.hpp"

namespace curfew::policy {

// The live grants of a node. Immutable once built; shared between threads as a whole. Of thousands one
// changes at a time, so that what follows from another shares with it all that stayed the same.
class Grants {
public:
    Grants() = default;
    explicit Grants(std::vector<LiveGrant> grants);

    // These with `grant` added, in the place of the one of its identifier if there is one.
    Grants with(LiveGrant grant) const;
    Grants without(const GrantId& id) const;

    const LiveGrant* find(const GrantId& id) const;
    // The grants on one resource, in no particular order.
    std::vector<const LiveGrant*> on_resource(std::string_view resource) const;
    // In the order in which they were added.
    const std::vector<std::shared_ptr<const LiveGrant>>& all() const noexcept { return grants_; }

private:
    std::vector<std::shared_ptr<const LiveGrant>> grants_;
    std::vector<const LiveGrant*> by_id_;        // in that order
    std::vector<const LiveGrant*> by_resource_;  // in that order
};

// What somebody wants to open.
struct Attempt {
    std::string_view user;
    std::string_view resource;
    bool replication = false;
    const GrantId* only = nullptr;  // whose credential was used, or whose script runs: no other grant will do
    bool store_away = false;        // only what outlives the store will do
};

struct Admitted {
    const LiveGrant* grant;  // belongs to the Grants that were asked
};

enum class Refusal {
    unknown_user,         // not in the configuration
    no_grant,             // nothing covers (user, resource), or what did has ended
    not_yet,              // a grant covers it, but its window has not begun
    replication_refused,  // a grant covers it, but not for replication connections
};
std::string_view to_string(Refusal refusal);

// May this attempt be admitted at `now`? Of several grants that cover it, one for sessions is taken before
// one for commands, and of the same use the one that ends last. One for a script covers only the node that
// runs it, which asks for it by name (`only`).
std::variant<Admitted, Refusal> admit(const Attempt& attempt, const Directory& directory,
                                      const Grants& grants, BootInstant now);

// Of the grants that cover the attempt at `now` and have a credential of their own, the one that ends last:
// whose credential a client has to use. nullptr: none has.
const LiveGrant* grant_with_credential(const Attempt& attempt, const Directory& directory,
                                       const Grants& grants, BootInstant now);

// A live session's right, judged anew after grants or configuration changed: its deadline as it now stands,
// or why it must end at once. A session stands and falls with the grant it was admitted under.
std::variant<BootInstant, EndCause> reassess(const Attempt& session, const GrantId& grant,
                                             const Directory& directory, const Grants& grants,
                                             BootInstant now);

}  // namespace curfew::policy
