// `curfew sessions` and `curfew kill`.
#pragma once

#include <string>

#include "cli/output.hpp"

namespace curfew::cli {

ExitCode list_sessions(const Context& context);
ExitCode list_past_sessions(const Context& context);
ExitCode kill_session(const Context& context, const std::string& id);

}  // namespace curfew::cli
