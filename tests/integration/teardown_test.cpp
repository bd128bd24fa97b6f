// When the right to be there ends, the session ends: whatever its backend is doing, and nothing it was doing
// is committed.
#include "integration/teardown_fixture.hpp"

#include <gmock/gmock.h>

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

INSTANTIATE_TEST_SUITE_P(, Teardown, every_way, case_name);

TEST_P(Teardown, EndsAnIdleSession) {
    LiveSession session = open_session();
    end_right();
    expect_told(session.client.read_to_end());
    expect_over(session);
}

TEST_P(Teardown, EndsASessionIdleInATransaction) {
    LiveSession session = open_session();
    session.client.query("BEGIN");
    session.client.query(leave_mark());
    end_right();
    expect_told(session.client.read_to_end());
    expect_over(session);
    EXPECT_EQ(marks(), 0);
}

TEST_P(Teardown, EndsASessionInAFailedTransaction) {
    LiveSession session = open_session();
    session.client.query("BEGIN");
    EXPECT_THROW(session.client.query("SELECT 1/0"), std::runtime_error);
    end_right();
    expect_told(session.client.read_to_end());
    expect_over(session);
}

TEST_P(Teardown, StopsARunningQuery) {
    LiveSession session = open_session();
    session.client.send(wire::query(leave_mark() + "SELECT pg_sleep(60)"));
    ASSERT_TRUE(backend_waits(session, "PgSleep"));
    end_right();
    expect_told(session.client.read_to_end());
    expect_over(session);
    EXPECT_EQ(marks(), 0);
}

TEST_P(Teardown, StopsAQueryThatKeepsTheProcessorBusy) {
    LiveSession session = open_session();
    session.client.send(wire::query(leave_mark() + "SELECT count(*) FROM generate_series(1, 1000000000000) n "
                                                   "WHERE sqrt(n) < 0"));
    ASSERT_TRUE(cluster.await("count(*) = 1 FROM pg_stat_activity WHERE state = 'active' AND pid = " +
                              session.backend));
    end_right();
    expect_told(session.client.read_to_end());
    expect_over(session);
    EXPECT_EQ(marks(), 0);
}

TEST_P(Teardown, StopsAStatementOfTheExtendedProtocol) {
    LiveSession session = open_session();
    session.client.send(wire::parse("", leave_mark()) + wire::bind("", "") + wire::execute("") +
                        wire::parse("", "SELECT pg_sleep(60)") + wire::bind("", "") + wire::execute("") +
                        wire::sync());
    ASSERT_TRUE(backend_waits(session, "PgSleep"));
    end_right();
    expect_told(session.client.read_to_end());
    expect_over(session);
    EXPECT_EQ(marks(), 0);
}

TEST_P(Teardown, StopsAStatementThatTrapsCancel) {
    LiveSession session = open_session();
    // With the admin login it may trap as often as it likes; without, only repeated cancels get through.
    const std::string traps = has_admin_login() ? "1000000" : "3";
    session.client.send(wire::query(leave_mark() + "DO $$ BEGIN FOR i IN 1.." + traps +
                                    " LOOP BEGIN PERFORM pg_sleep(60); "
                                    "EXCEPTION WHEN query_canceled THEN NULL; END; END LOOP; "
                                    "PERFORM pg_sleep(60); END $$"));
    ASSERT_TRUE(backend_waits(session, "PgSleep"));
    end_right();
    expect_told(session.client.read_to_end());
    expect_over(session);
    EXPECT_EQ(marks(), 0);
}

TEST_P(Teardown, EndsASessionThatWaitsForALock) {
    LiveSession session = open_session();
    cluster.sql(
        "CREATE TABLE IF NOT EXISTS accounts (id int, balance int); TRUNCATE accounts;"
        "INSERT INTO accounts VALUES (1, 100); GRANT ALL ON accounts TO alice");
    PgConnection holder{cluster.conninfo()};
    holder.exec("BEGIN; UPDATE accounts SET balance = 90 WHERE id = 1");
    session.client.send(wire::query("UPDATE accounts SET balance = 0 WHERE id = 1"));
    ASSERT_TRUE(backend_waits(session, "transactionid"));
    end_right();
    expect_told(session.client.read_to_end());
    expect_over(session);
    holder.exec("COMMIT");
    EXPECT_EQ(cluster.number("SELECT balance FROM accounts"), 90);
}

TEST_P(Teardown, EndsAPipelineThatIsHalfSent) {
    LiveSession session = open_session();
    session.client.send(wire::parse("", leave_mark()) + wire::bind("", "") + wire::execute("") +
                        wire::flush());
    session.client.read_until('C');  // it ran, and waits for its Sync
    const std::string half = wire::query("SELECT 'the other half never comes'").substr(0, 20);
    session.client.send(half);
    end_right();
    expect_told(session.client.read_to_end());
    expect_over(session);
    EXPECT_EQ(marks(), 0);
}

