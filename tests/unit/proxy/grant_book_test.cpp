#include "proxy/grant_book.hpp"

#include <gmock/gmock.h>

#include <memory>
#include <vector>

namespace curfew::proxy {
namespace {

using namespace std::chrono_literals;
using store::GrantCountdown;
using Countdowns = std::vector<GrantCountdown>;

// A store whose clock can be stepped, and this node's boot clock.
class GrantBookTest : public testing::Test {
protected:
    policy::Grant grant(Duration starts_in, Duration length) const {
        policy::Grant given;
        given.id = GrantId::generate();
        given.subject = {policy::Subject::Kind::user, "alice"};
        given.resource = "prod";
        given.given_by = "bob";
        given.given_at = clock.wall_now();
        const auto starts = clock.wall_now() + starts_in;
        given.window = {in_milliseconds(starts), in_milliseconds(starts + length)};
        return given;
    }
    // What the store says of it now.
    GrantCountdown countdown(const policy::Grant& given) const {
        const WallInstant wall = clock.wall_now();
        return {given, given.window.starts_at - wall, given.window.ends_at - wall, clock.boot_now()};
    }
    void read(const std::vector<policy::Grant>& grants) {
        Countdowns answer;
        for (const auto& each : grants)
            answer.push_back(countdown(each));
        book.replace(answer);
    }
    const policy::LiveGrant& live(const policy::Grant& given) const { return *book.grants()->find(given.id); }
    static WallInstant in_milliseconds(std::chrono::sys_time<std::chrono::nanoseconds> instant) {
        return std::chrono::floor<WallInstant::duration>(instant);
    }

