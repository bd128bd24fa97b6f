// Sessions: recorded before they are let in, and never forgotten before they are proven over.
#include <gmock/gmock.h>

#include <chrono>

#include "store_fixture.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using policy::EndCause;
using store::Confirmation;
using store::SessionRecord;
using store::SessionState;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

constexpr EndCause all_causes[] = {
    EndCause::grant_expired,    EndCause::grant_revoked, EndCause::session_killed,   EndCause::user_removed,
    EndCause::resource_removed, EndCause::store_lost,    EndCause::recording_failed, EndCause::node_stopping,
    EndCause::node_crashed,     EndCause::client_closed, EndCause::server_closed,    EndCause::failed,
};

std::vector<SessionId> ids(const std::vector<SessionRecord>& sessions) {
    std::vector<SessionId> found;
    found.reserve(sessions.size());
    for (const SessionRecord& session : sessions)
        found.push_back(session.id);
    return found;
}

std::vector<SessionId> ids(const std::vector<store::ListedSession>& sessions) {
    std::vector<SessionId> found;
    found.reserve(sessions.size());
    for (const store::ListedSession& session : sessions)
        found.push_back(session.record.id);
    return found;
}

class Sessions : public StoreTest {
protected:
    Result<void> end(const SessionId& id, EndCause cause = EndCause::grant_expired,
                     Confirmation confirmation = Confirmation::activity, std::string detail = {}) {
        return await(store->session_ended({id, cause, confirmation, std::move(detail)}));
    }
    std::vector<SessionId> unfinished(const std::string& node = "node-a") {
        return ids(await(store->unfinished_sessions(node)).value());
    }
};

TEST_F(Sessions, ArriveAsTheyWereRecorded) {
    const SessionRecord session = start();
    const SessionRecord found = look_up(session.id);
    EXPECT_EQ(found.grant, session.grant);
    EXPECT_EQ(found.user, session.user);
    EXPECT_EQ(found.resource, session.resource);
    EXPECT_EQ(found.database, session.database);
    EXPECT_EQ(found.node, session.node);
    EXPECT_EQ(found.client_address, session.client_address);
    EXPECT_EQ(found.application_name, session.application_name);
    EXPECT_EQ(found.backend.pid, session.backend.pid);
    EXPECT_EQ(found.backend.started, session.backend.started);
    EXPECT_EQ(found.started_at, session.started_at);
    EXPECT_EQ(found.state, SessionState::live);
    EXPECT_EQ(found.confirmation, Confirmation::pending);
    EXPECT_EQ(found.ended_at, std::nullopt);
    EXPECT_EQ(found.cause, std::nullopt);
}

// Clients name themselves as they like.
TEST_F(Sessions, KeepAClientsOwnWords) {
    SessionRecord session = new_session(give().grant.id);
    session.application_name = std::string{"'; --\0\xFF\xFE\n", 9};
    session.user = "\xC3\xBC\xE2\x80\xAE";
    ASSERT_TRUE(await(store->session_started(session)));
    // Byte for byte in a file; PostgreSQL's text is UTF-8, and the rest is written out.
    EXPECT_EQ(look_up(session.id).application_name,
              store_backend->file() ? session.application_name : R"('; --\x00\xff\xfe\x0a)");
    EXPECT_EQ(look_up(session.id).user, session.user);
}

TEST_F(Sessions, StartAsLiveWhateverTheRecordSays) {
    SessionRecord session = new_session(give().grant.id);
    session.state = SessionState::ended;
    session.cause = EndCause::failed;
    session.confirmation = Confirmation::eof;
    ASSERT_TRUE(await(store->session_started(session)));
    EXPECT_THAT(unfinished(), ElementsAre(session.id));
    EXPECT_EQ(look_up(session.id).cause, std::nullopt);
}

TEST_F(Sessions, NeedAGrantThatExists) {
    const SessionRecord session = new_session(GrantId::generate());
    const auto answer = await(store->session_started(session));
    EXPECT_EQ(answer.error().code, ErrorCode::not_found);
    EXPECT_THAT(answer.error().message, HasSubstr(session.grant.text()));
    EXPECT_THAT(unfinished(), IsEmpty());
}

