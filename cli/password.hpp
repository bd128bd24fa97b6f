// Passwords, read without showing them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/secret.hpp"
#include "cli/exit_code.hpp"

namespace curfew::cli {

// From a terminal: asked for twice on standard error, not echoed; the terminal is put back as it was whatever
// signal comes. From anything else: one line of standard input.
Outcome<Secret> read_new_password();

// The same for one that exists already: `prompt` is shown once. From anything but a terminal: one line of
// standard input.
Outcome<Secret> read_password(std::string_view prompt);

// A line that is no secret, asked for on standard error. nullopt where standard input is no terminal, or
// ends.
std::optional<std::string> ask_line(std::string_view prompt);

}  // namespace curfew::cli
