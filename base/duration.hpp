// Durations as people write them: `10m`, `2h`, `1h30m`, `24h`, `500ms`.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace curfew {

// Parses one or more NUMBER+UNIT terms, units `d h m s ms`, each at most once and in falling order
// (`1h30m`, not `30m1h`). Positive, at most 366 days. No sign, no blanks, no bare number: `90` could mean
// seconds or minutes, and a wrong guess is an overstay.
Result<Duration> parse_duration(std::string_view text);

// The shortest text that parse_duration reads back, to the second (`2h`, `1h30m`, `45s`); below a second, in
// milliseconds. Zero and below give `0s`.
std::string format_duration(Duration duration);

}  // namespace curfew
