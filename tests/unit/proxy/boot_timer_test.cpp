// Real milliseconds: the kernel's timer cannot be told to hurry.
#include "proxy/boot_timer.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

namespace curfew::proxy {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class TimerTest : public testing::Test {
protected:
    DeadlineQueue::Token add(BootInstant when, std::string name) {
        return timer->add(when, [this, name = std::move(name)] {
            ran.push_back(name);
            ran_at.push_back(clock.boot_now());
        });
    }
    // Until nothing is waited for any more.
    void run() {
        context.restart();
        context.run_for(10s);
        ASSERT_TRUE(context.stopped()) << "something is still waited for";
    }
    BootInstant now() const { return clock.boot_now(); }

    boost::asio::io_context context{1};
    SystemClock clock;
    std::unique_ptr<BootTimer> timer = std::make_unique<BootTimer>(context.get_executor(), clock);
    std::vector<std::string> ran;
    std::vector<BootInstant> ran_at;
};

// As the kernel describes this process's timers.
std::string timer_descriptions() {
    std::string text;
    for (const auto& entry : std::filesystem::directory_iterator{"/proc/self/fdinfo"}) {
        std::ifstream file{entry.path()};
        const std::string info{std::istreambuf_iterator<char>{file}, {}};
        if (info.find("clockid:") != std::string::npos) text += info;
    }
    return text;
}

TEST_F(TimerTest, RunsAnEntryWhenItsInstantHasComeAndNotBefore) {
    const BootInstant when = now() + 20ms;
    add(when, "due");
    run();
    EXPECT_THAT(ran, ElementsAre("due"));
    EXPECT_GE(ran_at.at(0), when);
}

TEST_F(TimerTest, CountsOnTheBootClockToAnAbsoluteInstant) {
    const BootInstant in_an_hour = now() + 1h;
    const auto token = add(in_an_hour, "in an hour");
    // CLOCK_BOOTTIME is 7; TFD_TIMER_ABSTIME is 1.
    EXPECT_THAT(timer_descriptions(), testing::ContainsRegex("clockid: 7\n"));
    EXPECT_THAT(timer_descriptions(), HasSubstr("settime flags: 01\n"));
    timer->remove(token);
}

TEST_F(TimerTest, RunsInOrderOfInstantsWhateverTheOrderOfAdding) {
    const BootInstant start = now();
    add(start + 15ms, "third");
    add(start + 5ms, "first");
    add(start + 10ms, "second");
    run();
    EXPECT_THAT(ran, ElementsAre("first", "second", "third"));
}

TEST_F(TimerTest, RunsWhatIsLongPastAtOnceButNotInsideAdd) {
    add(now() - 1ms, "a moment ago");
    add(BootInstant{}, "at boot");
    add(BootInstant{-1h}, "before there was time");
    EXPECT_THAT(ran, IsEmpty());
    const BootInstant start = now();
    run();
    EXPECT_THAT(ran, ElementsAre("before there was time", "at boot", "a moment ago"));
    EXPECT_LT(now() - start, 5s);
}

TEST_F(TimerTest, RunsWhatWasMovedIntoThePastButNotInsideMove) {
    const auto token = add(now() + 1h, "moved");
    EXPECT_TRUE(timer->move(token, now() - 1ms));
    EXPECT_THAT(ran, IsEmpty());
    run();
    EXPECT_THAT(ran, ElementsAre("moved"));
}

TEST_F(TimerTest, WaitsForAnEarlierEntryThanTheOneItWaitedFor) {
    const auto later = add(now() + 1h, "later");
    timer->add(now() + 5ms, [&] {
        ran.push_back("sooner");
        timer->remove(later);
    });
    run();
    EXPECT_THAT(ran, ElementsAre("sooner"));
}

TEST_F(TimerTest, WaitsOnWhereTheEarliestEntryIsPutOff) {
    const BootInstant when = now() + 20ms;
    const auto token = add(now() + 2ms, "put off");
    timer->move(token, when);
    run();
    EXPECT_THAT(ran, ElementsAre("put off"));
    EXPECT_GE(ran_at.at(0), when);
}

// The timer had expired, and its expiry was on the way, when the entry was put off.
TEST_F(TimerTest, DoesNotRunEarlyWhatWasPutOffAtTheLastMoment) {
    BootInstant when{};
    const auto token = add(now() - 1ms, "put off");
    boost::asio::post(context, [&] {
        when = now() + 20ms;
        timer->move(token, when);
    });
    run();
    EXPECT_THAT(ran, ElementsAre("put off"));
    EXPECT_GE(ran_at.at(0), when);
}

TEST_F(TimerTest, DoesNotRunWhatWasRemoved) {
    const auto token = add(now() + 1ms, "removed");
    add(now() + 5ms, "kept");
    timer->remove(token);
    run();
    EXPECT_THAT(ran, ElementsAre("kept"));
}

TEST_F(TimerTest, GivesTheEventLoopNoWorkWhileThereIsNoEntry) {
    EXPECT_EQ(context.run(), 0U);
    const auto token = add(now() + 1h, "removed");
    timer->remove(token);
    run();
    EXPECT_EQ(timer->next_due(), std::nullopt);
}

TEST_F(TimerTest, WaitsAgainWhereAnEntryIsAddedBeforeTheEndOfTheLastWaitWasHeardOf) {
    timer->remove(add(now() + 1h, "removed"));
    add(now() + 2ms, "added");
    run();
    EXPECT_THAT(ran, ElementsAre("added"));
}

TEST_F(TimerTest, RunsWhatAnEntryAdds) {
    timer->add(now() + 1ms, [&] {
        add(now() - 1ms, "overdue");
        add(now() + 5ms, "later");
    });
    run();
    EXPECT_THAT(ran, ElementsAre("overdue", "later"));
}

TEST_F(TimerTest, RunsTenThousandEntriesOfOneInstantInOrder) {
    std::vector<int> order;
    const BootInstant when = now() + 50ms;
    for (int i = 0; i < 10'000; ++i)
        timer->add(when, [&order, i] { order.push_back(i); });
    run();
    EXPECT_EQ(order.size(), 10'000U);
    EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

TEST_F(TimerTest, MayGoWhileItWaits) {
    add(now() + 5ms, "never");
    context.poll();
    timer.reset();
    run();
    EXPECT_THAT(ran, IsEmpty());
}

// Its expiry is on the way already: the completion finds nobody.
TEST_F(TimerTest, MayGoWithAnExpiryOnTheWay) {
    add(now() - 1ms, "never");
    boost::asio::post(context, [&] { timer.reset(); });
    run();
    EXPECT_THAT(ran, IsEmpty());
}

TEST_F(TimerTest, MayGoBeforeItsEventLoopRanAtAll) {
    add(now() - 1ms, "never");
    timer.reset();
    run();
    EXPECT_THAT(ran, IsEmpty());
}

// The kernel decides when an instant has come, should a clock be behind it.
TEST_F(TimerTest, DoesNotSpinWhereItsClockIsBehindTheKernels) {
    ManualClock behind{WallInstant{1h}, now() - 1h};
    BootTimer late{context.get_executor(), behind};
    bool fired = false;
    late.add(now() + 2ms, [&] { fired = true; });
    context.run_for(10s);
    EXPECT_TRUE(fired);
    EXPECT_TRUE(context.stopped());
}

}  // namespace
}  // namespace curfew::proxy
