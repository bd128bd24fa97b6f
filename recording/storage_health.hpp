// Whether what is recorded gets to where it has to be in time.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <optional>

#include "base/clock.hpp"

namespace curfew::recording {

// Told by whoever brings recordings to where they are kept, asked by whoever records. Thread-safe,
// without locks.
class StorageHealth {
public:
    // `max_delay`: how long what was recorded may take to get there; nullopt: it is there at once.
    explicit StorageHealth(std::optional<Duration> max_delay = std::nullopt) noexcept
        : max_delay_{max_delay} {}

    // The oldest of what is not there yet was recorded then; nullopt: all of it is there.
    void set_oldest(std::optional<BootInstant> recorded) noexcept {
        oldest_.store(recorded ? recorded->time_since_epoch().count() : none, std::memory_order_release);
    }
    // For how long the oldest has been under way; zero: nothing is.
    Duration delay(BootInstant now) const noexcept {
        const auto oldest = oldest_.load(std::memory_order_acquire);
        if (oldest == none) return Duration::zero();
        return std::max(Duration::zero(), now - BootInstant{Duration{oldest}});
    }
    // Longer than it may take: the storage counts as failed.
    bool failed(BootInstant now) const noexcept { return max_delay_ && delay(now) > *max_delay_; }

private:
    static constexpr BootInstant::rep none = INT64_MIN;

    const std::optional<Duration> max_delay_;
    std::atomic<BootInstant::rep> oldest_{none};
};

}  // namespace curfew::recording
