// Text that came from outside, made safe to show.
#pragma once

#include <string>
#include <string_view>

namespace curfew {

// `text` as one printable line for a log, a terminal or an error message: valid UTF-8 is kept; control
// characters, DEL, invalid bytes and bidirectional overrides become `\xNN`. Cut at `limit` bytes of input,
// with an ellipsis.
std::string printable(std::string_view text, std::size_t limit = 200);

// The same for text of several lines, such as a list of problems: its line breaks are kept.
std::string printable_lines(std::string_view text, std::size_t limit = 16'000);

}  // namespace curfew
