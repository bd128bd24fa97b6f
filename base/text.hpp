// Text that came from outside, made safe to show; and what the standard library leaves out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace curfew {

// `text` as one printable line for a log, a terminal or an error message: valid UTF-8 is kept; control
// characters, DEL, invalid bytes and bidirectional overrides become `\xNN`. Cut at `limit` bytes of input,
// with an ellipsis.
std::string printable(std::string_view text, std::size_t limit = 200);

// The same for text of several lines, such as a list of problems: its line breaks are kept.
std::string printable_lines(std::string_view text, std::size_t limit = 16'000);

// All of `text`, such as SQL, for whoever decides whether it may run: as printable, with its line breaks and
// tabs. What is drawn as nothing, or as a blank that is no space of ASCII, becomes `\xNN` too: it would read
// as something else than what runs.
std::string printable_code(std::string_view text);

// Letters of ASCII made small, whatever the locale; all else as it is.
std::string lower_case(std::string_view text);

bool contains(const std::vector<std::string>& texts, std::string_view text);

}  // namespace curfew
