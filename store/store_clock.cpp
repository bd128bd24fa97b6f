#include "store/store_clock.hpp"

#include <algorithm>

namespace curfew::store {
namespace {

Duration between(BootInstant boot, std::chrono::sys_time<Duration> wall) {
    return wall.time_since_epoch() - boot.time_since_epoch();
}

}  // namespace

StoreClock::StoreClock(const Clock& clock, WallInstant no_earlier_than)
    : clock_{clock}, offset_{}, last_{std::max(clock.wall_now(), no_earlier_than)} {
    offset_ = between(clock.boot_now(), last_);
}

StoreTime StoreClock::now() noexcept {
    // Two clocks cannot be read at once. The wall clock's reading lies between two of the boot clock: the
    // later one gives an offset that is not too large, so the store's clock does not run ahead by itself; the
    // earlier one is what is told, so that what is counted from it is not late.
    const BootInstant before = clock_.boot_now();
    const WallInstant wall = clock_.wall_now();
    const BootInstant after = clock_.boot_now();
    offset_ = std::max(offset_, between(after, wall));
    const std::chrono::sys_time<Duration> counted{before.time_since_epoch() + offset_};
    last_ = std::max({std::chrono::sys_time<Duration>{wall}, counted, last_});
    return {last_, before};
}

Duration StoreClock::ahead_of_wall() noexcept {
    return now().wall - std::chrono::sys_time<Duration>{clock_.wall_now()};
}

}  // namespace curfew::store