TEST_P(Teardown, EndsAStatementWhoseClientLeftBefore) {
    LiveSession session = open_session();
    session.client.send(wire::query(leave_mark() + "SELECT pg_sleep(60)"));
    ASSERT_TRUE(backend_waits(session, "PgSleep"));
    session.client.stream().abort();
    end_right();
    curfew.log().await("session.ended", {{"session", session.id}});
    EXPECT_EQ(cluster.backend_count(session.backend_is_it()), 0);
    EXPECT_EQ(marks(), 0);
}

class TeardownOfOne : public testing::Test {
protected:
    static void SetUpTestSuite() { prepare_postgres(); }

    PostgresCluster& cluster = PostgresCluster::shared();
};

// Without an admin login a statement that traps every cancel cannot be stopped. Its client is told all the
// same, and curfewd never says that the backend is gone while it is not.
TEST_F(TeardownOfOne, SaysSoWhereABackendCannotBeStopped) {
    RunningCurfew curfew{basic_config(cluster, AdminLogin::absent)};
    const GivenGrant grant = curfew.grant("alice");
    LiveSession session = curfew.open_session("alice");
    session.client.send(
        wire::query("DO $$ BEGIN LOOP BEGIN PERFORM pg_sleep(60); "
                    "EXCEPTION WHEN query_canceled THEN NULL; END; END LOOP; END $$"));
    ASSERT_TRUE(cluster.await("count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND pid = " +
                              session.backend));
    curfew.revoke(grant.id);
    EXPECT_EQ(session.client.read_to_end().sqlstate(), "57P01");

    curfew.log().await("session.ending", {{"session", session.id}});
    EXPECT_EQ(cluster.backend_count(session.backend_is_it()), 1);
    EXPECT_EQ(curfew.metric("curfew_backends_unconfirmed", {{"resource", the_resource}}), 1);
    ASSERT_EQ(curfew.sessions().size(), 1U) << "it is not forgotten";
    EXPECT_EQ(curfew.sessions()[0].at("phase"), "ending");
    EXPECT_TRUE(curfew.log().events("session.ended").empty());

    cluster.sql("SELECT pg_terminate_backend(" + session.backend + ")");
    EXPECT_EQ(curfew.await_end(session.id).confirmation, "eof");
    EXPECT_EQ(curfew.metric("curfew_backends_unconfirmed", {{"resource", the_resource}}), 0);
}

TEST_F(TeardownOfOne, KillsOneSessionAndLeavesTheOthersOfItsGrant) {
    RunningCurfew curfew{basic_config(cluster, AdminLogin::present)};
    curfew.grant("alice");
    LiveSession killed = curfew.open_session("alice");
    LiveSession other = curfew.open_session("alice");
    curfew.kill_session(killed.id);
    EXPECT_EQ(killed.client.read_to_end().sqlstate(), "57P01");
    EXPECT_EQ(curfew.await_end(killed.id).cause, "session_killed");
    EXPECT_EQ(cluster.backend_count(killed.backend_is_it()), 0);
    EXPECT_EQ(other.client.query("SELECT 'here'"), "here");
    EXPECT_NO_THROW(curfew.open_session("alice")) << "the grant stands";
}

TEST_F(TeardownOfOne, LeavesOtherPeoplesSessionsAloneWhenAGrantIsRevoked) {
    RunningCurfew curfew{basic_config(cluster, AdminLogin::present)};
    const GivenGrant grant = curfew.grant("alice");
    curfew.grant("bob");
    LiveSession alice = curfew.open_session("alice");
    LiveSession bob = curfew.open_session("bob");
    curfew.revoke(grant.id);
    EXPECT_EQ(alice.client.read_to_end().sqlstate(), "57P01");
    EXPECT_EQ(bob.client.query("SELECT 'here'"), "here");
}

// A prepared transaction outlives its session, with its locks: an administrator has to hear of it.
TEST_F(TeardownOfOne, ReportsAPreparedTransaction) {
    RunningCurfew curfew{basic_config(cluster, AdminLogin::present)};
    const GivenGrant grant = curfew.grant("alice");
    LiveSession session = curfew.open_session("alice");
    session.client.query("BEGIN");
    session.client.query("INSERT INTO marks VALUES ('prepared')");
    session.client.query("PREPARE TRANSACTION 'left behind'");
    curfew.revoke(grant.id);
    const LogEvent left = curfew.log().await("session.left_behind", {{"session", session.id}});
    EXPECT_THAT(left.line(), HasSubstr("left behind"));
    cluster.sql("ROLLBACK PREPARED 'left behind'");
}

}  // namespace
}  // namespace curfew::test