TEST_F(Sessions, AreRecordedOnce) {
    const SessionRecord session = start();
    const auto answer = await(store->session_started(session));
    EXPECT_EQ(answer.error().code, ErrorCode::conflict);
    EXPECT_THAT(answer.error().message, HasSubstr(session.id.text()));
}

TEST_F(Sessions, KeepWhatWasSeenOfThem) {
    const SessionRecord session = start();
    clock.advance(10s);
    store::SessionEnd end{session.id, EndCause::grant_expired, Confirmation::activity, {}};
    end.client_closed_at = clock.boot_now() - 4s;
    end.backend_gone_at = clock.boot_now() - 3s;
    end.facts.bytes_from_client = 17;
    end.facts.bytes_to_client = 4'000'000'000'000;
    end.facts.client_overstay = 12ms;
    end.facts.backend_overstay = 25ms;
    end.facts.last_statement = "UPDATE orders SET paid = true\n-- \xC3\xBC";
    end.facts.transaction_outcome = policy::TransactionOutcome::rolled_back;
    end.facts.recording = policy::RecordingMode::full;
    end.facts.recording_hash = sha256("frames");
    end.facts.recording_bytes = 65'536;
    ASSERT_TRUE(await(store->session_ended(end)));
    const SessionRecord found = look_up(session.id);
    EXPECT_EQ(found.facts, end.facts);
    EXPECT_EQ(*found.ended_at - found.client_closed_at.value(), 4s);
    EXPECT_EQ(*found.ended_at - found.backend_gone_at.value(), 3s);
}

TEST_F(Sessions, HaveNothingThatNobodySaw) {
    const SessionRecord session = start();
    ASSERT_TRUE(end(session.id, EndCause::node_crashed, Confirmation::unconfirmed));
    const SessionRecord found = look_up(session.id);
    EXPECT_EQ(found.facts, store::SessionFacts{});
    EXPECT_EQ(found.client_closed_at, std::nullopt);
    EXPECT_EQ(found.backend_gone_at, std::nullopt);
}

TEST_F(Sessions, AreKnownToBeRecordedAlsoAfterACrash) {
    SessionRecord session = new_session(give().grant.id);
    session.facts.recording = policy::RecordingMode::statements;
    ASSERT_TRUE(await(store->session_started(session)));
    EXPECT_EQ(look_up(session.id).facts.recording, policy::RecordingMode::statements);
    ASSERT_TRUE(end(session.id, EndCause::node_crashed, Confirmation::unconfirmed));
    EXPECT_EQ(look_up(session.id).facts.recording, policy::RecordingMode::statements);
}

TEST_F(Sessions, KeepTheBeginningOfALongStatementAndNoHalfCharacter) {
    const SessionRecord session = start();
    store::SessionEnd end{session.id, EndCause::grant_expired, Confirmation::activity, {}};
    end.facts.last_statement = std::string(store::longest_last_statement - 1, 'x') + "\xC3\xBC and more";
    ASSERT_TRUE(await(store->session_ended(end)));
    EXPECT_EQ(look_up(session.id).facts.last_statement, std::string(store::longest_last_statement - 1, 'x'));
}

TEST_F(Sessions, KeepAStatementThatIsNoTextWrittenOut) {
    const SessionRecord session = start();
    store::SessionEnd end{session.id, EndCause::grant_expired, Confirmation::activity, {}};
    end.facts.last_statement = std::string{"SELECT '\xFF\0'", 11};
    ASSERT_TRUE(await(store->session_ended(end)));
    EXPECT_EQ(look_up(session.id).facts.last_statement, R"(SELECT '\xff\x00')");
}

