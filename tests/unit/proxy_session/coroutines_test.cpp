// What coroutines wait for: events, each other, and their turn.
#include <gmock/gmock.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>
#include <vector>

#include "proxy/async_mutex.hpp"
#include "proxy/clients_first.hpp"
#include "proxy/event.hpp"
#include "proxy/task_group.hpp"
#include "unit/proxy_streams/loop.hpp"

namespace curfew::test {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using proxy::AsyncMutex;
using proxy::ClientsFirst;
using proxy::Event;
using proxy::TaskGroup;
using testing::ElementsAre;

asio::awaitable<void> wait_for(Event& event) {
    co_await event.wait();
}

// --- Event

class AnEvent : public testing::Test {
protected:
    Loop loop;
    Event event{loop.executor()};
};

TEST_F(AnEvent, LetsGoOnWhoWaits) {
    auto waiting = loop.start(event.wait());
    loop.settle();
    ASSERT_FALSE(test::is_over(waiting));
    event.notify();
    loop.settle();
    EXPECT_TRUE(test::is_over(waiting));
}

TEST_F(AnEvent, IsNotMissedByWhoWaitsLater) {
    event.notify();
    event.notify();
    loop.run(event.wait());
    auto again = loop.start(event.wait());
    loop.settle();
    EXPECT_FALSE(test::is_over(again));  // once is once, however often it was said
    event.notify();
    loop.finish(again);
}

// Between the notification and the waiter's turn.
TEST_F(AnEvent, CountsOnceWhereItIsSaidAgainBeforeTheWaiterRuns) {
    auto waiting = loop.start(event.wait());
    loop.settle();
    event.notify();
    event.notify();
    loop.finish(waiting);
    auto again = loop.start(event.wait());
    loop.settle();
    EXPECT_FALSE(test::is_over(again));
    event.notify();
    loop.finish(again);
}

TEST_F(AnEvent, IsWaitedForNoLongerThanAsked) {
    loop.run(event.wait_for(1ms));
    event.notify();
    loop.run(event.wait_for(1h));
    auto waiting = loop.start(event.wait_for(1h));
    loop.settle();
    event.notify();
    loop.finish(waiting);
}

TEST_F(AnEvent, IsWaitedForAgainAfterTimeRanOut) {
    loop.run(event.wait_for(0s));
    auto waiting = loop.start(event.wait());
    loop.settle();
    ASSERT_FALSE(test::is_over(waiting));
    event.notify();
    loop.finish(waiting);
}

// --- TaskGroup

class ATaskGroup : public testing::Test {
protected:
    Loop loop;
    TaskGroup group{loop.executor()};
    Event first{loop.executor()};
    Event second{loop.executor()};

