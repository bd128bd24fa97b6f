#include "proxy/deadline_queue.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

namespace curfew::proxy {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class Deadlines : public testing::Test {
protected:
    // Writes `name` into `ran` when its time has come.
    DeadlineQueue::Token add(Duration in, std::string name) {
        return queue.add(start + in, [this, name = std::move(name)] { ran.push_back(name); });
    }

    const BootInstant start{1h};
    DeadlineQueue queue;
    std::vector<std::string> ran;
};

TEST_F(Deadlines, RunOldestFirst) {
    add(3s, "third");
    add(1s, "first");
    add(2s, "second");
    queue.run_due(start + 3s);
    EXPECT_THAT(ran, ElementsAre("first", "second", "third"));
}

TEST_F(Deadlines, RunAtTheirVeryInstantAndNotBefore) {
    add(1s, "due");
    queue.run_due(start + 1s - 1ns);
    EXPECT_THAT(ran, IsEmpty());
    queue.run_due(start + 1s);
    EXPECT_THAT(ran, ElementsAre("due"));
}

TEST_F(Deadlines, RunOnce) {
    add(1s, "once");
    queue.run_due(start + 1s);
    queue.run_due(start + 2s);
    EXPECT_THAT(ran, ElementsAre("once"));
    EXPECT_EQ(queue.size(), 0U);
}

TEST_F(Deadlines, OfTenThousandAtOneInstantRunInOneCallInOrderOfAdding) {
    constexpr int many = 10'000;
    std::vector<int> order;
    for (int i = 0; i < many; ++i)
        queue.add(start + 1s, [&order, i] { order.push_back(i); });
    ASSERT_EQ(queue.size(), 10'000U);
    queue.run_due(start + 1s);
    ASSERT_EQ(order.size(), 10'000U);
    EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
    EXPECT_EQ(queue.size(), 0U);
}

TEST_F(Deadlines, NextDueIsTheEarliest) {
    EXPECT_EQ(queue.next_due(), std::nullopt);
    add(2s, "later");
    const auto sooner = add(1s, "sooner");
    EXPECT_EQ(queue.next_due(), start + 1s);
    queue.remove(sooner);
    EXPECT_EQ(queue.next_due(), start + 2s);
    queue.run_due(start + 2s);
    EXPECT_EQ(queue.next_due(), std::nullopt);
}

TEST_F(Deadlines, ThatAreMovedRunAtTheirNewInstantOnly) {
    const auto later = add(1s, "put off");
    const auto sooner = add(5s, "brought forward");
    EXPECT_TRUE(queue.move(later, start + 4s));
    EXPECT_TRUE(queue.move(sooner, start + 2s));
    queue.run_due(start + 2s);
    EXPECT_THAT(ran, ElementsAre("brought forward"));
    queue.run_due(start + 4s);
    EXPECT_THAT(ran, ElementsAre("brought forward", "put off"));
}

TEST_F(Deadlines, ThatAreMovedComeBehindOthersOfTheSameInstant) {
    const auto moved = add(1s, "moved");
    add(2s, "there before");
    queue.move(moved, start + 2s);
    queue.run_due(start + 2s);
    EXPECT_THAT(ran, ElementsAre("there before", "moved"));
}

TEST_F(Deadlines, ThatWereRemovedDoNotRun) {
    const auto removed = add(1s, "removed");
    add(1s, "kept");
    queue.remove(removed);
    EXPECT_FALSE(queue.move(removed, start));
    queue.run_due(start + 1s);
    EXPECT_THAT(ran, ElementsAre("kept"));
}

TEST_F(Deadlines, ThatHaveRunCannotBeMovedOrRemoved) {
    const auto token = add(1s, "ran");
    queue.run_due(start + 1s);
    EXPECT_FALSE(queue.move(token, start + 2s));
    queue.remove(token);
    EXPECT_EQ(queue.size(), 0U);
}

TEST_F(Deadlines, AreNeverNamedByZeroOrByAnothersToken) {
    const auto first = add(1s, "first");
    queue.remove(first);
    const auto second = add(1s, "second");
    EXPECT_NE(first, 0U);
    EXPECT_NE(first, second);
    queue.remove(0);
    EXPECT_FALSE(queue.move(0, start));
    EXPECT_EQ(queue.size(), 1U);
}

TEST_F(Deadlines, AddedMeanwhileForThePastRunInTheSameCall) {
    queue.add(start + 1s, [&] {
        ran.push_back("outer");
        add(500ms, "overdue");
        add(1s, "due now");
        add(1s + 1ns, "not yet");
    });
    add(1s, "there before");
    queue.run_due(start + 1s);
    EXPECT_THAT(ran, ElementsAre("outer", "overdue", "there before", "due now"));
    EXPECT_EQ(queue.size(), 1U);
}

TEST_F(Deadlines, RemovedMeanwhileDoNotRun) {
    DeadlineQueue::Token victim = 0;
    queue.add(start + 1s, [&] { queue.remove(victim); });
    victim = add(1s, "victim");
    queue.run_due(start + 1s);
    EXPECT_THAT(ran, IsEmpty());
}

TEST_F(Deadlines, MovedMeanwhileRunWhenTheyAreDue) {
    DeadlineQueue::Token put_off = 0;
    DeadlineQueue::Token brought_forward = 0;
    queue.add(start + 1s, [&] {
        EXPECT_TRUE(queue.move(put_off, start + 3s));
        EXPECT_TRUE(queue.move(brought_forward, start));
    });
    put_off = add(1s, "put off");
    brought_forward = add(2s, "brought forward");
    queue.run_due(start + 1s);
    EXPECT_THAT(ran, ElementsAre("brought forward"));
    queue.run_due(start + 3s);
    EXPECT_THAT(ran, ElementsAre("brought forward", "put off"));
}

TEST_F(Deadlines, MayRemoveAndMoveThemselvesWhichDoesNothing) {
    DeadlineQueue::Token own = 0;
    const std::string kept_alive = "what it captured is still there";
    own = queue.add(start + 1s, [&, copy = kept_alive] {
        EXPECT_FALSE(queue.move(own, start + 9s));
        queue.remove(own);
        ran.push_back(copy);
    });
    queue.run_due(start + 1s);
    EXPECT_THAT(ran, ElementsAre(kept_alive));
    EXPECT_EQ(queue.size(), 0U);
}

TEST_F(Deadlines, MayAddThemselvesAgain) {
    int times = 0;
    std::function<void()> again = [&] {
        if (++times < 3) queue.add(start + times * 1s, again);
    };
    queue.add(start, again);
    queue.run_due(start);
    EXPECT_EQ(times, 1);
    queue.run_due(start + 2s);
    EXPECT_EQ(times, 3);
}

}  // namespace
}  // namespace curfew::proxy
