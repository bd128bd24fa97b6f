// Extending a grant moves the deadline of its live sessions, and they do not notice.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/running_curfew.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;

class Extension : public testing::Test {
protected:
    static void SetUpTestSuite() {
        PostgresCluster::shared().sql(
            "CREATE ROLE alice LOGIN; CREATE TABLE marks (mark text); GRANT ALL ON marks TO alice");
    }

    // Keeps the session busy until the instant has passed, as PostgreSQL counts it.
    static void work_past(LiveSession& session, Instant instant) {
        const auto left = std::chrono::duration<double>{instant - now() + 100ms}.count();
        session.client.query("SELECT pg_sleep(" + std::to_string(std::max(left, 0.0)) + ")");
    }

    PostgresCluster& cluster = PostgresCluster::shared();
    RunningCurfew curfew{basic_config(cluster, AdminLogin::present)};
    const std::string short_grant = std::to_string(slowdown) + "s";
};

TEST_F(Extension, KeepsALiveSessionAndItsTransaction) {
    const GivenGrant grant = curfew.grant("alice", short_grant);
    const Instant old_deadline = grant.end();
    LiveSession session = curfew.open_session("alice");
    session.client.query("BEGIN");
    session.client.query("INSERT INTO marks VALUES ('kept')");
    const GivenGrant extended = curfew.extend(grant.id, "1h");
    EXPECT_EQ(extended.ends_at, grant.ends_at + 1h);
    work_past(session, old_deadline);
    session.client.query("COMMIT");
    EXPECT_EQ(cluster.number("SELECT count(*) FROM marks WHERE mark = 'kept'"), 1);
    EXPECT_EQ(session.client.query("SELECT pg_backend_pid()"), session.backend);
}

TEST_F(Extension, ShowsInTheListOfSessions) {
    const GivenGrant grant = curfew.grant("alice", "10m");
    const LiveSession session = curfew.open_session("alice");
    curfew.extend(grant.id, "1h");
    const auto sessions = curfew.sessions();
    ASSERT_EQ(sessions.size(), 1U);
    EXPECT_GT(sessions[0].at("remaining_seconds").to_number<double>(), 69 * 60);
    EXPECT_LE(sessions[0].at("remaining_seconds").to_number<double>(), 70 * 60);
}

TEST_F(Extension, EndsTheSessionAtTheNewDeadline) {
    const GivenGrant grant = curfew.grant("alice", short_grant);
    LiveSession session = curfew.open_session("alice");
    const Instant deadline = curfew.extend(grant.id, "500ms").end();
    const Ending ending = session.client.read_to_end();
    EXPECT_EQ(ending.sqlstate(), "57P01");
    EXPECT_GE(ending.told_at(), deadline - 5ms);
    EXPECT_LE(ending.told_at(), deadline + within(100ms));
    EXPECT_EQ(curfew.await_end(session.id).cause, "grant_expired");
}

TEST_F(Extension, CanBeDoneAgainAndAgain) {
    GivenGrant grant = curfew.grant("alice", short_grant);
    LiveSession session = curfew.open_session("alice");
    for (int i = 0; i < 3; ++i) {
        const Instant before = grant.end();
        grant = curfew.extend(grant.id, short_grant);
        work_past(session, before);
    }
    EXPECT_EQ(session.client.query("SELECT 'here'"), "here");
}

TEST_F(Extension, DoesNotReviveWhatIsOver) {
    const GivenGrant grant = curfew.grant("alice");
    curfew.revoke(grant.id);
    const CommandResult result = curfew.cli_result({"extend", grant.id, "--by", "1h"});
    EXPECT_EQ(result.status.code, 4) << "its state does not allow this";
    EXPECT_THAT(result.err, testing::HasSubstr("revoked"));
    EXPECT_THROW(curfew.open_session("alice"), std::runtime_error);
}

TEST_F(Extension, SaysThatThereIsNoSuchGrant) {
    EXPECT_EQ(curfew.cli_result({"extend", "g-00000000", "--by", "1h"}).status.code, 3);
}

}  // namespace
}  // namespace curfew::test
