// The timeline: what was allowed in a time, and whether anything stuck out of it.
#include <gmock/gmock.h>

#include "request_fixture.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using policy::EndCause;
using store::Confirmation;
using store::GrantOnTimeline;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class TimelineOfGrants : public RequestTest {
protected:
    WallInstant begin = clock.wall_now();

    // From `from` to `to` after the test's begin.
    store::Timeline read(std::chrono::milliseconds from, std::chrono::milliseconds to,
                         std::optional<std::string> resource = std::nullopt, std::size_t grants = 100) {
        return await(store->timeline({begin + from, begin + to, std::move(resource), grants})).value();
    }
    static std::vector<GrantId> ids(const store::Timeline& timeline) {
        std::vector<GrantId> found;
        for (const GrantOnTimeline& shown : timeline.grants)
            found.push_back(shown.grant.grant.id);
        return found;
    }
    SessionId begin_session(const GrantId& under) {
        store::SessionRecord session = new_session(under);
        session.started_at = clock.wall_now();
        await(store->session_started(session)).value();
        return session.id;
    }
    void end(const SessionId& id, EndCause cause = EndCause::client_closed) {
        await(store->session_ended({id, cause, Confirmation::activity, {}})).value();
    }
};

TEST_F(TimelineOfGrants, HasThoseWhoseWindowTouchesIt) {
    const GrantId now = give(new_grant("alice", 1h)).grant.id;
    auto coming = new_grant("bob", 1h);
    coming.starts_in = 2h;
    const GrantId later = give(coming).grant.id;
    EXPECT_THAT(ids(read(0h, 3h)), ElementsAre(later, now));
    EXPECT_THAT(ids(read(0h, 2h)), ElementsAre(now)) << "the end is not in it";
    EXPECT_THAT(ids(read(1h, 2h)), IsEmpty()) << "nor is that of a window";
    EXPECT_THAT(ids(read(1h - 1ms, 2h)), ElementsAre(now));
    EXPECT_THAT(ids(read(2h, 2h + 1ms)), ElementsAre(later));
    EXPECT_EQ(read(0h, 3h).as_of, clock.wall_now());
}

TEST_F(TimelineOfGrants, IsOfOneResourceWhereThatIsAsked) {
    give();
    auto other = new_grant();
    other.resource = "stock";
    const GrantId stock = give(other).grant.id;
    ask(new_request("alice", "stock"));
    ask();
    EXPECT_THAT(ids(read(0h, 1h, "stock")), ElementsAre(stock));
    EXPECT_THAT(read(0h, 1h, "stock").not_approved, SizeIs(1));
    EXPECT_THAT(ids(read(0h, 1h, "nowhere")), IsEmpty());
}

TEST_F(TimelineOfGrants, SaysWhoAskedAndWhoDecided) {
    const auto asked = ask();
    clock.advance(10min);
    ASSERT_TRUE(change(asked.request.id, approval_by("bob")));
    const auto timeline = read(0h, 1h);
    ASSERT_THAT(timeline.grants, SizeIs(1));
    ASSERT_TRUE(timeline.grants[0].request);
    EXPECT_EQ(timeline.grants[0].request->id, asked.request.id);
    EXPECT_EQ(timeline.grants[0].request->asked_at, begin);
    EXPECT_EQ(timeline.grants[0].request->decided_at, begin + 10min);
    EXPECT_EQ(timeline.grants[0].request->decided_by, "bob");
    ASSERT_THAT(timeline.grants[0].request->reviews, SizeIs(1));
    EXPECT_EQ(timeline.grants[0].request->reviews[0].reviewer, "bob");
    EXPECT_THAT(timeline.not_approved, IsEmpty());
}

TEST_F(TimelineOfGrants, HasNoRequestOfAGrantThatWasGivenByHand) {
    give();
    EXPECT_FALSE(read(0h, 1h).grants.at(0).request);
}

TEST_F(TimelineOfGrants, SaysWhatAWindowWasExtendedBy) {
    const auto record = approved();
    const GrantId grant = *record.request.grant;
    const auto more = ask_for_extension(grant, 30min);
    ASSERT_TRUE(change(more.request.id, approval_by("carol")));
    ASSERT_TRUE(await(store->extend_grant(grant, 15min, "root")));
    const auto timeline = read(0h, 3h);
    ASSERT_THAT(timeline.grants, SizeIs(1));
    const auto& shown = timeline.grants[0];
    EXPECT_EQ(shown.grant.grant.window.ends_at, begin + 1h + 45min);
    ASSERT_THAT(shown.extensions, SizeIs(2));
    EXPECT_EQ(shown.extensions[0].by, "carol");
    EXPECT_EQ(shown.extensions[0].request, more.request.id);
    EXPECT_EQ(shown.extensions[0].from, begin + 1h);
    EXPECT_EQ(shown.extensions[0].to, begin + 90min);
    EXPECT_EQ(shown.extensions[1].by, "root");
    EXPECT_EQ(shown.extensions[1].request, std::nullopt);
    EXPECT_EQ(shown.request->id, record.request.id) << "the one that gave it, not that for more";
    EXPECT_THAT(ids(read(100min, 3h)), ElementsAre(grant)) << "it lasts as long as it was extended";
}

