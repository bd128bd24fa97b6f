// Instants as text: UTC (RFC 3339) in data, the reader's zone for people.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace curfew {

// `2026-11-24T14:05:00Z`, with milliseconds only where there are any (`…:00.250Z`). RFC 3339, always UTC.
std::string format_utc(WallInstant instant);

// Reads what format_utc writes; nullopt for anything else.
std::optional<WallInstant> parse_utc(std::string_view text);

// `2026-11-24 15:05:00 CET`: in this process's time zone (TZ), for people.
std::string format_local(WallInstant instant);

// `text` with the instants in it that format_utc wrote as format_local writes them.
std::string with_local_times(std::string_view text);

}  // namespace curfew
