// Lists of sessions: by who, on what, when, and what became of them.
#include <gmock/gmock.h>

#include <chrono>

#include "store_fixture.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using policy::EndCause;
using store::Confirmation;
using store::ListedSession;
using store::SessionFilter;
using store::SessionOutcome;
using store::SessionRecord;
using testing::ElementsAre;
using testing::IsEmpty;

class SessionList : public StoreTest {
protected:
    // A session that starts now, under a grant for an hour unless it is said which.
    SessionId begin(const std::string& user = "alice", const std::string& resource = "prod-postgres",
                    std::optional<GrantId> under = std::nullopt) {
        SessionRecord session = new_session(under ? *under : give().grant.id);
        session.user = user;
        session.resource = resource;
        session.started_at = clock.wall_now();
        await(store->session_started(session)).value();
        return session.id;
    }
    void end(const SessionId& id, EndCause cause, Confirmation confirmation = Confirmation::activity) {
        await(store->session_ended({id, cause, confirmation, {}})).value();
    }
    std::vector<ListedSession> listed(SessionFilter filter) {
        return await(store->list_sessions(std::move(filter), {100})).value().sessions;
    }
    std::vector<SessionId> ids(SessionFilter filter) {
        std::vector<SessionId> found;
        for (const ListedSession& session : listed(std::move(filter)))
            found.push_back(session.record.id);
        return found;
    }
    std::vector<SessionId> with_outcome(SessionOutcome outcome) {
        SessionFilter filter;
        filter.outcome = outcome;
        return ids(filter);
    }
};

TEST_F(SessionList, IsNarrowedByWhoAndWhere) {
    const SessionId one = begin("alice", "prod-postgres");
    const SessionId two = begin("bob", "prod-postgres");
    const SessionId three = begin("alice", "stock");
    EXPECT_THAT(ids({"alice"}), ElementsAre(three, one));
    EXPECT_THAT(ids({std::nullopt, "prod-postgres"}), ElementsAre(two, one));
    EXPECT_THAT(ids({"alice", "stock"}), ElementsAre(three));
    EXPECT_THAT(ids({"ALICE"}), IsEmpty());
    EXPECT_THAT(ids({"alice", "nowhere"}), IsEmpty());
}

TEST_F(SessionList, IsOfThoseThatWereRecorded) {
    begin();
    std::vector<SessionId> recorded;
    for (const auto mode : {policy::RecordingMode::off, policy::RecordingMode::full}) {
        SessionRecord session = new_session(give().grant.id);
        session.facts.recording = mode;
        await(store->session_started(session)).value();
        recorded.push_back(session.id);
    }
    SessionFilter filter;
    filter.recorded = true;
    EXPECT_THAT(ids(filter), ElementsAre(recorded.back()));
}

TEST_F(SessionList, IsOfThoseThatWereThereInATime) {
    const WallInstant start = clock.wall_now();
    const SessionId early = begin();
    clock.advance(10min);
    end(early, EndCause::client_closed);  // start .. +10
    clock.advance(10min);
    const SessionId late = begin();  // +20 ..
    const auto between = [&](std::optional<Duration> from, std::optional<Duration> to) {
        const auto at = [&](Duration after) {
            return start + std::chrono::floor<std::chrono::milliseconds>(after);
        };
        SessionFilter filter;
        if (from) filter.from = at(*from);
        if (to) filter.to = at(*to);
        return ids(filter);
    };
    EXPECT_THAT(between({}, {}), ElementsAre(late, early));
    EXPECT_THAT(between({}, 20min), ElementsAre(early)) << "`to` is not in it";
    EXPECT_THAT(between({}, 20min + 1ms), ElementsAre(late, early));
    EXPECT_THAT(between({}, 0min), IsEmpty());
    EXPECT_THAT(between(10min, {}), ElementsAre(late, early));
    EXPECT_THAT(between(10min + 1ms, {}), ElementsAre(late));
    EXPECT_THAT(between(11min, 19min), IsEmpty()) << "nobody was there";
    EXPECT_THAT(between(5min, 6min), ElementsAre(early)) << "it was there all the time";
    EXPECT_THAT(between(1000h, {}), ElementsAre(late)) << "it is not over";
    end(late, EndCause::client_closed);
    EXPECT_THAT(between(1000h, {}), IsEmpty());
}

