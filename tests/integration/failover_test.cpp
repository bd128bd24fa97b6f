// A store whose PostgreSQL dies: nodes go on with its standby, and nothing that was acknowledged is lost.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "support/running_curfew.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;

class StoreFailover : public testing::Test {
protected:
    static void SetUpTestSuite() { PostgresCluster::shared().sql("CREATE ROLE alice LOGIN"); }

    StoreFailover() {
        primary.sql("CREATE DATABASE curfew");
        standby = PostgresCluster::standby_of(primary, "standby");
        primary.sql("ALTER SYSTEM SET synchronous_standby_names = 'standby'");
        primary.sql("SELECT pg_reload_conf()");
        // Asked anew each time: a backend reads the settings again only between two statements.
        EXPECT_TRUE(eventually([this] {
            return primary.number("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'") == 1;
        }));
    }

    YAML::Node config(const std::string& node) const {
        YAML::Node config = basic_config(PostgresCluster::shared(), AdminLogin::present);
        config["node"] = node;
        config["store"]["postgresql"] = "host=127.0.0.1,127.0.0.1 port=" + std::to_string(primary.port()) +
                                        "," + std::to_string(standby->port()) +
                                        " user=postgres dbname=curfew target_session_attrs=read-write";
        return config;
    }
    static bool becomes(const RunningCurfew& curfew, bool ready) {
        return eventually([&] { return (http_get(curfew.metrics_port(), "/readyz").status == 200) == ready; },
                          patience * 2);
    }
    static LiveSession open_session_soon(RunningCurfew& curfew, const std::string& database = the_resource) {
        for (const Instant give_up = now() + patience;;) {
            try {
                return curfew.open_session("alice", database);
            } catch (const std::exception&) {
                if (now() > give_up) throw;
            }
        }
    }
    // What is written from here on does not reach the standby.
    void stop_replication() {
        primary.sql("ALTER SYSTEM SET synchronous_standby_names = ''");
        primary.sql("SELECT pg_reload_conf()");
        standby->sql("ALTER SYSTEM SET primary_conninfo = ''");
        standby->sql("SELECT pg_reload_conf()");
        ASSERT_TRUE(
            eventually([this] { return primary.number("SELECT count(*) FROM pg_stat_replication") == 0; }));
    }
    static bool knows_grants(const RunningCurfew& curfew, int count) {
        const std::string metrics = http_get(curfew.metrics_port(), "/metrics").body;
        return metrics.find("curfew_grants_active " + std::to_string(count) + "\n") != std::string::npos;
    }
    void fail_over() {
        primary.kill();
        EXPECT_EQ(standby->sql("SELECT pg_promote()"), "t");
    }
    static std::string refusal_of(RunningCurfew& curfew) {
        WireClient client = curfew.client();
        client.send_startup({{"user", "alice"}, {"database", the_resource}});
        return client.read_to_end(patience * 2).sqlstate();
    }

    PostgresCluster primary{flushing_options()};
    std::unique_ptr<PostgresCluster> standby;
};

TEST_F(StoreFailover, LosesNoRevocationThatWasAcknowledged) {
    RunningCurfew a{config("gate-a")};
    RunningCurfew b{config("gate-b")};
    const GivenGrant grant = a.grant("alice");
    LiveSession session = open_session_soon(b);
    session.client.send(wire::query("SELECT pg_sleep(60)"));
    // It is to hear of the revocation from nobody but the standby.
    b.process().signal(SIGSTOP);
    a.revoke(grant.id);
    fail_over();
    b.process().signal(SIGCONT);
    EXPECT_EQ(session.client.read_to_end(patience * 2).sqlstate(), "57P01");
    EXPECT_EQ(b.await_end(session.id, patience * 2).cause, "grant_revoked");
    EXPECT_EQ(
        standby->sql("SELECT revoked_at_ms IS NOT NULL FROM curfew.grants WHERE id = '" + grant.id + "'",
                     "curfew"),
        "t");
    EXPECT_TRUE(becomes(a, true));
    EXPECT_TRUE(becomes(b, true));
    EXPECT_EQ(refusal_of(a), "28000");
    EXPECT_EQ(refusal_of(b), "28000");
    EXPECT_TRUE(
        PostgresCluster::shared().await("count(*) = 0 FROM pg_stat_activity WHERE usename = 'alice'"));
}

