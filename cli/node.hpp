// `curfew status`, `curfew nodes` and `curfew reload`.
#pragma once

#include "cli/output.hpp"

namespace curfew::cli {

// ExitCode::failed where the node is there but takes no new sessions.
ExitCode show_status(const Context& context);
ExitCode list_nodes(const Context& context);
ExitCode reload(const Context& context);

}  // namespace curfew::cli
