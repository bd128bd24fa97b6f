// Sizes as people write them: `64KiB`, `1MiB`, `50GiB`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace curfew {

// A number of bytes, alone or with one of the units B, KiB, MiB, GiB and TiB (powers of 1024) right behind
// it. No sign, no blanks, no fractions, none of the units that mean 1000 to some and 1024 to others.
Result<std::uint64_t> parse_byte_size(std::string_view text);

// The shortest text that parse_byte_size reads back: `64KiB`, `1MiB`, `1000B`.
std::string format_byte_size(std::uint64_t bytes);

}  // namespace curfew