// Nobody waited for the standby: what the nodes have read last is lost, and other events come by its numbers.
TEST_F(StoreFailover, LetsNodesNoticeWhatItLost) {
    RunningCurfew a{config("gate-a")};
    RunningCurfew b{config("gate-b")};
    a.grant("alice");
    LiveSession session = open_session_soon(b);
    session.client.send(wire::query("SELECT pg_sleep(60)"));
    stop_replication();
    for (int i = 0; i < 5; ++i)
        a.grant("bob");
    ASSERT_TRUE(eventually([&] { return knows_grants(b, 6); }));
    const std::string of_the_lost = "SELECT max(number) FROM curfew.events";
    const auto lost = std::stoi(primary.sql(of_the_lost, "curfew"));
    ASSERT_LT(std::stoi(standby->sql(of_the_lost, "curfew")), lost);
    fail_over();
    EXPECT_TRUE(becomes(a, true));
    ASSERT_TRUE(eventually(
        [&] {
            return a.cli_result({"kill", session.id}).status.success();
        },
        patience * 2));
    EXPECT_EQ(session.client.read_to_end(patience * 2).sqlstate(), "57P01");
    EXPECT_EQ(b.await_end(session.id, patience * 2).cause, "session_killed");
    EXPECT_LE(std::stoi(standby->sql("SELECT number FROM curfew.events WHERE kind = 'session.kill_asked'",
                                     "curfew")),
              lost)
        << "by a number that the node had read something else by";
    EXPECT_TRUE(eventually([&] { return knows_grants(b, 1); })) << "and the lost grants with it";
    EXPECT_NO_THROW(b.log().await("store.events_lost"));
}

TEST_F(StoreFailover, LeavesSessionsAloneAndTakesRequestsAgain) {
    RunningCurfew a{config("gate-a")};
    RunningCurfew b{config("gate-b")};
    a.grant("alice");
    LiveSession session = open_session_soon(b);
    fail_over();
    EXPECT_TRUE(becomes(b, true));
    EXPECT_EQ(session.client.query("SELECT 1"), "1");
    ASSERT_TRUE(eventually(
        [&] {
            return a.cli_result({"grant", "bob", the_resource, "--for", "1h"}).status.success();
        },
        patience * 2));
    EXPECT_NO_THROW(open_session_soon(b));
}

TEST_F(StoreFailover, EndsWithTheStoreOnlySessionsThatAreNotToGoOnWithoutIt) {
    YAML::Node careful = config("gate-a");
    careful["resources"]["careful"] = YAML::Clone(careful["resources"][the_resource]);
    careful["resources"]["careful"]["on_store_loss"] = "end";
    RunningCurfew a{careful};
    a.grant("alice");
    a.cli({"grant", "alice", "careful", "--for", "1h"});
    LiveSession goes_on = a.open_session("alice");
    LiveSession ends = a.open_session("alice", "careful");
    ends.client.send(wire::query("SELECT pg_sleep(60)"));
    primary.kill();
    const Instant killed = now();
    const Ending ending = ends.client.read_to_end(patience * 2);
    EXPECT_EQ(ending.sqlstate(), "57P01");
    EXPECT_THAT(ending.message(), testing::HasSubstr("Curfew cannot hear whether it still stands"));
    EXPECT_LE(ending.told_at(), killed + within(3s)) << "connections are refused at once";
    const SessionEnd end = a.await_end(ends.id, patience * 2);
    EXPECT_EQ(end.cause, "store_lost");
    EXPECT_EQ(end.confirmation, "activity");
    EXPECT_TRUE(becomes(a, false));
    EXPECT_EQ(goes_on.client.query("SELECT 1"), "1");
    EXPECT_EQ(standby->sql("SELECT pg_promote()"), "t");
    EXPECT_TRUE(becomes(a, true));
    EXPECT_EQ(goes_on.client.query("SELECT 1"), "1");
    EXPECT_NO_THROW(a.open_session("alice", "careful")) << "the grant stands";
}

}  // namespace
}  // namespace curfew::test
