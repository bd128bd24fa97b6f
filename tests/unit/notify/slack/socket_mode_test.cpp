#include "notify/slack/socket_mode.hpp"

#include <gtest/gtest.h>

namespace curfew::notify::slack {
namespace {

using namespace std::chrono_literals;

TEST(SlackSocketMode, WaitsLongerAfterEachFailureAndTwoMinutesAtMost) {
    EXPECT_EQ(reconnect_after(1, 1.0), 1s);
    EXPECT_EQ(reconnect_after(2, 1.0), 2s);
    EXPECT_EQ(reconnect_after(5, 1.0), 16s);
    for (const unsigned failures : {8U, 9U, 100U, 4'000'000'000U})
        EXPECT_EQ(reconnect_after(failures, 1.0), 2min) << failures;
}

TEST(SlackSocketMode, DoesNotComeBackWithEverybodyElse) {
    EXPECT_EQ(reconnect_after(3, 0.0), 2s);
    EXPECT_EQ(reconnect_after(3, 0.5), 3s);
    EXPECT_EQ(reconnect_after(3, 1.0), 4s);
}

}  // namespace
}  // namespace curfew::notify::slack
