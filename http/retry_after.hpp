// How long a server asks to be left alone.
#pragma once

#include <optional>
#include <string_view>

#include "base/clock.hpp"

namespace curfew::http {

// The header Retry-After: a number of seconds, or a date of HTTP (RFC 9110, 10.2.3); not below zero, a year
// at most. nullopt: it is neither.
std::optional<Duration> parse_retry_after(std::string_view text, WallInstant now);

}  // namespace curfew::http
