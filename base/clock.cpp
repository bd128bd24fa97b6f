#include "base/clock.hpp"

#include <time.h>

namespace curfew {
namespace {

std::chrono::nanoseconds read(clockid_t clock) noexcept {
    timespec ts{};
    // Cannot fail: both clocks exist on every kernel that we run on, and ts is valid memory.
    (void)::clock_gettime(clock, &ts);
    return std::chrono::seconds{ts.tv_sec} + std::chrono::nanoseconds{ts.tv_nsec};
}

}  // namespace

BootInstant SystemClock::boot_now() const noexcept {
    return BootInstant{read(CLOCK_BOOTTIME)};
}

WallInstant SystemClock::wall_now() const noexcept {
    return WallInstant{std::chrono::floor<WallInstant::duration>(read(CLOCK_REALTIME))};
}

ManualClock::ManualClock(WallInstant wall, BootInstant boot)
    : boot_{boot.time_since_epoch().count()},
      wall_{std::chrono::nanoseconds{wall.time_since_epoch()}.count()} {}

BootInstant ManualClock::boot_now() const noexcept {
    return BootInstant{Duration{boot_.load()}};
}

WallInstant ManualClock::wall_now() const noexcept {
    return WallInstant{std::chrono::floor<WallInstant::duration>(std::chrono::nanoseconds{wall_.load()})};
}

void ManualClock::advance(Duration by) noexcept {
    boot_ += by.count();
    wall_ += by.count();
}

void ManualClock::step_wall(Duration by) noexcept {
    wall_ += by.count();
}

}  // namespace curfew
