// Who follows a recording is told of it, and of nothing else.
#include <gtest/gtest.h>

#include "recording/live_watch.hpp"

namespace curfew::test {
namespace {

TEST(LiveWatch, TellsThoseWhoFollowTheSessionAlone) {
    recording::LiveWatch live;
    const auto one = SessionId::generate();
    const auto other = SessionId::generate();
    int told_of_one = 0;
    int told_of_other = 0;
    const auto first = live.watch(one, [&] { ++told_of_one; });
    const auto second = live.watch(one, [&] { ++told_of_one; });
    const auto third = live.watch(other, [&] { ++told_of_other; });
    live.written(one);
    EXPECT_EQ(told_of_one, 2);
    EXPECT_EQ(told_of_other, 0);
    live.stop_watching(second);
    live.stop_watching(third);
    live.written(one);
    live.written(other);
    EXPECT_EQ(told_of_one, 3);
    EXPECT_EQ(told_of_other, 0);
    live.stop_watching(first);
    live.stop_watching(first);
    live.written(one);
    EXPECT_EQ(told_of_one, 3);
}

}  // namespace
}  // namespace curfew::test
