// Completion scripts for shells, made from the commands and options that there are.
#pragma once

#include <string>

namespace CLI {
class App;
}  // namespace CLI

namespace curfew::cli {

enum class Shell { bash, zsh, fish };

// A script for the shell that completes what `app` knows: commands, their options, and the choices of an
// option where it has some. Files where an option takes one.
std::string completion_script(const CLI::App& app, Shell shell);

}  // namespace curfew::cli