    ManualClock clock;
    GrantBook book;
};

TEST_F(GrantBookTest, IsEmptyButThereBeforeAnythingWasRead) {
    ASSERT_NE(book.grants(), nullptr);
    EXPECT_TRUE(book.grants()->all().empty());
    EXPECT_EQ(book.active(clock.boot_now()), 0U);
}

TEST_F(GrantBookTest, CountsAWindowDownOnTheBootClock) {
    const auto given = grant(10min, 1h);
    const BootInstant now = clock.boot_now();
    read({given});
    EXPECT_EQ(live(given).starts, now + 10min);
    EXPECT_EQ(live(given).ends, now + 70min);
    EXPECT_EQ(live(given).grant.subject.name, "alice");
}

TEST_F(GrantBookTest, CountsFromWhenTheStoreLookedNotFromWhenItsAnswerArrived) {
    const auto given = grant(0s, 1h);
    const BootInstant looked = clock.boot_now();
    const Countdowns answer{countdown(given)};
    clock.advance(7s);
    book.replace(answer);
    EXPECT_EQ(live(given).ends, looked + 1h);
}

TEST_F(GrantBookTest, KeepsTheEndWhileTimePasses) {
    const auto given = grant(0s, 1h);
    read({given});
    const BootInstant ends = live(given).ends;
    for (int minute = 0; minute < 59; ++minute) {
        clock.advance(1min);
        read({given});
        ASSERT_EQ(live(given).ends, ends);
    }
}

TEST_F(GrantBookTest, DoesNotLengthenAGrantWhenTheStoresClockIsSetBack) {
    const auto given = grant(-5min, 1h);
    read({given});
    const auto before = live(given);
    clock.advance(1min);
    clock.step_wall(-10min);
    read({given});
    EXPECT_EQ(live(given).ends, before.ends);
}

TEST_F(GrantBookTest, EndsAGrantSoonerWhenTheStoresClockIsSetForward) {
    const auto given = grant(0s, 1h);
    read({given});
    clock.step_wall(20min);
    read({given});
    EXPECT_EQ(live(given).ends, clock.boot_now() + 40min);
}

TEST_F(GrantBookTest, DoesNotGiveBackWhatAStepTookWhenTheStoresClockIsSetRight) {
    const auto given = grant(0s, 1h);
    read({given});
    clock.step_wall(20min);
    read({given});
    clock.step_wall(-20min);
    read({given});
    EXPECT_EQ(live(given).ends, clock.boot_now() + 40min);
}

TEST_F(GrantBookTest, DoesNotStartAGrantSoonerWhenTheStoresClockIsSetForward) {
    const auto given = grant(30min, 1h);
    read({given});
    clock.step_wall(20min);
    read({given});
    EXPECT_EQ(live(given).starts, clock.boot_now() + 30min);
}

TEST_F(GrantBookTest, StartsAGrantLaterWhenTheStoresClockIsSetBack) {
    const auto given = grant(30min, 1h);
    read({given});
    clock.step_wall(-20min);
    read({given});
    EXPECT_EQ(live(given).starts, clock.boot_now() + 50min);
    EXPECT_EQ(live(given).ends, clock.boot_now() + 90min);
}

// Asleep, the boot clock goes on; what the store says afterwards agrees with it.
TEST_F(GrantBookTest, CountsTheTimeThatTheMachineSlept) {
    const auto given = grant(0s, 1h);
    read({given});
    const BootInstant ends = live(given).ends;
    clock.advance(2h);
    EXPECT_EQ(book.active(clock.boot_now()), 0U) << "over when it wakes, before the store is heard";
    EXPECT_EQ(live(given).ends, ends);
}

TEST_F(GrantBookTest, FollowsTheSoonestOfReadingsThatDifferByRounding) {
    const auto given = grant(0s, 1h);
    read({given});
    const BootInstant ends = live(given).ends;
    auto jittered = countdown(given);
    jittered.remaining += 700us;
    book.replace({jittered});
    EXPECT_EQ(live(given).ends, ends);
    jittered.remaining -= 1ms;
    book.replace({jittered});
    EXPECT_EQ(live(given).ends, ends - 300us);
}

TEST_F(GrantBookTest, MovesTheEndWhenAGrantIsExtended) {
    auto given = grant(0s, 1h);
    read({given});
    given.window.ends_at += 30min;
    read({given});
    EXPECT_EQ(live(given).ends, clock.boot_now() + 90min);
}

TEST_F(GrantBookTest, MovesTheEndWhenAGrantIsShortened) {
    auto given = grant(0s, 1h);
    read({given});
    given.window.ends_at -= 30min;
    read({given});
    EXPECT_EQ(live(given).ends, clock.boot_now() + 30min);
}

TEST_F(GrantBookTest, HoldsAnExtendedWindowAsFirmlyAsTheOldOne) {
    auto given = grant(0s, 1h);
    read({given});
    given.window.ends_at += 30min;
    read({given});
    clock.step_wall(-10min);
    read({given});
    EXPECT_EQ(live(given).ends, clock.boot_now() + 90min);
}

TEST_F(GrantBookTest, ForgetsAGrantThatLeftTheList) {
    const auto revoked = grant(0s, 1h);
    const auto kept = grant(0s, 1h);
    read({revoked, kept});
    read({kept});
    EXPECT_EQ(book.grants()->find(revoked.id), nullptr);
    EXPECT_NE(book.grants()->find(kept.id), nullptr);
}

TEST_F(GrantBookTest, SkipsGrantsThatAreOver) {
    auto revoked = grant(0s, 1h);
    revoked.revoked = policy::Grant::Revocation{clock.wall_now(), "bob", "done"};
    auto ended = grant(0s, 1h);
    ended.ended = true;
    const auto past = grant(-2h, 1h);
    const auto ends_now = grant(-1h, 1h);
    const auto last_millisecond = grant(-1h, 1h + 1ms);
    read({revoked, ended, past, ends_now, last_millisecond});
    ASSERT_EQ(book.grants()->all().size(), 1U);
    EXPECT_EQ(book.grants()->all()[0]->grant.id, last_millisecond.id);
}

TEST_F(GrantBookTest, LetsNoLateAnswerReviveWhatWasHeardToBeOver) {
    auto given = grant(0s, 1h);
    const GrantCountdown before = countdown(given);
    book.update(before);
    given.revoked = policy::Grant::Revocation{clock.wall_now(), "bob", "done"};
    book.update(countdown(given));
    EXPECT_EQ(book.grants()->find(given.id), nullptr);
    book.update(before);
    EXPECT_EQ(book.grants()->find(given.id), nullptr);
    read({});
    book.update(before);
    EXPECT_EQ(book.grants()->find(given.id), nullptr) << "also where a whole list came in between";
}

TEST_F(GrantBookTest, TakesAnExtensionThatIsHeardAfterTheEndThatItMoved) {
    auto given = grant(0s, 1h);
    const GrantCountdown before = countdown(given);
    clock.advance(1h);
    book.update(countdown(given));
    EXPECT_EQ(book.grants()->find(given.id), nullptr);
    given.window.ends_at += 30min;
    book.update(countdown(given));
    ASSERT_NE(book.grants()->find(given.id), nullptr);
    EXPECT_EQ(live(given).ends, clock.boot_now() + 30min);
    clock.advance(30min);
    book.update(countdown(given));
    book.update(before);
    EXPECT_EQ(book.grants()->find(given.id), nullptr);
}

TEST_F(GrantBookTest, BringsEndsCloserWhereTheClockOfTheStoreWasSetForward) {
    const auto given = grant(0s, 1h);
    read({given});
    book.tell_time(clock.wall_now(), clock.boot_now());
    const BootInstant ends = live(given).ends;
    clock.advance(1min);
    book.tell_time(clock.wall_now(), clock.boot_now());
    EXPECT_EQ(live(given).ends, ends);
    clock.step_wall(10min);
    book.tell_time(clock.wall_now(), clock.boot_now());
    EXPECT_EQ(live(given).ends, ends - 10min);
    clock.step_wall(-10min);
    book.tell_time(clock.wall_now(), clock.boot_now());
    EXPECT_EQ(live(given).ends, ends - 10min) << "and never further off";
}

// Its deadline came here before the store, whose clock was set back, would say so.
TEST_F(GrantBookTest, DoesNotReviveAGrantWhoseEndHasComeHere) {
    const auto given = grant(0s, 1h);
    read({given});
    clock.step_wall(-30min);
    clock.advance(1h);
    read({given});
    ASSERT_NE(book.grants()->find(given.id), nullptr);
    EXPECT_EQ(book.active(clock.boot_now()), 0U);
}

TEST_F(GrantBookTest, KeepsTheSameObjectWhereNothingChanged) {
    const auto first = grant(0s, 1h);
    const auto second = grant(5min, 1h);
    read({first, second});
    const auto before = book.grants();
    clock.advance(10s);
    read({first, second});
    EXPECT_EQ(book.grants(), before);
    read({second, first});
    EXPECT_EQ(book.grants(), before) << "the order says nothing";
}

TEST_F(GrantBookTest, MakesANewObjectForEachChangeAndLeavesTheOldOneAlone) {
    auto given = grant(0s, 1h);
    read({given});
    std::shared_ptr<const policy::Grants> before;
    const auto expect_change = [&](const std::vector<policy::Grant>& grants) {
        before = book.grants();
        read(grants);
        EXPECT_NE(book.grants(), before);
    };
    given.window.ends_at += 1min;
    expect_change({given});
    given.allow_replication = true;
    expect_change({given});
    expect_change({given, grant(0s, 1h)});
    expect_change({given});
    expect_change({});
    EXPECT_EQ(before->all().size(), 1U);
    EXPECT_EQ(before->all()[0]->grant.id, given.id);
}

TEST_F(GrantBookTest, CountsTheGrantsWhoseWindowIsOpen) {
    read({grant(0s, 1h), grant(10min, 1h), grant(-10min, 15min)});
    const BootInstant now = clock.boot_now();
    EXPECT_EQ(book.active(now), 2U);
    EXPECT_EQ(book.active(now + 5min - 1ns), 2U);
    EXPECT_EQ(book.active(now + 5min), 1U) << "not at the very instant it ends";
    EXPECT_EQ(book.active(now + 10min), 2U) << "at the very instant it starts";
    EXPECT_EQ(book.active(now + 2h), 0U);
}

TEST_F(GrantBookTest, HoldsManyGrantsThroughEveryStepOfTheStoresClock) {
    std::vector<policy::Grant> many;
    for (int i = 0; i < 10'000; ++i)
        many.push_back(grant(0s, 1h + i * 1s));
    read(many);
    const BootInstant start = clock.boot_now();
    for (const auto step : {-3min, 5min, -20min, 18min}) {
        clock.advance(10s);
        clock.step_wall(step);
        read(many);
    }
    ASSERT_EQ(book.grants()->all().size(), many.size());
    // It was 2 min ahead of what it said first, at most.
    for (std::size_t i = 0; i < many.size(); ++i)
        ASSERT_EQ(live(many[i]).ends, start + 1h + i * 1s - 2min);
}

// --- Grants that were signed offline

policy::LiveGrant counted(const policy::Grant& given, const Clock& clock, Duration length) {
    policy::LiveGrant live;
    live.grant = given;
    live.starts = clock.boot_now();
    live.ends = live.starts + length;
    return live;
}

TEST_F(GrantBookTest, KeepsWhatWasSignedOfflineThoughNoListHasIt) {
    const auto given = grant(0min, 30min);
    book.add_offline(counted(given, clock, 30min));
    read({});
    EXPECT_TRUE(live(given).outlives_store);
    EXPECT_EQ(live(given).ends, clock.boot_now() + 30min);
}

TEST_F(GrantBookTest, NeverLengthensWhatIsEnteredWithAnotherWindow) {
    auto given = grant(0min, 30min);
    book.add_offline(counted(given, clock, 30min));
    const BootInstant ends = live(given).ends;
    given.window.ends_at += 5min;  // the store's clock is behind
    book.entered(countdown(given));
    EXPECT_EQ(live(given).ends, ends);
    read({given});
    EXPECT_EQ(live(given).ends, ends) << "the window that was entered is the known one from then on";
    EXPECT_TRUE(live(given).outlives_store);
}

TEST_F(GrantBookTest, ShortensWhatIsEnteredWithLessLeft) {
    auto given = grant(0min, 30min);
    book.add_offline(counted(given, clock, 30min));
    given.window.ends_at -= 5min;
    book.entered(countdown(given));
    EXPECT_EQ(live(given).ends, clock.boot_now() + 25min);
}

TEST_F(GrantBookTest, TakesTheStoresWordOnceItIsEntered) {
    const auto given = grant(0min, 30min);
    book.add_offline(counted(given, clock, 30min));
    book.entered(countdown(given));
    read({});
    EXPECT_EQ(book.grants()->find(given.id), nullptr) << "revoked there";
}

// What says that it is entered may be lost, or could not be noted.
TEST_F(GrantBookTest, HasOnceWhatIsEnteredThoughThisNodeDoesNotKnow) {
    auto given = grant(0min, 30min);
    book.add_offline(counted(given, clock, 30min));
    read({given});
    EXPECT_EQ(book.grants()->on_resource("prod").size(), 1U);
    given.revoked = policy::Grant::Revocation{clock.wall_now(), "bob", "done"};
    book.update(countdown(given));
    EXPECT_EQ(book.grants()->find(given.id), nullptr);
    EXPECT_TRUE(book.grants()->on_resource("prod").empty());
}

TEST_F(GrantBookTest, DropsWhatIsRemovedBeforeItIsEntered) {
    const auto given = grant(0min, 30min);
    book.add_offline(counted(given, clock, 30min));
    book.remove(given.id);
    EXPECT_EQ(book.grants()->find(given.id), nullptr);
    read({});
    EXPECT_EQ(book.grants()->find(given.id), nullptr);
}

}  // namespace
}  // namespace curfew::proxy
