// `curfew doctor`: what is wrong with a resource's PostgreSQL.
#pragma once

#include <string>

#include "cli/output.hpp"

namespace curfew::cli {

// Shows each finding with its remedy. `findings` where there is one, of whatever severity.
ExitCode examine(const Context& context, const std::string& resource);

}  // namespace curfew::cli
