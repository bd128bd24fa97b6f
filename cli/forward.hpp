// `curfew connect --local-port`: lets other programs in, without a password, for as long as the access lasts.
#pragma once

#include <memory>

#include "cli/access.hpp"
#include "cli/forwarder.hpp"
#include "cli/output.hpp"

namespace curfew::cli {

// Until the grant is over (access_ended) or a signal ends it (ok). Prints where it listens.
ExitCode forward(const Context& context, const Access& access, Forwarder::Settings settings);

}  // namespace curfew::cli
