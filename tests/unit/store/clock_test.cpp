// The store's clock follows the wall clock forwards and never back.
#include <gtest/gtest.h>

#include <atomic>

#include "store/store_clock.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using store::StoreClock;
using store::StoreTime;

using Nanoseconds = std::chrono::sys_time<Duration>;

TEST(StoreClock, ShowsTheWallClock) {
    ManualClock host;
    StoreClock clock{host};
    EXPECT_EQ(clock.now().wall, Nanoseconds{host.wall_now()});
    host.advance(90min);
    EXPECT_EQ(clock.now().wall, Nanoseconds{host.wall_now()});
    EXPECT_EQ(clock.now().boot, host.boot_now());
}

TEST(StoreClock, FollowsAStepForwards) {
    ManualClock host;
    StoreClock clock{host};
    host.step_wall(1h);
    EXPECT_EQ(clock.now().wall, Nanoseconds{host.wall_now()});
}

TEST(StoreClock, GoesOnWhenTheWallClockIsSetBack) {
    ManualClock host;
    StoreClock clock{host};
    const Nanoseconds start = clock.now().wall;
    host.step_wall(-2h);
    EXPECT_EQ(clock.now().wall, start);
    host.advance(10min);
    EXPECT_EQ(clock.now().wall, start + 10min);
    EXPECT_EQ(clock.ahead_of_wall(), 2h);
}

TEST(StoreClock, CountsWhatPassedBeforeAStepBackThatItDidNotSee) {
    ManualClock host;
    StoreClock clock{host};
    const Nanoseconds start = clock.now().wall;
    host.advance(10min);
    host.step_wall(-2h);
    host.advance(10min);
    EXPECT_EQ(clock.now().wall, start + 20min);
}

TEST(StoreClock, KeepsWhatAStepForwardsGaveWhenItIsTakenBack) {
    ManualClock host;
    StoreClock clock{host};
    const Nanoseconds start = clock.now().wall;
    host.step_wall(24h);
    EXPECT_EQ(clock.now().wall, start + 24h);
    host.step_wall(-24h);
    host.advance(1s);
    EXPECT_EQ(clock.now().wall, start + 24h + 1s);
}

TEST(StoreClock, IsTheWallClockAgainOnceThatHasCaughtUp) {
    ManualClock host;
    StoreClock clock{host};
    host.step_wall(-1h);
    host.step_wall(3h);
    EXPECT_EQ(clock.now().wall, Nanoseconds{host.wall_now()});
    EXPECT_EQ(clock.ahead_of_wall(), 0s);
}

TEST(StoreClock, AddsNothingUpOverManySmallSteps) {
    ManualClock host;
    StoreClock clock{host};
    const Nanoseconds start = clock.now().wall;
    for (int i = 0; i < 100; ++i) {
        host.step_wall(i % 2 == 0 ? 500ms : -500ms);
        (void)clock.now();
        host.advance(1s);
    }
    EXPECT_EQ(clock.now().wall, start + 100s + 500ms);
}

// CLOCK_BOOTTIME goes on during suspend, and so does the wall clock: nothing is to be seen of it.
TEST(StoreClock, CountsTheTimeThatTheMachineSleeps) {
    ManualClock host;
    StoreClock clock{host};
    const Nanoseconds start = clock.now().wall;
    host.advance(8h);
    EXPECT_EQ(clock.now().wall, start + 8h);
}

TEST(StoreClock, StartsNoEarlierThanItHadComeBefore) {
    ManualClock host;
    const WallInstant before = host.wall_now() + 30min;
    StoreClock clock{host, before};
    EXPECT_EQ(clock.now().wall, Nanoseconds{before});
    host.advance(1min);
    EXPECT_EQ(clock.now().wall, Nanoseconds{before} + 1min) << "it does not wait for the wall clock";
}

TEST(StoreClock, StartsAtTheWallClockWhereThatIsLater) {
    ManualClock host;
    StoreClock clock{host, host.wall_now() - 30min};
    EXPECT_EQ(clock.now().wall, Nanoseconds{host.wall_now()});
}

TEST(StoreClock, IsKeptInMillisecondsThatHavePassed) {
    ManualClock host;
    StoreClock clock{host};
    host.step_wall(-1h);
    host.advance(1999us);
    const StoreTime now = clock.now();
    EXPECT_EQ(now.wall - Nanoseconds{now.in_milliseconds()}, 999us);
}

// Between its two readings of the boot clock a thread can lose the processor; every reading here takes 20 ms.
class SlowClock final : public Clock {
public:
    BootInstant boot_now() const noexcept override { return BootInstant{read()}; }
    WallInstant wall_now() const noexcept override {
        return WallInstant{std::chrono::floor<std::chrono::milliseconds>(read() + wall_offset_.load())};
    }
    void step_wall(Duration by) { wall_offset_ = wall_offset_.load() + by; }

private:
    Duration read() const noexcept {
        now_ = now_.load() + 20ms;
        return now_.load();
    }
    mutable std::atomic<Duration> now_{1h};
    std::atomic<Duration> wall_offset_{24h * 365 * 50};
};

TEST(StoreClock, TellsABootInstantThatIsNotLate) {
    SlowClock host;
    StoreClock clock{host};
    for (int i = 0; i < 10; ++i) {
        const StoreTime now = clock.now();
        const Duration true_offset = 24h * 365 * 50;
        EXPECT_LE(now.boot.time_since_epoch() + true_offset, now.wall.time_since_epoch());
    }
}

TEST(StoreClock, DoesNotRunAheadByReadingSlowly) {
    SlowClock host;
    StoreClock clock{host};
    for (int i = 0; i < 10; ++i) {
        const StoreTime now = clock.now();
        EXPECT_LE(now.wall, Nanoseconds{host.wall_now()});
    }
}

TEST(StoreClock, NeverGoesBackByReadingSlowly) {
    SlowClock host;
    StoreClock clock{host};
    Nanoseconds last = clock.now().wall;
    for (int i = 0; i < 10; ++i) {
        host.step_wall(i % 3 == 0 ? -1h : 7ms);
        const Nanoseconds now = clock.now().wall;
        EXPECT_GE(now, last);
        last = now;
    }
}

}  // namespace
}  // namespace curfew::test
