// SIGTERM drains: nobody new, those who are there may go on for a while, and nothing is left behind.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/running_curfew.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;

class Drain : public testing::Test {
protected:
    static void SetUpTestSuite() {
        PostgresCluster::shared().sql(
            "CREATE ROLE alice LOGIN; CREATE TABLE marks (mark text); GRANT ALL ON marks TO alice");
    }

    YAML::Node config(const std::string& drain) {
        YAML::Node node = basic_config(cluster, AdminLogin::present);
        node["timeouts"]["drain"] = drain;
        return node;
    }

    PostgresCluster& cluster = PostgresCluster::shared();
};

TEST_F(Drain, TakesNobodyNewAndLetsWhoIsThereFinish) {
    RunningCurfew curfew{config("30s")};
    curfew.grant("alice");
    const std::uint16_t port = curfew.port();
    LiveSession session = curfew.open_session("alice");
    session.client.query("BEGIN");
    session.client.query("INSERT INTO marks VALUES ('finished')");
    curfew.terminate();
    curfew.log().await("node.draining");
    EXPECT_THROW(
        {
            WireClient late = WireClient::tcp(port);
            late.log_in("alice", the_resource);
        },
        std::runtime_error);
    session.client.query("COMMIT");
    EXPECT_TRUE(curfew.process().running());
    session.client.send(wire::terminate());
    EXPECT_TRUE(curfew.process().wait().success());
    EXPECT_EQ(cluster.number("SELECT count(*) FROM marks WHERE mark = 'finished'"), 1);
}

TEST_F(Drain, EndsAtOnceWhereNobodyIs) {
    RunningCurfew curfew{config("30s")};
    const Instant start = now();
    curfew.terminate();
    EXPECT_TRUE(curfew.process().wait().success());
    EXPECT_LE(now(), start + within(2s));
}

TEST_F(Drain, EndsWhoStaysTooLong) {
    RunningCurfew curfew{config("500ms")};
    curfew.grant("alice");
    LiveSession session = curfew.open_session("alice");
    session.client.send(wire::query("INSERT INTO marks VALUES ('late'); SELECT pg_sleep(60)"));
    const Instant start = now();
    curfew.terminate();
    const Ending ending = session.client.read_to_end();
    EXPECT_EQ(ending.sqlstate(), "57P01");
    EXPECT_GE(ending.told_at(), start + 490ms);
    EXPECT_LE(ending.told_at(), start + 500ms + within(200ms));
    EXPECT_TRUE(curfew.process().wait().success());
    const LogEvent ended = curfew.log().await("session.ended", {{"session", session.id}});
    EXPECT_EQ(ended.text("cause"), "node_stopping");
    EXPECT_EQ(ended.text("confirmation"), "activity");
    EXPECT_EQ(cluster.backend_count(session.backend_is_it()), 0);
    EXPECT_EQ(cluster.number("SELECT count(*) FROM marks WHERE mark = 'late'"), 0);
}

TEST_F(Drain, DoesNotLengthenAGrant) {
    RunningCurfew curfew{config("30s")};
    const GivenGrant grant = curfew.grant("alice", std::to_string(slowdown) + "s");
    const Instant deadline = grant.end();
    LiveSession session = curfew.open_session("alice");
    curfew.terminate();
    const Ending ending = session.client.read_to_end();
    EXPECT_LE(ending.told_at(), deadline + within(100ms));
    EXPECT_EQ(curfew.log().await("session.ended", {{"session", session.id}}).text("cause"), "grant_expired");
    EXPECT_TRUE(curfew.process().wait().success());
}

TEST_F(Drain, StopsWaitingAtTheSecondSignal) {
    RunningCurfew curfew{config("10m")};
    curfew.grant("alice");
    LiveSession session = curfew.open_session("alice");
    curfew.terminate();
    curfew.log().await("node.draining");
    curfew.terminate();
    EXPECT_EQ(session.client.read_to_end().sqlstate(), "57P01");
    EXPECT_TRUE(curfew.process().wait().success());
    EXPECT_EQ(cluster.backend_count(session.backend_is_it()), 0);
}

TEST_F(Drain, IsNotReadyAnyMore) {
    RunningCurfew curfew{config("30s")};
    curfew.grant("alice");
    const LiveSession session = curfew.open_session("alice");
    EXPECT_EQ(http_get(curfew.metrics_port(), "/readyz").status, 200);
    curfew.terminate();
    curfew.log().await("node.draining");
    EXPECT_EQ(http_get(curfew.metrics_port(), "/readyz").status, 503);
    EXPECT_EQ(http_get(curfew.metrics_port(), "/healthz").status, 200);
}

}  // namespace
}  // namespace curfew::test