TEST_F(TimelineOfGrants, HasTheSessionsThatWereThereUnderTheirGrants) {
    const GrantId one = give(new_grant("alice", 2h)).grant.id;
    const GrantId other = give(new_grant("alice", 2h)).grant.id;
    const SessionId early = begin_session(one);
    clock.advance(30min);
    end(early);
    const SessionId live = begin_session(one);
    const SessionId others = begin_session(other);
    const auto timeline = read(0h, 1h);
    ASSERT_EQ(ids(timeline), (std::vector{other, one}));
    ASSERT_THAT(timeline.grants[1].sessions, SizeIs(2));
    EXPECT_EQ(timeline.grants[1].sessions[0].record.id, live);
    EXPECT_EQ(timeline.grants[1].sessions[1].record.id, early);
    EXPECT_EQ(timeline.grants[1].sessions[1].record.cause, EndCause::client_closed);
    EXPECT_EQ(timeline.grants[1].sessions[1].deadline, begin + 2h);
    ASSERT_THAT(timeline.grants[0].sessions, SizeIs(1));
    EXPECT_EQ(timeline.grants[0].sessions[0].record.id, others);
    EXPECT_THAT(read(30min + 1ms, 1h).grants[1].sessions, SizeIs(1)) << "the early one was over";
    EXPECT_THAT(read(0h, 30min).grants[1].sessions, SizeIs(1)) << "the live one had not begun";
}

TEST_F(TimelineOfGrants, ShowsWhatOutlivedItsWindow) {
    const GrantId grant = give(new_grant("alice", 1h)).grant.id;
    const SessionId late = begin_session(grant);
    clock.advance(1h + 5min);
    EXPECT_THAT(ids(read(1h + 1min, 2h)), ElementsAre(grant)) << "it is not over";
    end(late, EndCause::grant_expired);
    const auto timeline = read(1h + 1min, 2h);
    ASSERT_THAT(ids(timeline), ElementsAre(grant)) << "its window was over, its session not";
    EXPECT_EQ(timeline.grants[0].sessions.at(0).overstay(), Duration{5min});
    EXPECT_THAT(ids(read(1h + 6min, 2h)), IsEmpty());
}

TEST_F(TimelineOfGrants, HasWhatWasRevokedWithTheWindowThatItHad) {
    const auto record = approved();
    clock.advance(10min);
    ASSERT_TRUE(change(record.request.id, revocation_by("carol")));
    const auto timeline = read(30min, 1h);
    ASSERT_THAT(timeline.grants, SizeIs(1));
    EXPECT_EQ(timeline.grants[0].grant.grant.window.ends_at, begin + 1h);
    EXPECT_EQ(timeline.grants[0].grant.grant.revoked->at, begin + 10min);
}

TEST_F(TimelineOfGrants, HasTheRequestsThatWereNotApproved) {
    const auto rejected = ask();
    ASSERT_TRUE(change(rejected.request.id, rejection_by("bob")));
    approved();
    clock.advance(10min);
    const auto pending = ask();
    const auto found = read(0h, 1h).not_approved;
    ASSERT_THAT(found, SizeIs(2));
    EXPECT_EQ(found[0].id, pending.request.id);
    EXPECT_EQ(found[1].id, rejected.request.id);
    ASSERT_THAT(found[1].reviews, SizeIs(1));
    EXPECT_EQ(found[1].reviews[0].verdict, policy::Verdict::reject);
    EXPECT_THAT(read(0h, 10min).not_approved, SizeIs(1)) << "the end is not in it";
    EXPECT_THAT(read(10min, 1h).not_approved, SizeIs(1));
}

TEST_F(TimelineOfGrants, SaysThatItWasCut) {
    for (int i = 0; i < 3; ++i)
        give();
    const auto all = read(0h, 1h, std::nullopt, 3);
    EXPECT_FALSE(all.cut);
    EXPECT_THAT(all.grants, SizeIs(3));
    const auto some = read(0h, 1h, std::nullopt, 2);
    EXPECT_TRUE(some.cut);
    EXPECT_THAT(some.grants, SizeIs(2));
    EXPECT_EQ(some.grants[0].grant.grant.id, all.grants[0].grant.grant.id) << "the newest stay";
}

TEST_F(TimelineOfGrants, SaysThatSessionsAndRequestsWereCut) {
    const GrantId grant = give().grant.id;
    for (int i = 0; i < 10; ++i)
        begin_session(grant);
    EXPECT_FALSE(read(0h, 1h, std::nullopt, 1).cut);
    begin_session(grant);
    const auto cut = read(0h, 1h, std::nullopt, 1);
    EXPECT_TRUE(cut.cut);
    EXPECT_THAT(cut.grants.at(0).sessions, SizeIs(10));
    ask(new_request("alice", "stock"));
    EXPECT_FALSE(read(0h, 1h, "stock", 1).cut);
    ask(new_request("alice", "stock"));
    EXPECT_TRUE(read(0h, 1h, "stock", 1).cut);
    EXPECT_THAT(read(0h, 1h, "stock", 1).not_approved, SizeIs(1));
}

TEST_F(TimelineOfGrants, IsOfATimeThatCanBe) {
    const auto code = [&](store::TimelineWanted wanted) {
        return await(store->timeline(std::move(wanted))).error().code;
    };
    EXPECT_EQ(code({begin, begin}), ErrorCode::invalid);
    EXPECT_EQ(code({begin + 1h, begin}), ErrorCode::invalid);
    EXPECT_EQ(code({begin, begin + 1h, std::nullopt, 0}), ErrorCode::invalid);
    EXPECT_EQ(code({begin, begin + 1h, std::nullopt, 1001}), ErrorCode::invalid);
}

}  // namespace
}  // namespace curfew::test
