// `curfewd run --config FILE`.
#pragma once

#include <iosfwd>
#include <string>

#include "base/result.hpp"

namespace curfew::apps {

// Runs a node until it is told to stop. Every problem of the file goes to `err`, a line each; the error sums
// up why the node did not start.
Result<void> run_node(const std::string& config_file, std::ostream& err);

}  // namespace curfew::apps
