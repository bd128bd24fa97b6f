// Text, changed by a person in an editor of theirs.
#pragma once

#include <string>
#include <string_view>

#include "cli/exit_code.hpp"

namespace curfew::cli {

// Opens $VISUAL, or $EDITOR, on a file of its own that is named `name`, and gives what is in it afterwards.
// usage: there is no editor. failed: it ended with an error.
Outcome<std::string> edit_text(const std::string& text, std::string_view name);

}  // namespace curfew::cli
