#include "base/clock.hpp"

#include <gtest/gtest.h>
#include <time.h>

#include <type_traits>

namespace curfew {
namespace {

using namespace std::chrono_literals;

BootInstant kernel_boot_time() {
    timespec ts{};
    ::clock_gettime(CLOCK_BOOTTIME, &ts);
    return BootInstant{std::chrono::seconds{ts.tv_sec} + std::chrono::nanoseconds{ts.tv_nsec}};
}

// A deadline compared with the time on the wall would move with it.
template <class A, class B>
concept Comparable = requires(A a, B b) {
    a < b;
};
static_assert(!Comparable<BootInstant, WallInstant>);
static_assert(!std::is_convertible_v<WallInstant, BootInstant>);

TEST(SystemClock, ReadsTheBootClock) {
    const BootInstant before = kernel_boot_time();
    const BootInstant now = SystemClock{}.boot_now();
    EXPECT_LE(before, now);
    EXPECT_LE(now, kernel_boot_time());
}

TEST(SystemClock, ReadsTheWallClockInWholeMilliseconds) {
    const auto before = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    const WallInstant now = SystemClock{}.wall_now();
    EXPECT_LE(before, now);
    EXPECT_LE(now, std::chrono::system_clock::now());
}

TEST(ManualClock, StandsStillUntilItIsMoved) {
    const ManualClock clock{WallInstant{10s}, BootInstant{3s}};
    EXPECT_EQ(clock.wall_now(), WallInstant{10s});
    EXPECT_EQ(clock.boot_now(), BootInstant{3s});
}

TEST(ManualClock, MovesBothClocksAsTimePasses) {
    ManualClock clock{WallInstant{10s}, BootInstant{3s}};
    clock.advance(1500ms);
    EXPECT_EQ(clock.wall_now(), WallInstant{11'500ms});
    EXPECT_EQ(clock.boot_now(), BootInstant{4'500ms});
}

TEST(ManualClock, LeavesTheBootClockAloneWhenTheWallClockIsSet) {
    ManualClock clock{WallInstant{10s}, BootInstant{3s}};
    clock.step_wall(-1h);
    EXPECT_EQ(clock.wall_now(), WallInstant{10s} - 1h);
    EXPECT_EQ(clock.boot_now(), BootInstant{3s});
}

TEST(ManualClock, LosesNoPartOfAMillisecond) {
    ManualClock clock{WallInstant{}, BootInstant{}};
    clock.advance(600us);
    EXPECT_EQ(clock.wall_now(), WallInstant{});
    clock.advance(600us);
    EXPECT_EQ(clock.wall_now(), WallInstant{1ms});
    EXPECT_EQ(clock.boot_now(), BootInstant{1200us});
}

}  // namespace
}  // namespace curfew
