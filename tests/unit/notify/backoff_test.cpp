#include "notify/backoff.hpp"

#include <gtest/gtest.h>

namespace curfew::notify {
namespace {

using namespace std::chrono_literals;

TEST(Backoff, DoublesUpToItsBound) {
    EXPECT_EQ(pause_after(1, 1), 5s);
    EXPECT_EQ(pause_after(2, 1), 10s);
    EXPECT_EQ(pause_after(3, 1), 20s);
    EXPECT_EQ(pause_after(8, 1), 640s);
    EXPECT_EQ(pause_after(9, 1), 15min);
    EXPECT_EQ(pause_after(1'000'000, 1), 15min);
    EXPECT_EQ(pause_after(0, 1), 5s);
}

TEST(Backoff, SpreadsWhatFailedTogether) {
    EXPECT_EQ(pause_after(2, 0), 5s);
    EXPECT_EQ(pause_after(2, 0.5), 7500ms);
    EXPECT_EQ(pause_after(2, 7), 10s);
}

TEST(Backoff, WaitsAsLongAsTheOtherSideAsks) {
    EXPECT_EQ(next_pause(1, 0s, 90s, 1), 90s);
    EXPECT_EQ(next_pause(9, 0s, 1s, 1), 1s);
    EXPECT_EQ(next_pause(1, 0s, 30 * 24h, 1), 1h);
    EXPECT_EQ(next_pause(1, 0s, std::nullopt, 1), 5s);
}

TEST(Backoff, GivesUpAfterADay) {
    EXPECT_EQ(next_pause(100, 23h + 44min, std::nullopt, 1), 15min);
    EXPECT_EQ(next_pause(100, 23h + 46min, std::nullopt, 1), std::nullopt);
    EXPECT_EQ(next_pause(1, 25h, 0s, 1), std::nullopt);
    // Scheduled for later: it has not been tried for any time.
    EXPECT_EQ(next_pause(1, -1h, std::nullopt, 1), 5s);
}

}  // namespace
}  // namespace curfew::notify
