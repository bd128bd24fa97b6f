// The store's clock on one host: wall-clock time that never goes backwards.
#pragma once

#include <chrono>

#include "base/clock.hpp"

namespace curfew::store {

// One reading of the store's clock.
struct StoreTime {
    std::chrono::sys_time<Duration> wall;
    // This machine's boot clock when the store's clock showed `wall`, or a little before.
    BootInstant boot;

    // In whole milliseconds, as it is kept; never later than `wall`.
    WallInstant in_milliseconds() const {
        return std::chrono::time_point_cast<WallInstant::duration>(
            std::chrono::floor<WallInstant::duration>(wall));
    }
};

// Follows the host's wall clock forwards, wherever that goes, and never back: from each reading on it counts
// at least as fast as CLOCK_BOOTTIME. So setting the wall clock back neither lengthens what is live nor
// revives what has ended; what was ahead stays ahead. Not thread-safe.
class StoreClock {
public:
    // `no_earlier_than`: how far the store's clock is known to have come before. `clock` must stay valid.
    explicit StoreClock(const Clock& clock, WallInstant no_earlier_than = {});

    StoreTime now() noexcept;

    // How far the store's clock is ahead of the host's wall clock: about zero, unless that was set back.
    Duration ahead_of_wall() noexcept;

private:
    const Clock& clock_;
    // The greatest seen of (wall clock - boot clock). Only ever grows.
    Duration offset_;
    std::chrono::sys_time<Duration> last_;
};

}  // namespace curfew::store
