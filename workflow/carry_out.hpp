// The last step of every decision, whoever made it: what changed is said, and the node acts on it.
#pragma once

#include <vector>

#include "store/requests.hpp"
#include "workflow/enforcement.hpp"

namespace curfew::workflow {

// Logs each request that changed (`request.changed`), and has the node act on the grants that changed with
// them and on `grants`. Returns as Enforcement::grants_changed does.
Awaitable<void> carry_out(Enforcement& enforcement, std::vector<store::ChangedRequest> changed,
                          std::vector<store::GrantCountdown> grants);
Awaitable<void> carry_out(Enforcement& enforcement, std::vector<store::ChangedRequest> changed);

}  // namespace curfew::workflow
