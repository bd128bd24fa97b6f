// Telling UTF-8 from other bytes.
#pragma once

#include <cstddef>
#include <string_view>

namespace curfew::config {

// The length in bytes of the well-formed UTF-8 sequence that `text` begins with (Unicode 15, table 3-7);
// 0 if it begins with none. `text` is not empty.
std::size_t utf8_length(std::string_view text) noexcept;

}  // namespace curfew::config
