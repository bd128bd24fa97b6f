// Making somebody an administrator of a Curfew that has none who could sign in.
#pragma once

#include <string>

#include "base/result.hpp"
#include "workflow/registry.hpp"

namespace curfew::workflow {

// Makes `user` a user, if there is none of this name, and a member of `administrators`, as live objects. On
// the control thread. conflict: the configuration file declares that group; the message says whom it names.
Awaitable<Result<void>> make_administrator(Registry& registry, std::string user);

}  // namespace curfew::workflow
