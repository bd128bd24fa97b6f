// When to try again what could not be delivered. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/clock.hpp"

namespace curfew::notify {

inline constexpr Duration first_pause = std::chrono::seconds{5};
inline constexpr Duration longest_pause = std::chrono::minutes{15};
// The longest that another side may have us wait.
inline constexpr Duration longest_asked_pause = std::chrono::hours{1};
// Since it was to be sent: then it is given up.
inline constexpr Duration longest_trying = std::chrono::hours{24};

// The pause behind the attempt of this number, from 1: doubled each time, and of that a part between a half
// and all, so that what failed together does not come back together. `chance`: from 0 to 1.
Duration pause_after(std::uint64_t attempt, double chance);

// nullopt: it has been tried for long enough. `trying_for`: since it was to be sent; `asked`: what the other
// side asked for.
std::optional<Duration> next_pause(std::uint64_t attempt, Duration trying_for, std::optional<Duration> asked,
                                   double chance);

}  // namespace curfew::notify
