// After a crash: what the node left behind is ended before it takes new sessions.
#include "proxy/reaper.hpp"

#include <gmock/gmock.h>

#include <map>

#include "admin_fixture.hpp"
#include "support/free_port.hpp"
#include "support/unasked_store.hpp"

namespace curfew::test {
namespace {

using policy::EndCause;
using proxy::BackendAdmin;
using proxy::ReapReport;
using store::Confirmation;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// Holds the sessions of one node in memory; one thread's. Nothing but its sessions is a reaper's business.
class MemoryStore final : public UnaskedStore {
public:
    void add(store::SessionRecord session) { sessions[session.id] = std::move(session); }

    Answer<std::vector<store::SessionRecord>> unfinished_sessions(std::string node) override {
        if (away) co_return Error{ErrorCode::unavailable, "the store is away"};
        std::vector<store::SessionRecord> found;
        for (const auto& [id, session] : sessions) {
            if (session.node == node && session.state != store::SessionState::ended) found.push_back(session);
        }
        co_return found;
    }
    Answer<void> session_ended(store::SessionEnd end) override {
        if (read_only) co_return Error{ErrorCode::unavailable, "the disk is full"};
        store::SessionRecord& session = sessions.at(end.id);
        session.state = store::SessionState::ended;
        session.cause = end.cause;
        session.confirmation = end.confirmation;
        session.detail = end.detail;
        co_return Result<void>{};
    }

    std::map<SessionId, store::SessionRecord> sessions;
    bool away = false;
    bool read_only = false;
};

class Reaper : public testing::Test {
protected:
    void SetUp() override { ASSERT_TRUE(admin.wait_until_up()); }

    store::SessionRecord live_session(store::Backend backend, const std::string& resource = "db") {
        store::SessionRecord session;
        session.id = SessionId::generate();
        session.grant = GrantId::generate();
        session.user = "alice";
        session.resource = resource;
        session.node = "node-a";
        session.backend = std::move(backend);
        return session;
    }
    store::Backend backend_of(const PgConnection& client) {
        return admin.identify(BackendAdmin::Peer{client.backend_pid()}).value();
    }
    SessionId leave_behind(store::SessionRecord session) {
        SessionId id = session.id;
        store.add(std::move(session));
        return id;
    }
    Result<ReapReport> reap(std::chrono::milliseconds at_most = patience / 2) {
        return control.await(proxy::reap(store, "node-a", admins, at_most));
    }