    static asio::awaitable<void> fail(const char* what) {
        throw std::runtime_error(what);
        co_return;
    }
    static asio::awaitable<void> fail_after(Event& event, const char* what) {
        co_await event.wait();
        throw std::runtime_error(what);
    }
    // What join() throws; empty if it does not.
    std::string join_failure() {
        try {
            loop.run(group.join());
            return "";
        } catch (const std::runtime_error& failure) {
            return failure.what();
        }
    }
};

TEST_F(ATaskGroup, IsJoinedAtOnceWhereNothingRuns) {
    loop.run(group.join());
    EXPECT_EQ(group.running(), 0U);
}

TEST_F(ATaskGroup, IsJoinedWhenTheLastTaskEnds) {
    group.spawn(wait_for(first));
    group.spawn(wait_for(second));
    auto joining = loop.start(group.join());
    loop.settle();
    EXPECT_EQ(group.running(), 2U);
    first.notify();
    loop.settle();
    EXPECT_FALSE(test::is_over(joining));
    second.notify();
    loop.finish(joining);
    EXPECT_EQ(group.running(), 0U);
}

TEST_F(ATaskGroup, IsJoinedTwice) {
    group.spawn(wait_for(first));
    first.notify();
    loop.run(group.join());
    loop.run(group.join());
}

TEST_F(ATaskGroup, TakesMoreTasksAfterSomeHaveEnded) {
    group.spawn(wait_for(first));
    first.notify();
    loop.settle();  // nobody joined
    group.spawn(wait_for(second));
    auto joining = loop.start(group.join());
    loop.settle();
    EXPECT_FALSE(test::is_over(joining));
    second.notify();
    loop.finish(joining);
}

TEST_F(ATaskGroup, TakesATaskThatATaskSpawns) {
    const auto spawn = [this]() -> asio::awaitable<void> {
        group.spawn(wait_for(second));
        co_return;
    };
    group.spawn(spawn());
    auto joining = loop.start(group.join());
    loop.settle();
    EXPECT_FALSE(test::is_over(joining));
    second.notify();
    loop.finish(joining);
}

TEST_F(ATaskGroup, ThrowsWhatTheFirstFailingTaskThrew) {
    group.spawn(fail("first"));
    group.spawn(fail("second"));
    EXPECT_EQ(join_failure(), "first");
    EXPECT_EQ(join_failure(), "");
}

TEST_F(ATaskGroup, WaitsForTheOthersBeforeItThrows) {
    group.spawn(fail("at once"));
    group.spawn(wait_for(first));
    auto joining = loop.start(group.join());
    loop.settle();
    ASSERT_FALSE(test::is_over(joining));
    first.notify();
    EXPECT_THROW(loop.finish(joining), std::runtime_error);
}

TEST_F(ATaskGroup, ThrowsWhatATaskThrewThatFailedLate) {
    group.spawn(fail_after(first, "late"));
    loop.settle();
    first.notify();
    EXPECT_EQ(join_failure(), "late");
}

TEST_F(ATaskGroup, MayGoBeforeItsTasks) {
    {
        TaskGroup short_lived{loop.executor()};
        short_lived.spawn(wait_for(first));
        loop.settle();
    }
    first.notify();
    EXPECT_FALSE(loop.is_busy());
}

// --- ClientsFirst

class Clients : public testing::Test {
protected:
    Loop loop;
    proxy::UntoldClients untold;
    ClientsFirst clients{loop.executor(), untold};
};

TEST_F(Clients, KeepNobodyWaitingWhereNoneIsToBeTold) {
    loop.run(clients.all_told(1h));
}

TEST_F(Clients, AreAllToldBeforeWhoWaitsForThemGoesOn) {
    clients.expect();
    clients.expect();
    auto first = loop.start(clients.all_told(1h));
    auto second = loop.start(clients.all_told(1h));
    loop.settle();
    clients.told();
    loop.settle();
    EXPECT_FALSE(test::is_over(first));
    EXPECT_FALSE(test::is_over(second));
    clients.told();
    loop.finish(first);
    loop.finish(second);
}

TEST_F(Clients, ThatDoNotListenHoldNobodyUpForLong) {
    clients.expect();
    loop.run(clients.all_told(5ms));
    EXPECT_EQ(untold.count(), 1U);
}

TEST_F(Clients, AreWaitedForAnewTheNextTime) {
    clients.expect();
    loop.run(clients.all_told(1ms));
    auto again = loop.start(clients.all_told(1h));
    loop.settle();
    EXPECT_FALSE(test::is_over(again));
    clients.told();
    loop.finish(again);
}

TEST_F(Clients, OfOtherThreadsAreToldFirstAsWell) {
    ClientsFirst others{loop.executor(), untold};
    others.expect();
    auto waiting = loop.start(clients.all_told(1h));
    loop.settle();
    EXPECT_FALSE(test::is_over(waiting));
    others.told();
    loop.finish(waiting);
}

// --- AsyncMutex

class AnAsyncMutex : public testing::Test {
protected:
    Loop loop;
    std::vector<std::string> log;
    std::optional<AsyncMutex> mutex{loop.executor()};

