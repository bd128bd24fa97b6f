// Instants as people type them.
#pragma once

#include <string_view>

#include "base/clock.hpp"
#include "cli/exit_code.hpp"

namespace curfew::cli {

// `18:00` (the next time that it is), `2026-11-25 18:00`, both in the reader's zone, or
// `2026-11-25T17:00:00Z`. usage: it is none of these, or does not exist in that zone's calendar.
Outcome<WallInstant> parse_instant(std::string_view text, WallInstant now);

// The same of what was: `18:00` is the last time that it was. And `2h`, so long ago; `2026-11-25`, when that
// day began.
Outcome<WallInstant> parse_past_instant(std::string_view text, WallInstant now);

}  // namespace curfew::cli
