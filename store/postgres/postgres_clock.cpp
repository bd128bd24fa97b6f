#include "store/postgres/postgres_clock.hpp"

#include <algorithm>

namespace curfew::store {

StoreTime PostgresClock::read(std::chrono::sys_time<Duration> wall, BootInstant asked, BootInstant answered) {
    const std::lock_guard lock{mutex_};
    // It showed `wall` at some instant from `asked` to `answered`: at the latter it had come at least so far.
    const Duration offset = wall.time_since_epoch() - answered.time_since_epoch();
    offset_ = known_ ? std::max(offset_, offset) : offset;
    known_ = true;
    const std::chrono::sys_time<Duration> counted{offset_ + asked.time_since_epoch()};
    ahead_ = std::max(counted - wall, Duration::zero());
    // Of two times that are both true of `asked`, or of a little later, the greater one leaves less.
    return {std::max(wall, counted), asked};
}

Duration PostgresClock::ahead() const {
    const std::lock_guard lock{mutex_};
    return ahead_;
}

}  // namespace curfew::store
