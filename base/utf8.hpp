// What may be taken for text.
#pragma once

#include <cstddef>
#include <string_view>

namespace curfew {

// Well-formed UTF-8 (Unicode 15, table 3-7), of whatever characters.
bool is_utf8(std::string_view text);

// The beginning of `text`, of `at_most` bytes, or a few less where these would end within a character of
// UTF-8.
std::string_view whole_characters(std::string_view text, std::size_t at_most);

}  // namespace curfew