    PostgresCluster& cluster = cluster_with_alice();
    RunningContext control;
    RunningAdmin admin{control, unix_resource(cluster)};
    std::map<std::string, BackendAdmin*> admins{{"db", &*admin}};
    MemoryStore store;
};

TEST_F(Reaper, EndsABackendThatStillRunsAndRecordsTheProof) {
    PgConnection client{cluster.conninfo("alice")};
    send(client, "SELECT pg_sleep(600)");
    ASSERT_TRUE(await_running(cluster, client));
    const store::Backend backend = backend_of(client);
    const SessionId id = leave_behind(live_session(backend));

    const auto report = reap();

    ASSERT_TRUE(report);
    EXPECT_EQ(report->confirmed, 1U);
    EXPECT_THAT(report->unreaped, IsEmpty());
    const store::SessionRecord& session = store.sessions.at(id);
    EXPECT_EQ(session.state, store::SessionState::ended);
    EXPECT_EQ(session.cause, EndCause::node_crashed);
    EXPECT_EQ(session.confirmation, Confirmation::activity);
    EXPECT_THAT(session.detail, HasSubstr("was terminated"));
    EXPECT_FALSE(admin.is_running(backend).value());
    EXPECT_TRUE(sees_its_end(client));
}

TEST_F(Reaper, RecordsABackendThatWasGoneAlready) {
    const SessionId id = leave_behind(live_session({2'000'000'000, "2026-11-24T14:05:00.123456Z"}));
    EXPECT_EQ(reap().value().confirmed, 1U);
    EXPECT_EQ(store.sessions.at(id).confirmation, Confirmation::activity);
    EXPECT_THAT(store.sessions.at(id).detail, HasSubstr("was gone"));
}

TEST_F(Reaper, LeavesABackendAloneThatWasGivenThePidSince) {
    PgConnection client{cluster.conninfo("alice")};
    leave_behind(live_session({client.backend_pid(), "2020-01-01T00:00:00.000000Z"}));
    EXPECT_EQ(reap().value().confirmed, 1U);
    EXPECT_EQ(client.value("SELECT 'alive'"), "alive");
}

TEST_F(Reaper, KeepsTheCauseForWhichASessionWasBeingEnded) {
    store::SessionRecord session = live_session({2'000'000'000, "2026-11-24T14:05:00.123456Z"});
    session.state = store::SessionState::ending;
    session.cause = EndCause::grant_revoked;
    const SessionId id = leave_behind(session);
    ASSERT_TRUE(reap());
    EXPECT_EQ(store.sessions.at(id).cause, EndCause::grant_revoked);
}

TEST_F(Reaper, LeavesOtherNodesSessionsAlone) {
    store::SessionRecord session = live_session({2'000'000'000, "2026-11-24T14:05:00.123456Z"});
    session.node = "node-b";
    const SessionId id = leave_behind(session);
    ASSERT_TRUE(reap());
    EXPECT_EQ(store.sessions.at(id).state, store::SessionState::live);
}

TEST_F(Reaper, RecordsAsUnconfirmedWhatItHasNoAdminLoginFor) {
    const SessionId id = leave_behind(live_session({4711, "2026-11-24T14:05:00.123456Z"}, "other"));
    EXPECT_EQ(reap().value().unconfirmed, 1U);
    EXPECT_EQ(store.sessions.at(id).confirmation, Confirmation::unconfirmed);
    EXPECT_EQ(store.sessions.at(id).cause, EndCause::node_crashed);
    EXPECT_THAT(store.sessions.at(id).detail, HasSubstr("no admin_login"));
}

TEST_F(Reaper, DoesNotEndABackendByItsPidAlone) {
    PgConnection client{cluster.conninfo("alice")};
    const SessionId id = leave_behind(live_session({client.backend_pid(), ""}));
    EXPECT_EQ(reap().value().unconfirmed, 1U);
    EXPECT_EQ(store.sessions.at(id).confirmation, Confirmation::unconfirmed);
    EXPECT_EQ(client.value("SELECT 'alive'"), "alive");
}

TEST_F(Reaper, LeavesUnfinishedWhatPostgreSqlRefusesToEnd) {
    PgConnection superuser{cluster.conninfo("postgres")};
    const SessionId id = leave_behind(live_session(backend_of(superuser)));
    const auto report = reap(std::chrono::milliseconds{300});
    ASSERT_THAT(report->unreaped, SizeIs(1));
    EXPECT_EQ(report->unreaped[0].session, id);
    EXPECT_EQ(report->unreaped[0].resource, "db");
    EXPECT_THAT(report->unreaped[0].why, HasSubstr("superuser"));
    EXPECT_EQ(store.sessions.at(id).state, store::SessionState::live);
}

TEST_F(Reaper, LeavesUnfinishedWhatCannotBeReachedAndIsDoneInTime) {
    config::Resource resource = tcp_resource(cluster);
    resource.upstream.port = free_port();
    RunningAdmin unreachable{control, resource};
    admins["away"] = &*unreachable;
    const SessionId away = leave_behind(live_session({4711, "2026-11-24T14:05:00.123456Z"}, "away"));
    const SessionId here = leave_behind(live_session({2'000'000'000, "2026-11-24T14:05:00.123456Z"}));

    const Instant asked = now();
    const auto report = reap(std::chrono::milliseconds{300});

    EXPECT_LT(now() - asked, std::chrono::milliseconds{300} + within(std::chrono::milliseconds{500}));
    ASSERT_THAT(report->unreaped, SizeIs(1));
    EXPECT_EQ(report->unreaped[0].session, away);
    EXPECT_EQ(store.sessions.at(away).state, store::SessionState::live);
    EXPECT_EQ(store.sessions.at(here).state, store::SessionState::ended);
}

TEST_F(Reaper, FinishesOnTheNextCallWhatItCouldNotBefore) {
    PgConnection superuser{cluster.conninfo("postgres")};
    const SessionId id = leave_behind(live_session(backend_of(superuser)));
    ASSERT_THAT(reap(std::chrono::milliseconds{100})->unreaped, SizeIs(1));
    cluster.sql("SELECT pg_terminate_backend(" + std::to_string(superuser.backend_pid()) + ")");
    EXPECT_THAT(reap()->unreaped, IsEmpty());
    EXPECT_EQ(store.sessions.at(id).confirmation, Confirmation::activity);
}

TEST_F(Reaper, ReportsASessionWhoseEndCannotBeRecorded) {
    leave_behind(live_session({2'000'000'000, "2026-11-24T14:05:00.123456Z"}));
    store.read_only = true;
    const auto report = reap();
    ASSERT_THAT(report->unreaped, SizeIs(1));
    EXPECT_THAT(report->unreaped[0].why, HasSubstr("the disk is full"));
}

TEST_F(Reaper, FailsWhereTheStoreCannotSayWhatIsUnfinished) {
    store.away = true;
    EXPECT_EQ(reap().error().code, ErrorCode::unavailable);
}

TEST_F(Reaper, EndsAHundredBackendsAtATime) {
    std::vector<std::unique_ptr<PgConnection>> clients;
    for (int i = 0; i < 100; ++i) {
        clients.push_back(std::make_unique<PgConnection>(cluster.conninfo("alice")));
        send(*clients.back(), "SELECT pg_sleep(600)");
        leave_behind(live_session(backend_of(*clients.back())));
    }
    const auto report = reap();
    EXPECT_EQ(report->confirmed, 100U);
    EXPECT_EQ(cluster.backend_count("usename = 'alice'"), 0);
}

}  // namespace
}  // namespace curfew::test
