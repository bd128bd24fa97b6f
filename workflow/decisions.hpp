// From what the policy says of a request to what the store writes: the request's next state, and what becomes
// of its grant. Pure; the functions that come out of here run on the store's thread, inside its transaction.
#pragma once

#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "policy/lifecycle.hpp"
#include "store/requests.hpp"
#include "workflow/rulebook.hpp"

namespace curfew::workflow {

// What goes with a request that the policy has moved on from `before` (nullptr: it is new) to `next`: access
// of type jit that was approved gives a grant, an extension that was approved moves the end of its grant, a
// script that is about to be run gives the grant that the node runs it under, for what is left of the time
// that was approved, and what is revoked is revoked.
store::RequestChange consequences(const policy::Request* before, policy::Request next, WallInstant now);

// One event, judged by the policy.
Result<store::RequestChange> decide(const Rulebook& rulebook, const policy::Request& request,
                                    const std::optional<store::GrantCountdown>& grant, WallInstant now,
                                    const policy::Event& event);
// What taking it back means for a request of this status.
policy::Event taking_back(const policy::Request& request, std::string by, std::string comment);

// `resource` may be empty where a grant is to be extended: it is that grant's.
store::MakeRequest to_submit(RulebookPtr rulebook, std::string resource, policy::Wish wish);
store::ChangeRequest to_apply(RulebookPtr rulebook, policy::Event event);
// Withdraws or takes back, whichever the request's status asks for.
store::ChangeRequest to_revoke(RulebookPtr rulebook, std::string by, std::string comment);
// The same, with where whoever does it came from (as Actor's), for the record.
store::MakeRequest coming_from(std::string from, store::MakeRequest make);
store::ChangeRequest coming_from(std::string from, store::ChangeRequest change);
// What does not stand any more under this rulebook ends.
store::ReconsiderRequest to_reconsider(RulebookPtr rulebook);
// Requests that nobody decided in time, and windows that have passed.
store::ReconsiderRequest to_settle(RulebookPtr rulebook);

}  // namespace curfew::workflow
