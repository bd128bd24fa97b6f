#include "notify/backoff.hpp"

#include <algorithm>

namespace curfew::notify {

Duration pause_after(std::uint64_t attempt, double chance) {
    constexpr std::uint64_t most_doublings = 16;
    const std::uint64_t doublings = std::min(attempt > 0 ? attempt - 1 : 0, most_doublings);
    const Duration whole = std::min<Duration>(first_pause * (std::int64_t{1} << doublings), longest_pause);
    return whole / 2 + std::chrono::duration_cast<Duration>(whole / 2 * std::clamp(chance, 0.0, 1.0));
}

std::optional<Duration> next_pause(std::uint64_t attempt, Duration trying_for, std::optional<Duration> asked,
                                   double chance) {
    Duration pause = pause_after(attempt, chance);
    if (asked) pause = std::clamp(*asked, Duration::zero(), longest_asked_pause);
    if (trying_for + pause > longest_trying) return std::nullopt;
    return pause;
}

}  // namespace curfew::notify
