// Whether what somebody wants to be run can be shown to those who decide, and be run as they saw it. Pure.
#pragma once

#include <optional>

#include "base/result.hpp"
#include "policy/command.hpp"

namespace curfew::policy {

// invalid: it is not whole, not text, too large to be read, or not what its form has. nullopt: none of that.
std::optional<Error> wrong_command(const Command& command);

}  // namespace curfew::policy