TEST_F(Sessions, KeepNoLessThanTheyOverstayed) {
    const SessionRecord session = start();
    store::SessionEnd end{session.id, EndCause::grant_expired, Confirmation::activity, {}};
    end.facts.backend_overstay = 1ms + 1ns;
    ASSERT_TRUE(await(store->session_ended(end)));
    EXPECT_EQ(look_up(session.id).facts.backend_overstay, 2ms);
}

TEST_F(Sessions, SayWhatWasSeenOfThemInTheEventOfTheirEndButNoStatement) {
    const SessionRecord session = start();
    store::SessionEnd end{session.id, EndCause::grant_expired, Confirmation::activity, {}};
    end.facts.bytes_from_client = 17;
    end.facts.client_overstay = 3ms;
    end.facts.last_statement = "SELECT secret";
    end.facts.transaction_outcome = policy::TransactionOutcome::unknown;
    ASSERT_TRUE(await(store->session_ended(end)));
    const auto events = await(store->list_events({"session.ended"}, {1})).value().events;
    ASSERT_THAT(events, SizeIs(1));
    EXPECT_THAT(events.front().event.summary,
                HasSubstr(R"("confirmation":"activity","bytes_from_client":17,"client_overstay_ms":3,)"
                          R"("transaction_outcome":"unknown")"));
    EXPECT_THAT(events.front().event.summary, testing::Not(HasSubstr("SELECT")));
}

TEST_F(Sessions, AreUnfinishedUntilTheirEndIsRecorded) {
    const SessionRecord session = start();
    EXPECT_THAT(unfinished(), ElementsAre(session.id));
    ASSERT_TRUE(await(store->session_ending(session.id, EndCause::grant_revoked)));
    EXPECT_THAT(unfinished(), ElementsAre(session.id));
    EXPECT_EQ(look_up(session.id).state, SessionState::ending);
    EXPECT_EQ(look_up(session.id).cause, EndCause::grant_revoked);
    ASSERT_TRUE(end(session.id));
    EXPECT_THAT(unfinished(), IsEmpty());
}

// The store is one node's alone, and that may be called anything by now.
TEST_F(Sessions, AreUnfinishedWhateverTheirNodeWasCalled) {
    if (!store_backend->file()) GTEST_SKIP() << "of a store in a file, which is one node's alone";
    const SessionRecord before = start("host");
    const SessionRecord after = start("host.example.org");
    EXPECT_THAT(unfinished("host.example.org"), ElementsAre(before.id, after.id));
    ASSERT_TRUE(end(before.id));
    EXPECT_THAT(unfinished("host"), ElementsAre(after.id));
}

TEST_F(Sessions, RememberHowTheyEnded) {
    const SessionRecord session = start();
    clock.advance(7min);
    ASSERT_TRUE(end(session.id, EndCause::session_killed, Confirmation::unconfirmed, "no answer"));
    const SessionRecord found = look_up(session.id);
    EXPECT_EQ(found.state, SessionState::ended);
    EXPECT_EQ(found.cause, EndCause::session_killed);
    EXPECT_EQ(found.confirmation, Confirmation::unconfirmed);
    EXPECT_EQ(found.detail, "no answer");
    EXPECT_EQ(found.ended_at, clock.wall_now());
}

TEST_F(Sessions, EndForEveryCauseAndConfirmation) {
    for (const EndCause cause : all_causes) {
        for (const Confirmation confirmation : {Confirmation::activity, Confirmation::eof,
                                                Confirmation::never_started, Confirmation::unconfirmed}) {
            const SessionId id = start().id;
            ASSERT_TRUE(await(store->session_ending(id, cause)));
            ASSERT_TRUE(end(id, cause, confirmation));
            EXPECT_EQ(look_up(id).cause, cause);
            EXPECT_EQ(look_up(id).confirmation, confirmation);
        }
    }
}

TEST_F(Sessions, KeepTheFirstOfTwoEnds) {
    const SessionId id = start().id;
    ASSERT_TRUE(end(id, EndCause::grant_expired, Confirmation::activity, "first"));
    const WallInstant ended_at = clock.wall_now();
    clock.advance(1min);
    ASSERT_TRUE(end(id, EndCause::failed, Confirmation::unconfirmed, "second"));
    const SessionRecord found = look_up(id);
    EXPECT_EQ(found.cause, EndCause::grant_expired);
    EXPECT_EQ(found.confirmation, Confirmation::activity);
    EXPECT_EQ(found.detail, "first");
    EXPECT_EQ(found.ended_at, ended_at);
}

