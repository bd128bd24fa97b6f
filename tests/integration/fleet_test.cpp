// Nodes that share a store: whatever is decided on one is true on all of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "support/running_curfew.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;

class Fleet : public testing::Test {
protected:
    static void SetUpTestSuite() {
        PostgresCluster::shared().sql("CREATE ROLE alice LOGIN");
        PostgresCluster::shared().sql("CREATE ROLE bob LOGIN");
    }
    Fleet() {
        static int count = 0;
        database = "curfew_" + std::to_string(++count);
        store_cluster().sql("CREATE DATABASE " + database);
    }
    ~Fleet() override { store_cluster().sql("DROP DATABASE " + database + " WITH (FORCE)"); }

    // The store's own: the one that Curfew guards stays as it is.
    static PostgresCluster& store_cluster() {
        static PostgresCluster cluster;
        return cluster;
    }
    YAML::Node config(const std::string& node, const std::string& max_staleness = "60s") const {
        YAML::Node config = basic_config(PostgresCluster::shared(), AdminLogin::present);
        config["node"] = node;
        config["store"]["postgresql"] = store_cluster().tcp_conninfo("postgres", database);
        config["store"]["max_staleness"] = max_staleness;
        return config;
    }
    // Nobody gets in to the store, and nobody stays.
    void cut_store() {
        store_cluster().sql("ALTER DATABASE " + database + " WITH ALLOW_CONNECTIONS false");
        store_cluster().sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" +
                            database + "'");
    }
    void heal_store() { store_cluster().sql("ALTER DATABASE " + database + " WITH ALLOW_CONNECTIONS true"); }
    static bool is_ready(const RunningCurfew& curfew) {
        return http_get(curfew.metrics_port(), "/readyz").status == 200;
    }

    // Once that node has heard of the grant.
    static LiveSession open_session_soon(RunningCurfew& curfew) {
        for (const Instant give_up = Instant::clock::now() + patience;;) {
            try {
                return curfew.open_session("alice");
            } catch (const std::exception&) {
                if (Instant::clock::now() > give_up) throw;
            }
        }
    }
    static bool went_well(const std::vector<wire::Message>& messages) {
        return std::none_of(messages.begin(), messages.end(),
                            [](const wire::Message& message) { return message.type == 'E'; });
    }

    std::string database;
};

TEST_F(Fleet, AdmitsByAGrantThatAnotherNodeGave) {
    const RunningCurfew a{config("gate-a")};
    RunningCurfew b{config("gate-b")};
    a.grant("alice");
    EXPECT_NO_THROW(open_session_soon(b));
}

TEST_F(Fleet, EndsSessionsOnEveryNodeByARevocationOnAnother) {
    RunningCurfew a{config("gate-a")};
    RunningCurfew b{config("gate-b")};
    const GivenGrant grant = a.grant("alice");
    LiveSession here = a.open_session("alice");
    LiveSession there = open_session_soon(b);
    there.client.send(wire::query("SELECT pg_sleep(60)"));
    a.revoke(grant.id);
    const Instant revoked = Instant::clock::now();
    const Ending ending = there.client.read_to_end();
    EXPECT_EQ(ending.sqlstate(), "57P01");
    EXPECT_LE(ending.told_at(), revoked + within(100ms));
    EXPECT_EQ(b.await_end(there.id).cause, "grant_revoked");
    EXPECT_EQ(here.client.read_to_end().sqlstate(), "57P01");
    EXPECT_TRUE(
        PostgresCluster::shared().await("count(*) = 0 FROM pg_stat_activity WHERE usename = 'alice'"));
}

TEST_F(Fleet, MovesDeadlinesOnEveryNodeByAnExtensionOnAnother) {
    RunningCurfew a{config("gate-a")};
    RunningCurfew b{config("gate-b")};
    const GivenGrant grant = a.grant("alice", std::to_string(3 * slowdown) + "s");
    LiveSession session = open_session_soon(b);
    a.extend(grant.id, "1h");
    session.client.send(wire::query("SELECT pg_sleep(" + std::to_string(4 * slowdown) + ")"));
    EXPECT_TRUE(went_well(session.client.read_until_ready()));
}

TEST_F(Fleet, LeavesTheSessionsOfOtherNodesAloneWhenItStarts) {
    RunningCurfew a{config("gate-a")};
    a.grant("alice");
    LiveSession session = a.open_session("alice");
    const RunningCurfew b{config("gate-b")};
    session.client.send(wire::query("SELECT 1"));
    EXPECT_TRUE(went_well(session.client.read_until_ready()));
}

TEST_F(Fleet, HearsAfterACutOfARevocationThatItMissed) {
    RunningCurfew a{config("gate-a")};
    RunningCurfew b{config("gate-b")};
    const GivenGrant grant = a.grant("alice");
    LiveSession session = open_session_soon(b);
    cut_store();
    ASSERT_TRUE(eventually([&] { return !is_ready(b); }, patience * 2));
    // As another node would that the store still hears.
    heal_store();
    ASSERT_TRUE(eventually([&] { return a.cli_result({"revoke", grant.id}).status.success(); }));
    EXPECT_EQ(session.client.read_to_end().sqlstate(), "57P01");
}

TEST_F(Fleet, EndsSessionsOfANodeThatCannotHearRevocations) {
    RunningCurfew a{config("gate-a", "2s")};
    a.grant("alice");
    LiveSession session = a.open_session("alice");
    cut_store();
    EXPECT_EQ(session.client.read_to_end(patience * 2).sqlstate(), "57P01");
    EXPECT_EQ(a.await_end(session.id).cause, "store_lost");
    heal_store();
}

TEST_F(Fleet, RefusesNewSessionsWhileTheStoreIsAway) {
    RunningCurfew a{config("gate-a")};
    a.grant("alice");
    cut_store();
    WireClient client = a.client();
    client.send_startup({{"user", "alice"}, {"database", the_resource}});
    EXPECT_EQ(client.read_to_end(patience * 2).sqlstate(), "57P03");
    heal_store();
    EXPECT_TRUE(eventually([&] { return is_ready(a); }, patience * 2));
    EXPECT_NO_THROW(open_session_soon(a));
}

}  // namespace
}  // namespace curfew::test
