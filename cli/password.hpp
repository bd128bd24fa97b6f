// Passwords, read without showing them.
#pragma once

#include <string>

#include "base/secret.hpp"
#include "cli/exit_code.hpp"

namespace curfew::cli {

// From a terminal: asked for twice on standard error, not echoed; the terminal is put back as it was whatever
// signal comes. From anything else: one line of standard input.
Outcome<Secret> read_new_password();

}  // namespace curfew::cli
