// Grants: given, revoked, extended, ended; and what becomes of them when clocks are set.
#include <gmock/gmock.h>

#include "store_fixture.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using policy::GrantState;
using policy::Subject;
using store::GrantCountdown;
using store::NewGrant;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Grants : public StoreTest {
protected:
    void expect_refused(const NewGrant& grant, std::string_view why) {
        const auto answer = await(store->add_grant(grant));
        ASSERT_FALSE(answer);
        EXPECT_EQ(answer.error().code, ErrorCode::invalid);
        EXPECT_THAT(answer.error().message, HasSubstr(std::string{why}));
        EXPECT_THAT(await(store->grants(true)).value(), IsEmpty());
    }
    static std::vector<GrantId> ids(const std::vector<GrantCountdown>& grants) {
        std::vector<GrantId> found;
        for (const auto& grant : grants)
            found.push_back(grant.grant.id);
        return found;
    }
    Result<GrantCountdown> revoke(const GrantId& id) {
        return await(store->revoke_grant(id, "bob", "no longer needed"));
    }
};

TEST_F(Grants, ArriveAsTheyWereGiven) {
    NewGrant wanted = new_grant();
    wanted.subject = {Subject::Kind::group, "dba"};
    wanted.allow_replication = true;
    wanted.reason = "it's \"broken\"; DROP TABLE grants\nübel";
    const GrantCountdown given = give(wanted);

    for (const GrantCountdown& grant : {given, look_up(given.grant.id)}) {
        EXPECT_EQ(grant.grant.subject, wanted.subject);
        EXPECT_EQ(grant.grant.resource, wanted.resource);
        EXPECT_EQ(grant.grant.reason, wanted.reason);
        EXPECT_EQ(grant.grant.given_by, "root");
        EXPECT_EQ(grant.grant.given_at, clock.wall_now());
        EXPECT_TRUE(grant.grant.allow_replication);
        EXPECT_FALSE(grant.grant.revoked);
        EXPECT_FALSE(grant.grant.ended);
        EXPECT_EQ(grant.state(), GrantState::active);
    }
}

TEST_F(Grants, AreForAUserAGroupOrEveryone) {
    for (const Subject& subject :
         {Subject{Subject::Kind::user, "alice"}, Subject{Subject::Kind::group, "dba"},
          Subject{Subject::Kind::everyone, {}}}) {
        NewGrant wanted = new_grant();
        wanted.subject = subject;
        EXPECT_EQ(look_up(give(wanted).grant.id).grant.subject, subject);
    }
}

TEST_F(Grants, HaveAWindowOnTheStoresClock) {
    const GrantCountdown given = give();
    EXPECT_EQ(given.grant.window.starts_at, clock.wall_now());
    EXPECT_EQ(given.grant.window.ends_at, clock.wall_now() + 1h);
    EXPECT_EQ(given.starts_in, 0s);
    EXPECT_EQ(given.remaining, 1h);
}

TEST_F(Grants, CountDownFromTheBootClocksInstant) {
    const GrantId id = give().grant.id;
    const BootInstant end = clock.boot_now() + 1h;
    clock.advance(20min);
    const GrantCountdown now = look_up(id);
    EXPECT_EQ(now.remaining, 40min);
    EXPECT_EQ(now.as_of, clock.boot_now());
    EXPECT_EQ(now.as_of + now.remaining, end);
}

