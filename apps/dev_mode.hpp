// `curfewd dev`: a node to try things out with, in front of a PostgreSQL that is there already.
#pragma once

#include "apps/dev_options.hpp"
#include "base/result.hpp"

namespace curfew::apps {

// Runs until Ctrl-C. What it keeps is in a temporary directory that goes with it. The error says why it could
// not start.
Result<void> run_dev_mode(const DevOptions& options);

}  // namespace curfew::apps
