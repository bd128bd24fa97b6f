// `curfew admin export` and `apply`: all that is kept live, as a file, and back.
#pragma once

#include <string>

#include "cli/output.hpp"

namespace curfew::cli {

// The live users, groups, resources and rules, as YAML that the configuration file could hold. No secret is
// in it: only where curfewd finds them.
ExitCode export_live(const Context& context);

// Makes what the file names and is not there yet, and changes what is there and differs. Deletes nothing.
// Stops at the first that is refused: what came before it stays. `path`: `-` for standard input.
ExitCode apply_file(const Context& context, const std::string& path);

}  // namespace curfew::cli