TEST_F(Sessions, KeepTheFirstOfTwoCauses) {
    const SessionId id = start().id;
    ASSERT_TRUE(await(store->session_ending(id, EndCause::grant_revoked)));
    ASSERT_TRUE(await(store->session_ending(id, EndCause::node_stopping)));
    EXPECT_EQ(look_up(id).cause, EndCause::grant_revoked);
}

TEST_F(Sessions, ThatHaveEndedDoNotBeginToEnd) {
    const SessionId id = start().id;
    ASSERT_TRUE(end(id));
    ASSERT_TRUE(await(store->session_ending(id, EndCause::node_stopping)));
    EXPECT_EQ(look_up(id).state, SessionState::ended);
}

TEST_F(Sessions, ThatAreUnknownAreNotFound) {
    const SessionId unknown = SessionId::generate();
    EXPECT_EQ(end(unknown).error().code, ErrorCode::not_found);
    const auto answer = await(store->session_ending(unknown, EndCause::grant_expired));
    EXPECT_EQ(answer.error().code, ErrorCode::not_found);
    EXPECT_THAT(answer.error().message, HasSubstr(unknown.text()));
}

TEST_F(Sessions, DoNotEndWithoutAConfirmation) {
    const SessionId id = start().id;
    EXPECT_EQ(end(id, EndCause::failed, Confirmation::pending).error().code, ErrorCode::invalid);
    EXPECT_EQ(look_up(id).state, SessionState::live);
}

TEST_F(Sessions, AreListedAPageAtATimeNewestFirst) {
    const SessionId first = start().id;
    const SessionId second = start().id;
    const SessionId third = start().id;
    ASSERT_TRUE(end(second));
    const auto page = await(store->list_sessions({}, {2})).value();
    EXPECT_THAT(ids(page.sessions), ElementsAre(third, second));
    ASSERT_TRUE(page.next);
    const SessionId fourth = start().id;  // what comes in between moves nothing
    const auto rest = await(store->list_sessions({}, {2, *page.next})).value();
    EXPECT_THAT(ids(rest.sessions), ElementsAre(first));
    EXPECT_EQ(rest.next, std::nullopt);
    EXPECT_THAT(ids(await(store->list_sessions({}, {1000})).value().sessions),
                ElementsAre(fourth, third, second, first));
}

TEST_F(Sessions, AreNotListedFromNowhere) {
    for (const char* cursor : {"x", "-1", "0", "1x", "99999999999999999999"})
        EXPECT_EQ(await(store->list_sessions({}, {10, cursor})).error().code, ErrorCode::invalid) << cursor;
    EXPECT_EQ(await(store->list_sessions({}, {0})).error().code, ErrorCode::invalid);
    EXPECT_EQ(await(store->list_sessions({}, {1001})).error().code, ErrorCode::invalid);
}

TEST_F(Sessions, OutliveTheProcessThatRecordedThem) {
    const SessionRecord live = start();
    const SessionRecord ending = start();
    const SessionRecord ended = start();
    ASSERT_TRUE(await(store->session_ending(ending.id, EndCause::grant_revoked)));
    ASSERT_TRUE(end(ended.id));
    reopen();
    EXPECT_THAT(unfinished(), UnorderedElementsAre(live.id, ending.id));
    EXPECT_EQ(look_up(ending.id).cause, EndCause::grant_revoked);
    EXPECT_EQ(look_up(live.id).backend.started, live.backend.started);
    EXPECT_EQ(look_up(ended.id).confirmation, Confirmation::activity);
}