TEST_F(SessionList, IsNarrowedByWhatBecameOfThem) {
    const SessionId closed = begin();
    end(closed, EndCause::client_closed, Confirmation::eof);
    const SessionId broken = begin();
    end(broken, EndCause::failed, Confirmation::eof);
    const SessionId killed = begin();
    end(killed, EndCause::session_killed);
    const SessionId lost = begin();
    end(lost, EndCause::node_crashed, Confirmation::unconfirmed);
    const SessionId live = begin();
    const SessionId ending = begin();
    await(store->session_ending(ending, EndCause::grant_revoked)).value();
    EXPECT_THAT(with_outcome(SessionOutcome::not_over), ElementsAre(ending, live));
    EXPECT_THAT(with_outcome(SessionOutcome::by_itself), ElementsAre(broken, closed));
    EXPECT_THAT(with_outcome(SessionOutcome::enforced), ElementsAre(ending, lost, killed));
    EXPECT_THAT(with_outcome(SessionOutcome::unconfirmed), ElementsAre(lost));
    EXPECT_THAT(with_outcome(SessionOutcome::overstayed), IsEmpty());
    SessionFilter filter;
    filter.cause = EndCause::session_killed;
    EXPECT_THAT(ids(filter), ElementsAre(killed));
    filter.outcome = SessionOutcome::by_itself;
    EXPECT_THAT(ids(filter), IsEmpty()) << "both have to be true";
}

TEST_F(SessionList, TellsHowLongAfterItsDeadlineAnEndWasRecorded) {
    const auto grant = give(new_grant("alice", 1h)).grant;
    const SessionId early = begin("alice", "prod-postgres", grant.id);
    const SessionId in_time = begin("alice", "prod-postgres", grant.id);
    const SessionId late = begin("alice", "prod-postgres", grant.id);
    clock.advance(30min);
    end(early, EndCause::client_closed);
    clock.advance(30min + 40ms);
    end(in_time, EndCause::grant_expired);
    EXPECT_EQ(listed({}).front().overstay(), std::nullopt) << "it is not over";
    clock.advance(5s);
    end(late, EndCause::grant_expired);
    const auto sessions = listed({});
    ASSERT_EQ(sessions.size(), 3U);
    for (const auto& session : sessions)
        EXPECT_EQ(session.deadline, grant.window.ends_at);
    EXPECT_EQ(sessions[0].overstay(), Duration{5s + 40ms});
    EXPECT_EQ(sessions[1].overstay(), Duration{40ms});
    EXPECT_EQ(sessions[2].overstay(), Duration::zero());
    EXPECT_THAT(with_outcome(SessionOutcome::overstayed), ElementsAre(late));
}

TEST_F(SessionList, CountsTheDeadlineOfARevokedGrantFromItsRevocation) {
    const auto grant = give(new_grant("alice", 1h)).grant.id;
    const SessionId session = begin("alice", "prod-postgres", grant);
    clock.advance(10min);
    await(store->revoke_grant(grant, "root", "done")).value();
    clock.advance(2s);
    end(session, EndCause::grant_revoked);
    EXPECT_EQ(listed({}).front().overstay(), Duration{2s});
    EXPECT_THAT(with_outcome(SessionOutcome::overstayed), ElementsAre(session));
}

TEST_F(SessionList, CountsTheDeadlineOfAnExtendedGrantFromItsNewEnd) {
    const auto grant = give(new_grant("alice", 1h)).grant;
    const SessionId session = begin("alice", "prod-postgres", grant.id);
    await(store->extend_grant(grant.id, 1h, "root")).value();
    clock.advance(90min);
    end(session, EndCause::client_closed);
    EXPECT_EQ(listed({}).front().deadline, grant.window.ends_at + 1h);
    EXPECT_EQ(listed({}).front().overstay(), Duration::zero());
}

TEST_F(SessionList, ComesAPageAtATimeWhateverItIsNarrowedBy) {
    std::vector<SessionId> wanted;
    for (int i = 0; i < 9; ++i) {
        const SessionId id = begin(i % 3 == 0 ? "bob" : "alice");
        if (i % 3 == 0) wanted.insert(wanted.begin(), id);
    }
    std::vector<SessionId> found;
    store::Page page{2};
    for (;;) {
        const auto read = await(store->list_sessions({"bob"}, page)).value();
        for (const ListedSession& session : read.sessions)
            found.push_back(session.record.id);
        if (!read.next) break;
        page.cursor = *read.next;
    }
    EXPECT_EQ(found, wanted);
}

TEST_F(SessionList, TakesANameForANameAndNothingElse) {
    begin();
    for (const char* name : {"' OR ''='", "%", "alice%", "_lice", "alice\\"})
        EXPECT_THAT(ids({name}), IsEmpty()) << name;
}

}  // namespace
}  // namespace curfew::test
