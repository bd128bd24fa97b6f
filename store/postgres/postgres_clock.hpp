// The store's clock where PostgreSQL tells it, as this process counts it on between readings.
#pragma once

#include <chrono>
#include <mutex>

#include "base/clock.hpp"
#include "store/store_clock.hpp"

namespace curfew::store {

// Never goes back: where PostgreSQL's clock was set back, or a standby whose clock is behind was promoted,
// time goes on from what was read before. Never runs ahead of what was read either, but by the difference in
// rate of two clocks. This host's wall clock plays no part. Thread-safe.
class PostgresClock {
public:
    // A reading of PostgreSQL's clock that was asked for at `asked` and had arrived by `answered`.
    StoreTime read(std::chrono::sys_time<Duration> wall, BootInstant asked, BootInstant answered);

    // How far this clock is ahead of PostgreSQL's, by the last reading.
    Duration ahead() const;

private:
    mutable std::mutex mutex_;
    bool known_ = false;
    // A lower bound of (store's clock - boot clock), the greatest seen. Only ever grows.
    Duration offset_{};
    Duration ahead_{};
};

}  // namespace curfew::store
