// Clocks: the one that deadlines are counted on, and the one that people read.
#pragma once

#include <atomic>
#include <chrono>

namespace curfew {

// CLOCK_BOOTTIME as a std::chrono clock type. Neither NTP steps nor suspend can stretch a deadline on it:
// it cannot be set, and it goes on counting while the machine sleeps.
struct BootTime {
    using duration = std::chrono::nanoseconds;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<BootTime>;
    static constexpr bool is_steady = true;
};

// An instant on this machine's boot clock. Meaningless on another machine or after a reboot; cannot be
// compared with a WallInstant by mistake.
using BootInstant = BootTime::time_point;

// A UTC instant, as people and the store write it. Milliseconds.
using WallInstant = std::chrono::sys_time<std::chrono::milliseconds>;

using Duration = std::chrono::nanoseconds;

// Time, injected, so that every rule about time is tested without sleeping.
class Clock {
public:
    virtual ~Clock() = default;
    virtual BootInstant boot_now() const noexcept = 0;
    virtual WallInstant wall_now() const noexcept = 0;
};

// The machine's clocks.
class SystemClock final : public Clock {
public:
    BootInstant boot_now() const noexcept override;
    WallInstant wall_now() const noexcept override;
};

// A clock that moves only when told to. Thread-safe.
class ManualClock final : public Clock {
public:
    explicit ManualClock(WallInstant wall = WallInstant{std::chrono::hours{24 * 365 * 50}},
                         BootInstant boot = BootInstant{std::chrono::hours{1}});

    BootInstant boot_now() const noexcept override;
    WallInstant wall_now() const noexcept override;

    // Real time passes: both clocks move on together.
    void advance(Duration by) noexcept;
    // Somebody sets the wall clock (NTP, an administrator): the boot clock does not notice.
    void step_wall(Duration by) noexcept;

private:
    std::atomic<BootInstant::rep> boot_;
    std::atomic<std::chrono::nanoseconds::rep> wall_;
};

}  // namespace curfew