TEST_F(Grants, LastForWholeMilliseconds) {
    EXPECT_EQ(give(new_grant("alice", 1'999'999ns)).remaining, 1ms);
    clock.advance(1'500us);
    const GrantCountdown later = give(new_grant("alice", 10ms));
    EXPECT_EQ(later.grant.window.ends_at - later.grant.window.starts_at, 10ms);
    EXPECT_LE(later.remaining, 10ms) << "never longer than asked for";
}

TEST_F(Grants, CanStartLater) {
    NewGrant wanted = new_grant();
    wanted.starts_in = 30min;
    const GrantId id = give(wanted).grant.id;
    EXPECT_EQ(look_up(id).state(), GrantState::upcoming);
    EXPECT_EQ(look_up(id).starts_in, 30min);
    EXPECT_EQ(look_up(id).remaining, 90min);
    clock.advance(30min);
    EXPECT_EQ(look_up(id).state(), GrantState::active);
}

TEST_F(Grants, HaveALengthAboveZero) {
    expect_refused(new_grant("alice", 0s), "above zero");
    expect_refused(new_grant("alice", -1h), "above zero");
    expect_refused(new_grant("alice", 999'999ns), "above zero");
}

TEST_F(Grants, LastAYearAtMost) {
    expect_refused(new_grant("alice", 366 * 24h + 1ns), "366 days");
    expect_refused(new_grant("alice", Duration::max()), "366 days");
    EXPECT_EQ(give(new_grant("alice", 366 * 24h)).remaining, 366 * 24h);
}

TEST_F(Grants, DoNotStartInThePast) {
    NewGrant wanted = new_grant();
    wanted.starts_in = -1ns;
    expect_refused(wanted, "starts now or later");
    wanted.starts_in = Duration::max();
    expect_refused(wanted, "starts now or later");
}

// As text it would read back as a group.
TEST_F(Grants, AreNotGivenToANameThatMeansSomethingElse) {
    expect_refused(new_grant("group:dba"), "means something else");
    expect_refused(new_grant("*"), "means something else");
    expect_refused(new_grant(""), "names nobody");
}

TEST_F(Grants, NameTheirResource) {
    NewGrant wanted = new_grant();
    wanted.resource.clear();
    expect_refused(wanted, "resource");
}

TEST_F(Grants, AreListedNewestFirst) {
    const GrantId first = give().grant.id;
    const GrantId second = give().grant.id;
    NewGrant upcoming = new_grant();
    upcoming.starts_in = 1h;
    const GrantId third = give(upcoming).grant.id;
    EXPECT_THAT(current_grants(), ElementsAre(third, second, first));
}

TEST_F(Grants, LeaveTheListWhenTheyAreOverButAreKept) {
    const GrantId revoked = give().grant.id;
    const GrantId short_one = give(new_grant("alice", 1min)).grant.id;
    const GrantId stays = give().grant.id;
    ASSERT_TRUE(revoke(revoked));
    clock.advance(1min);
    EXPECT_THAT(current_grants(), ElementsAre(stays));
    const auto all = await(store->grants(true)).value();
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(all[1].grant.id, short_one);
    EXPECT_EQ(all[1].state(), GrantState::ended);
    EXPECT_EQ(all[2].state(), GrantState::revoked);
}

TEST_F(Grants, EndAtTheirEndAndNotBefore) {
    give(new_grant("alice", 1min));
    clock.advance(1min - 1ns);
    EXPECT_EQ(current_grants().size(), 1U);
    clock.advance(1ns);
    EXPECT_THAT(current_grants(), IsEmpty());
}

TEST_F(Grants, RememberWhoRevokedThemWhenAndWhy) {
    const GrantId id = give().grant.id;
    clock.advance(5min);
    const auto answer = revoke(id);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->state(), GrantState::revoked);
    const auto revocation = look_up(id).grant.revoked;
    ASSERT_TRUE(revocation);
    EXPECT_EQ(revocation->at, clock.wall_now());
    EXPECT_EQ(revocation->by, "bob");
    EXPECT_EQ(revocation->reason, "no longer needed");
}

TEST_F(Grants, CanBeRevokedBeforeTheyStart) {
    NewGrant wanted = new_grant();
    wanted.starts_in = 1h;
    EXPECT_TRUE(revoke(give(wanted).grant.id));
}

TEST_F(Grants, AreRevokedOnce) {
    const GrantId id = give().grant.id;
    ASSERT_TRUE(revoke(id));
    const auto again = await(store->revoke_grant(id, "mallory", "other"));
    EXPECT_EQ(again.error().code, ErrorCode::conflict);
    EXPECT_THAT(again.error().message, HasSubstr("Grant " + id.text() + " was revoked already, by bob"));
    EXPECT_EQ(look_up(id).grant.revoked->by, "bob");
}

TEST_F(Grants, AreNotRevokedOnceTheyAreOver) {
    const GrantId id = give(new_grant("alice", 1min)).grant.id;
    clock.advance(1min);
    const auto answer = revoke(id);
    EXPECT_EQ(answer.error().code, ErrorCode::conflict);
    EXPECT_THAT(answer.error().message,
                HasSubstr("has been over since 2019-12-20T00:01:00Z; there is nothing to"));
    EXPECT_EQ(look_up(id).state(), GrantState::ended);
}

TEST_F(Grants, ThatAreUnknownAreNotFound) {
    const GrantId unknown = GrantId::generate();
    EXPECT_EQ(revoke(unknown).error().code, ErrorCode::not_found);
    const auto answer = await(store->extend_grant(unknown, 1h, "root"));
    EXPECT_EQ(answer.error().code, ErrorCode::not_found);
    EXPECT_THAT(answer.error().message, HasSubstr(unknown.text()));
}

TEST_F(Grants, GoOnForAsMuchLongerAsTheyAreExtendedBy) {
    const GrantId id = give().grant.id;
    clock.advance(30min);
    EXPECT_EQ(await(store->extend_grant(id, 15min, "root"))->remaining, 45min);
    EXPECT_EQ(look_up(id).remaining, 45min);
    EXPECT_EQ(await(store->extend_grant(id, 15min, "root"))->remaining, 60min);
    EXPECT_EQ(look_up(id).grant.window.ends_at, clock.wall_now() + 1h);
}

TEST_F(Grants, AreExtendedByMoreThanNothingAndLessThanAYear) {
    const GrantId id = give().grant.id;
    for (const Duration by : {Duration{0}, Duration{-1h}, Duration{366 * 24h}, Duration::max()})
        EXPECT_EQ(await(store->extend_grant(id, by, "root")).error().code, ErrorCode::invalid);
    EXPECT_EQ(look_up(id).remaining, 1h);
    EXPECT_EQ(await(store->extend_grant(id, 366 * 24h - 1h, "root"))->remaining, 366 * 24h);
}

TEST_F(Grants, AreNotExtendedOnceTheyAreOver) {
    const GrantId revoked = give().grant.id;
    const GrantId passed = give(new_grant("alice", 1min)).grant.id;
    ASSERT_TRUE(revoke(revoked));
    clock.advance(1min);
    EXPECT_EQ(await(store->extend_grant(revoked, 1h, "root")).error().code, ErrorCode::conflict);
    const auto answer = await(store->extend_grant(passed, 1h, "root"));
    EXPECT_EQ(answer.error().code, ErrorCode::conflict);
    EXPECT_THAT(answer.error().message, HasSubstr("has been over since"));
    EXPECT_THAT(answer.error().message, HasSubstr("; give a new one"));
    EXPECT_THAT(current_grants(), IsEmpty());
}

TEST_F(Grants, AreNotLengthenedByAClockSetBack) {
    const GrantId id = give().grant.id;
    clock.advance(20min);
    clock.step_wall(-3h);
    EXPECT_EQ(look_up(id).remaining, 40min);
    clock.advance(40min);
    EXPECT_EQ(look_up(id).state(), GrantState::ended);
}

TEST_F(Grants, AreShortenedByAClockSetForwards) {
    const GrantId id = give().grant.id;
    clock.step_wall(20min);
    EXPECT_EQ(look_up(id).remaining, 40min);
}

TEST_F(Grants, ThatEndedStayEndedWhenTheClockIsSetBack) {
    const GrantId id = give(new_grant("alice", 1min)).grant.id;
    clock.advance(1min);
    clock.step_wall(-1h);
    EXPECT_THAT(current_grants(), IsEmpty());
    EXPECT_EQ(await(store->extend_grant(id, 1h, "root")).error().code, ErrorCode::conflict);
}

TEST_F(Grants, ThatEndedStayEndedWhenCurfewdComesBackToAnEarlierClock) {
    const GrantId id = give(new_grant("alice", 1min)).grant.id;
    clock.advance(1min);
    ASSERT_TRUE(await(store->check_health()));
    close();
    clock.step_wall(-24h);
    reopen();
    EXPECT_THAT(current_grants(), IsEmpty());
    EXPECT_TRUE(look_up(id).grant.ended);
}

TEST_F(Grants, GoOnWhereTheyStoodWhenCurfewdComesBackToAnEarlierClock) {
    const GrantId id = give().grant.id;
    clock.advance(20min);
    close();
    clock.step_wall(-24h);
    reopen();
    EXPECT_EQ(look_up(id).remaining, 40min);
    clock.advance(40min);
    EXPECT_EQ(look_up(id).state(), GrantState::ended);
}

TEST_F(Grants, CountTheTimeThatCurfewdWasAway) {
    const GrantId id = give().grant.id;
    close();
    clock.advance(20min);
    reopen();
    EXPECT_EQ(look_up(id).remaining, 40min);
}

TEST_F(Grants, AreListedAPageAtATimeNewestFirst) {
    const GrantId first = give().grant.id;
    const GrantId second = give().grant.id;
    const GrantId third = give().grant.id;
    const auto page = await(store->list_grants({}, {2})).value();
    EXPECT_THAT(ids(page.grants), ElementsAre(third, second));
    ASSERT_TRUE(page.next);
    give();
    const auto rest = await(store->list_grants({}, {2, *page.next})).value();
    EXPECT_THAT(ids(rest.grants), ElementsAre(first));
    EXPECT_EQ(rest.next, std::nullopt);
    EXPECT_EQ(await(store->list_grants({}, {2, "x"})).error().code, ErrorCode::invalid);
    EXPECT_EQ(await(store->list_grants({}, {1001})).error().code, ErrorCode::invalid);
}

TEST_F(Grants, AreListedWithoutThoseThatAreOverUnlessTheyAreAskedFor) {
    const GrantId revoked = give().grant.id;
    await(store->revoke_grant(revoked, "bob", "")).value();
    const GrantId passed = give(new_grant("alice", 1min)).grant.id;
    const GrantId open = give().grant.id;
    clock.advance(2min);
    EXPECT_THAT(ids(await(store->list_grants({}, {})).value().grants), ElementsAre(open));
    EXPECT_THAT(ids(await(store->list_grants({true}, {})).value().grants),
                ElementsAre(open, passed, revoked));
}

TEST_F(Grants, AreListedForSomeSubjectsAlone) {
    const GrantId alice = give(new_grant("alice", 1h)).grant.id;
    give(new_grant("bob", 1h));
    store::GrantFilter filter;
    filter.subjects = {*policy::parse_subject("alice"), *policy::parse_subject("group:dba")};
    EXPECT_THAT(ids(await(store->list_grants(filter, {})).value().grants), ElementsAre(alice));
    filter.include_over = true;
    EXPECT_THAT(ids(await(store->list_grants(filter, {})).value().grants), ElementsAre(alice));
    filter.subjects = std::vector<policy::Subject>{};
    EXPECT_THAT(await(store->list_grants(filter, {})).value().grants, IsEmpty());
}

TEST_F(Grants, AreToldWholeAndThenAsTheyChange) {
    const GrantId first = give().grant.id;
    const GrantId second = give().grant.id;
    const auto whole = await(store->grant_news(std::nullopt)).value();
    EXPECT_TRUE(whole.whole);
    EXPECT_THAT(ids(whole.grants), testing::UnorderedElementsAre(first, second));

    const auto nothing = await(store->grant_news(whole.as_of)).value();
    EXPECT_FALSE(nothing.whole);
    EXPECT_THAT(nothing.grants, IsEmpty());
    EXPECT_EQ(nothing.as_of, whole.as_of);

    revoke(second).value();
    const GrantId third = give().grant.id;
    await(store->extend_grant(third, 1h, "bob")).value();
    const auto changed = await(store->grant_news(nothing.as_of)).value();
    EXPECT_FALSE(changed.whole);
    ASSERT_THAT(ids(changed.grants), testing::UnorderedElementsAre(second, third)) << "each once";
    for (const GrantCountdown& one : changed.grants) {
        EXPECT_EQ(one.grant.revoked.has_value(), one.grant.id == second);
    }
    EXPECT_THAT(await(store->grant_news(changed.as_of)).value().grants, IsEmpty());
}

TEST_F(Grants, AreToldToHaveEndedByTime) {
    const GrantId passing = give(new_grant("alice", 1min)).grant.id;
    const auto before = await(store->grant_news(std::nullopt)).value();
    clock.advance(1min);
    await(store->check_health()).value();
    const auto after = await(store->grant_news(before.as_of)).value();
    ASSERT_THAT(ids(after.grants), ElementsAre(passing));
    EXPECT_EQ(after.grants[0].state(), GrantState::ended);
}

TEST_F(Grants, AreToldWholeWhereMoreChangedThanIsWorthTelling) {
    const auto before = await(store->grant_news(std::nullopt)).value();
    std::vector<store::Awaitable<Result<GrantCountdown>>> giving;
    for (int i = 0; i < 300; ++i)
        giving.push_back(store->add_grant(new_grant()));
    for (const auto& given : await_all(std::move(giving)))
        ASSERT_TRUE(given);
    const auto after = await(store->grant_news(before.as_of)).value();
    EXPECT_TRUE(after.whole);
    EXPECT_THAT(after.grants, testing::SizeIs(300));
}

// A failover to a standby that had not received everything.
TEST_F(Grants, AreToldWholeWhereTheStoreHasLostEvents) {
    const GrantId only = give().grant.id;
    const auto last = await(store->head_of_events()).value();
    const auto news = await(store->grant_news(store::ChainHead{last.number + 5, {}})).value();
    EXPECT_TRUE(news.whole);
    EXPECT_EQ(news.as_of, last);
    EXPECT_THAT(ids(news.grants), ElementsAre(only));
}

TEST_F(Grants, AreToldWholeWhereOthersHaveTheNumbersOfLostEvents) {
    const GrantId first = give().grant.id;
    const GrantId second = give().grant.id;
    auto lost = await(store->head_of_events()).value();
    lost.hash[0] ^= 1;
    const auto news = await(store->grant_news(lost)).value();
    EXPECT_TRUE(news.whole);
    EXPECT_THAT(ids(news.grants), testing::UnorderedElementsAre(first, second));
}

TEST_F(Grants, AreFoundByTheirIdentifier) {
    const GrantId id = give().grant.id;
    EXPECT_EQ(await(store->find_grant(id)).value().grant.id, id);
    EXPECT_EQ(await(store->find_grant(GrantId::generate())).error().code, ErrorCode::not_found);
}

TEST_F(Grants, AreFoundManyAtATime) {
    const GrantId first = give().grant.id;
    const GrantId second = give().grant.id;
    give();
    const auto found = await(store->find_grants({first, GrantId::generate(), second})).value();
    EXPECT_THAT(ids(found), testing::UnorderedElementsAre(first, second));
    EXPECT_THAT(await(store->find_grants({})).value(), IsEmpty());
}

}  // namespace
}  // namespace curfew::test
