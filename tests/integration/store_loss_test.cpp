// Without its store a node admits nobody, keeps live sessions to the deadlines it knows, and does not keep
// them longer than it may without hearing of revocations.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/held_store.hpp"
#include "support/running_curfew.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;

class StoreLoss : public testing::Test {
protected:
    static void SetUpTestSuite() { PostgresCluster::shared().sql("CREATE ROLE alice LOGIN"); }

    static YAML::Node config(const std::string& max_staleness) {
        YAML::Node node = basic_config(PostgresCluster::shared(), AdminLogin::present);
        node["store"]["max_staleness"] = max_staleness;
        return node;
    }
    static std::string store_of(const RunningCurfew& curfew) { return curfew.directory() / "store.db"; }

    static bool is_ready(const RunningCurfew& curfew) {
        return http_get(curfew.metrics_port(), "/readyz").status == 200;
    }

    PostgresCluster& cluster = PostgresCluster::shared();
};

TEST_F(StoreLoss, RefusesNewSessionsUntilTheStoreIsBack) {
    RunningCurfew curfew{config("60s")};
    curfew.grant("alice");
    {
        const HeldStore held{store_of(curfew)};
        WireClient client = curfew.client();
        client.send_startup({{"user", "alice"}, {"database", the_resource}});
        const Ending ending = client.read_to_end(patience * 2);
        EXPECT_EQ(ending.sqlstate(), "57P03") << ending.message();
        EXPECT_EQ(ending.messages.count('Z'), 0U) << "nothing runs unrecorded";
        EXPECT_TRUE(cluster.await("count(*) = 0 FROM pg_stat_activity WHERE usename = 'alice'"));
    }
    EXPECT_TRUE(eventually([&] { return is_ready(curfew); }));
    EXPECT_NO_THROW(curfew.open_session("alice"));
}

TEST_F(StoreLoss, ShowsInReadinessAndMetrics) {
    const RunningCurfew curfew{config("60s")};
    EXPECT_EQ(curfew.metric("curfew_store_up"), 1);
    {
        const HeldStore held{store_of(curfew)};
        EXPECT_TRUE(eventually([&] { return !is_ready(curfew); }, patience * 2));
        EXPECT_EQ(curfew.metric("curfew_store_up"), 0);
        EXPECT_GT(curfew.metric("curfew_store_staleness_seconds"), 0);
        EXPECT_EQ(http_get(curfew.metrics_port(), "/healthz").status, 200);
    }
    EXPECT_TRUE(eventually([&] { return is_ready(curfew); }));
    EXPECT_EQ(curfew.metric("curfew_store_up"), 1);
}

TEST_F(StoreLoss, EndsALiveSessionAtTheDeadlineItKnows) {
    RunningCurfew curfew{config("60s")};
    const GivenGrant grant = curfew.grant("alice", std::to_string(slowdown) + "s");
    const Instant deadline = grant.end();
    LiveSession session = curfew.open_session("alice");
    session.client.send(wire::query("SELECT pg_sleep(60)"));
    Ending ending;
    {
        const HeldStore held{store_of(curfew)};
        ending = session.client.read_to_end();
        EXPECT_TRUE(cluster.await("count(*) = 0 FROM pg_stat_activity WHERE pid = " + session.backend))
            << "the backend does not wait for the store either";
    }
    EXPECT_EQ(ending.sqlstate(), "57P01");
    EXPECT_GE(ending.told_at(), deadline - 5ms);
    EXPECT_LE(ending.told_at(), deadline + within(100ms));
    EXPECT_EQ(curfew.await_end(session.id, patience * 2).cause, "grant_expired");
}

TEST_F(StoreLoss, EndsLiveSessionsOnceRevocationsCouldNotBeHeardForTooLong) {
    RunningCurfew curfew{config("1s")};
    curfew.grant("alice");
    LiveSession session = curfew.open_session("alice");
    EXPECT_EQ(session.client.query("SELECT pg_sleep(1.5)"), "") << "a store that answers keeps it alive";
    const Instant start = now();
    {
        const HeldStore held{store_of(curfew)};
        const Ending ending = session.client.read_to_end();
        EXPECT_EQ(ending.sqlstate(), "57P01");
        EXPECT_LE(ending.told_at(), start + 1s + within(200ms));
    }
    EXPECT_EQ(curfew.await_end(session.id, patience * 2).cause, "store_lost");
    EXPECT_EQ(cluster.backend_count(session.backend_is_it()), 0);
}

}  // namespace
}  // namespace curfew::test