TEST_F(Sessions, OfAllNodesAreLiveWithTheTimeThatTheirGrantLeavesThem) {
    const auto long_one = give(new_grant("alice", 2h));
    SessionRecord here = new_session(long_one.grant.id, "node-a");
    ASSERT_TRUE(await(store->session_started(here)));
    SessionRecord there = new_session(give(new_grant("alice", 1h)).grant.id, "node-b");
    ASSERT_TRUE(await(store->session_started(there)));
    ASSERT_TRUE(end(start().id));
    clock.advance(10min);
    const auto live = await(store->live_sessions()).value();
    ASSERT_THAT(live, SizeIs(2));
    EXPECT_EQ(live[0].record.id, here.id);
    EXPECT_EQ(live[0].record.node, "node-a");
    EXPECT_EQ(live[0].ends_at, long_one.grant.window.ends_at);
    EXPECT_EQ(std::chrono::round<std::chrono::minutes>(live[0].remaining), 110min);
    EXPECT_EQ(std::chrono::round<std::chrono::minutes>(live[1].remaining), 50min);
    ASSERT_TRUE(await(store->revoke_grant(long_one.grant.id, "root", "")));
    clock.advance(1min);
    EXPECT_EQ(std::chrono::round<std::chrono::minutes>(await(store->live_sessions()).value()[0].remaining),
              -1min);
}

TEST_F(Sessions, AreAskedToEndByAnEventForTheNodeThatHasThem) {
    const SessionRecord session = start("node-b");
    const auto before = await(store->last_event()).value();
    const auto asked = await(store->ask_to_end_session(session.id, "root"));
    ASSERT_TRUE(asked);
    EXPECT_EQ(asked->node, "node-b");
    const auto events = await(store->events_since(before, 10)).value();
    ASSERT_THAT(events, SizeIs(1));
    EXPECT_EQ(events[0].kind, "session.kill_asked");
    EXPECT_EQ(events[0].id, session.id.text());
    EXPECT_EQ(events[0].actor, "root");
    EXPECT_EQ(look_up(session.id).state, SessionState::live) << "it is the node that ends it";
}

TEST_F(Sessions, AreNotAskedToEndOnceTheyAreOver) {
    const SessionId id = start().id;
    ASSERT_TRUE(end(id));
    EXPECT_EQ(await(store->ask_to_end_session(id, "root")).error().code, ErrorCode::not_found);
    EXPECT_EQ(await(store->ask_to_end_session(SessionId::generate(), "root")).error().code,
              ErrorCode::not_found);
}

TEST_F(Sessions, AreFoundByTheirIdentifier) {
    const SessionRecord session = start();
    EXPECT_EQ(await(store->find_session(session.id)).value().user, session.user);
    EXPECT_EQ(await(store->find_session(SessionId::generate())).error().code, ErrorCode::not_found);
}

TEST_F(Sessions, ThatAreNotOverAreFoundByTheirBackends) {
    const auto found = [&](std::vector<std::int32_t> pids) {
        std::vector<std::pair<std::int32_t, std::string>> backends;
        for (const store::Backend& one : await(store->unfinished_backends(std::move(pids))).value())
            backends.emplace_back(one.pid, one.started);
        return backends;
    };
    const auto grant = give().grant.id;
    std::vector<std::int32_t> all;
    for (std::int32_t pid = 100; pid < 120; ++pid) {
        SessionRecord session = new_session(grant, pid % 2 == 0 ? "node-a" : "node-b");
        session.backend = {pid, "start of " + std::to_string(pid)};
        ASSERT_TRUE(await(store->session_started(session)));
        if (pid == 110) {
            ASSERT_TRUE(end(session.id));
        }
        all.push_back(pid);
    }
    EXPECT_THAT(found({}), IsEmpty());
    EXPECT_THAT(found({99}), IsEmpty());
    EXPECT_THAT(found({110}), IsEmpty()) << "over";
    EXPECT_THAT(found({101, 99}), ElementsAre(std::pair{101, std::string{"start of 101"}}));
    EXPECT_EQ(found(all).size(), 19U) << "of whatever node";
}

}  // namespace
}  // namespace curfew::test
