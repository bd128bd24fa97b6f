// What may be taken for text.
#pragma once

#include <string_view>

namespace curfew {

// Well-formed UTF-8 (Unicode 15, table 3-7), of whatever characters.
bool is_utf8(std::string_view text);

}  // namespace curfew
