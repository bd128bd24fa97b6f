// `curfew rules explain`: which rule decides what.
#pragma once

#include <string>

#include "cli/output.hpp"

namespace curfew::cli {

// `user` empty: oneself. `type`: `jit` or `command`.
ExitCode explain_rules(const Context& context, const std::string& user, const std::string& resource,
                       const std::string& type);
// What one may ask for.
ExitCode list_catalogue(const Context& context);

}  // namespace curfew::cli