    // Holds it until `event`.
    asio::awaitable<void> hold(std::string name, Event& event) {
        const auto held = co_await mutex->hold();
        log.push_back(name + " has it");
        co_await event.wait();
        log.push_back(name + " lets it go");
    }
    asio::awaitable<void> hold_and_fail(Event& event) {
        const auto held = co_await mutex->hold();
        co_await event.wait();
        throw std::runtime_error("while holding it");
    }
};

TEST_F(AnAsyncMutex, IsHeldByOneAtATimeFirstComeFirstServed) {
    Event a{loop.executor()};
    Event b{loop.executor()};
    Event c{loop.executor()};
    auto first = loop.start(hold("a", a));
    loop.settle();
    auto second = loop.start(hold("b", b));
    loop.settle();
    auto third = loop.start(hold("c", c));
    loop.settle();
    EXPECT_THAT(log, ElementsAre("a has it"));
    for (Event* event : {&c, &b, &a})
        event->notify();
    loop.settle();
    EXPECT_THAT(
        log, ElementsAre("a has it", "a lets it go", "b has it", "b lets it go", "c has it", "c lets it go"));
    EXPECT_FALSE(loop.is_busy());
}

TEST_F(AnAsyncMutex, IsFreeAgainAfterTheLast) {
    for (int i = 0; i < 3; ++i) {
        Event done{loop.executor()};
        done.notify();
        loop.run(hold("a", done));
    }
    EXPECT_EQ(log.size(), 6U);
}

// Who comes between the release and the next one's turn waits behind it.
TEST_F(AnAsyncMutex, IsNotTakenFromWhoseTurnItIs) {
    Event a{loop.executor()};
    Event b{loop.executor()};
    Event c{loop.executor()};
    auto first = loop.start(hold("a", a));
    auto second = loop.start(hold("b", b));
    loop.settle();
    a.notify();
    asio::post(loop.executor(), [&] { asio::co_spawn(loop.executor(), hold("c", c), asio::detached); });
    loop.settle();
    EXPECT_THAT(log, ElementsAre("a has it", "a lets it go", "b has it"));
    c.notify();
    b.notify();
    loop.settle();
    EXPECT_EQ(log.back(), "c lets it go");
}

TEST_F(AnAsyncMutex, IsLetGoByAHolderThatFails) {
    Event a{loop.executor()};
    Event b{loop.executor()};
    auto failing = loop.start(hold_and_fail(a));
    auto next = loop.start(hold("b", b));
    loop.settle();
    a.notify();
    b.notify();
    EXPECT_THROW(loop.finish(failing), std::runtime_error);
    loop.finish(next);
}

// As at the end of a process: those who wait are destroyed with the loop, in whatever order.
TEST_F(AnAsyncMutex, MayBeHeldAndWaitedForWhenTheLoopGoes) {
    for (int waiting = 0; waiting < 5; ++waiting) {
        auto short_lived = std::make_unique<Loop>();
        mutex.emplace(short_lived->executor());
        std::vector<std::unique_ptr<Event>> events;
        for (int i = 0; i <= waiting; ++i) {
            events.push_back(std::make_unique<Event>(short_lived->executor()));
            static_cast<void>(short_lived->start(hold("x", *events.back())));
            short_lived->settle();
        }
        // So that the loop's own order of destruction does not favour the holder.
        if (waiting % 2 == 1) events.front()->notify();
        events.clear();
        short_lived.reset();
        mutex.reset();
    }
}

// Called off while it waits: it neither holds the mutex nor is it given it.
TEST_F(AnAsyncMutex, IsNotHeldByWhoWasCalledOff) {
    Event a{loop.executor()};
    Event b{loop.executor()};
    Event c{loop.executor()};
    auto first = loop.start(hold("a", a));
    loop.settle();
    asio::cancellation_signal call_off;
    auto second = loop.start(hold("b", b), call_off.slot());
    loop.settle();
    auto third = loop.start(hold("c", c));
    loop.settle();
    call_off.emit(asio::cancellation_type::terminal);
    loop.settle();
    EXPECT_THAT(log, ElementsAre("a has it"));
    a.notify();
    loop.settle();
    EXPECT_THAT(log, ElementsAre("a has it", "a lets it go", "c has it"));
    c.notify();
    loop.finish(third);
    EXPECT_THROW(loop.finish(second), std::exception);
}

}  // namespace
}  // namespace curfew::test
