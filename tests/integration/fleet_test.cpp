// Nodes that share a store: whatever is decided on one is true on all of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>

#include "support/running_curfew.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

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

TEST_F(Fleet, ListsAllNodesOnEachOfThem) {
    const RunningCurfew a{config("gate-a")};
    const RunningCurfew b{config("gate-b")};
    for (const RunningCurfew* node : {&a, &b}) {
        const auto nodes = node->cli({"nodes"}).at("items").as_array();
        ASSERT_EQ(nodes.size(), 2U);
        EXPECT_EQ(nodes[0].at("node"), "gate-a");
        EXPECT_EQ(nodes[1].at("node"), "gate-b");
        for (const auto& one : nodes) {
            EXPECT_EQ(one.at("state"), "up");
            EXPECT_EQ(one.at("resources").as_array().size(), 1U);
        }
    }
}

TEST_F(Fleet, ForgetsANodeThatEndsOrderly) {
    const RunningCurfew a{config("gate-a")};
    RunningCurfew b{config("gate-b")};
    b.terminate();
    EXPECT_TRUE(b.process().wait().success());
    EXPECT_EQ(a.cli({"nodes"}).at("items").as_array().size(), 1U);
}

TEST_F(Fleet, RefusesTheNameOfANodeThatLives) {
    YAML::Node short_lease = config("gate-a");
    short_lease["store"]["node_lease"] = "4s";
    const RunningCurfew a{short_lease};
    RunningCurfew::Options options;
    options.await_ready = false;
    RunningCurfew other{short_lease, options};
    EXPECT_FALSE(other.process().wait().success());
    EXPECT_THAT(other.log().text(), HasSubstr("Node name 'gate-a' belongs to another curfewd"));
    EXPECT_TRUE(is_ready(a));
}

TEST_F(Fleet, GivesANodeItsNameBackAfterACrashAtOnce) {
    RunningCurfew a{config("gate-a")};
    a.grant("alice");
    LiveSession session = a.open_session("alice");
    a.kill9();
    a.restart();  // within less than the lease
    EXPECT_TRUE(is_ready(a));
    EXPECT_TRUE(
        PostgresCluster::shared().await("count(*) = 0 FROM pg_stat_activity WHERE pid = " + session.backend));
}

TEST_F(Fleet, ListsTheSessionsOfAllNodesOnEachOfThem) {
    const RunningCurfew a{config("gate-a")};
    RunningCurfew b{config("gate-b")};
    a.grant("alice");
    const LiveSession there = open_session_soon(b);
    const auto seen = a.sessions();
    ASSERT_EQ(seen.size(), 1U);
    EXPECT_EQ(std::string{seen[0].at("id").as_string()}, there.id);
    EXPECT_EQ(seen[0].at("node"), "gate-b");
    EXPECT_EQ(seen[0].at("phase"), "live");
    EXPECT_TRUE(seen[0].at("bytes_to_client").is_null()) << "only its own node counts them";
    const auto own = b.sessions();
    ASSERT_EQ(own.size(), 1U) << "not once more from the store";
    EXPECT_EQ(own[0].at("node"), "gate-b");
    EXPECT_TRUE(own[0].at("bytes_to_client").is_number());
}

TEST_F(Fleet, EndsASessionOfAnotherNode) {
    const RunningCurfew a{config("gate-a")};
    RunningCurfew b{config("gate-b")};
    a.grant("alice");
    LiveSession there = open_session_soon(b);
    there.client.send(wire::query("SELECT pg_sleep(60)"));
    const auto answer = a.cli({"kill", there.id});
    EXPECT_EQ(answer.at("phase"), "ending");
    EXPECT_EQ(answer.at("node"), "gate-b");
    const Ending ending = there.client.read_to_end();
    EXPECT_EQ(ending.sqlstate(), "57P01");
    EXPECT_THAT(ending.message(), HasSubstr("administrator"));
    EXPECT_EQ(b.await_end(there.id).cause, "session_killed");
    EXPECT_TRUE(eventually([&] {
        return a.cli_result({"kill", there.id}).status.code == 3;
    })) << "it is over";
}

TEST_F(Fleet, SaysThatTheNodeOfASessionDoesNotAnswer) {
    const RunningCurfew a{config("gate-a")};
    RunningCurfew b{config("gate-b")};
    a.grant("alice");
    LiveSession there = open_session_soon(b);
    b.process().signal(SIGSTOP);
    const auto answer = a.cli({"kill", there.id});
    EXPECT_EQ(answer.at("phase"), "asked");
    EXPECT_THAT(std::string{answer.at("problem").as_string()}, HasSubstr("node 'gate-b' has not answered"));
    b.process().signal(SIGCONT);
    EXPECT_EQ(b.await_end(there.id).cause, "session_killed") << "it hears of it later";
}

TEST_F(Fleet, EndsOnceWhatAVanishedNodeLeftBehind) {
    const auto short_lease = [&](const std::string& node) {
        YAML::Node with = config(node, "4s");
        with["store"]["node_lease"] = "3s";
        return with;
    };
    const RunningCurfew a{short_lease("gate-a")};
    RunningCurfew b{short_lease("gate-b")};
    const RunningCurfew c{short_lease("gate-c")};
    a.grant("alice");
    LiveSession orphan = open_session_soon(b);
    orphan.client.send(wire::query("SELECT pg_sleep(600)"));
    ASSERT_TRUE(PostgresCluster::shared().await("state = 'active' FROM pg_stat_activity WHERE pid = " +
                                                orphan.backend));
    const auto nodes = [&](const char* state) { return a.metrics().sum("curfew_nodes", {{"state", state}}); };
    EXPECT_TRUE(eventually([&] { return nodes("up") == 3; }, patience * 2));
    b.kill9();
    EXPECT_TRUE(PostgresCluster::shared().await(
        "count(*) = 0 FROM pg_stat_activity WHERE pid = " + orphan.backend, patience * 2));
    const auto reaped = [&] {
        auto all = a.log().events("session.reaped");
        for (const LogEvent& event : c.log().events("session.reaped"))
            all.push_back(event);
        return all;
    };
    ASSERT_TRUE(eventually([&] { return !reaped().empty(); }));
    EXPECT_EQ(reaped().size(), 1U);
    EXPECT_EQ(reaped()[0].text("session"), orphan.id);
    EXPECT_EQ(reaped()[0].text("backend_terminated"), "true");
    const auto past = a.cli({"sessions", "--past"}).at("items").at(0);
    EXPECT_EQ(past.at("state"), "ended");
    EXPECT_EQ(past.at("cause"), "node_crashed");
    EXPECT_EQ(past.at("confirmation"), "activity");
    EXPECT_THAT(std::string{past.at("detail").as_string()},
                HasSubstr("outlived node 'gate-b' and was terminated by node 'gate-"));
    EXPECT_EQ(a.cli({"nodes"}).at("items").at(1).at("state"), "gone");
    const std::map<std::string, std::string> confirmed{{"outcome", "confirmed"}};
    EXPECT_EQ(a.metrics().sum("curfew_orphans_reaped_total", confirmed) +
                  c.metrics().sum("curfew_orphans_reaped_total", confirmed),
              1);
    EXPECT_TRUE(eventually([&] { return nodes("gone") == 1; }, patience * 2));
    EXPECT_EQ(nodes("up"), 2);
    EXPECT_EQ(a.metrics().sum("curfew_oldest_orphan_seconds"), 0);
}

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
