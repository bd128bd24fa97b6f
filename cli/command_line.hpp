// The `curfew` command.
#pragma once

namespace curfew::cli {

// Reads the command line, does what it says, and gives the process's exit code (exit_code.hpp).
int run(int argc, const char* const* argv);

}  // namespace curfew::cli
