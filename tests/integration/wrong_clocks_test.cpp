// Nodes that share a store and have wall clocks that are hours off, each in another direction: time is the
// store's.
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <ctime>

#include "support/running_curfew.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;

// A node takes the whole way to the store and back off what is left, and never counts too long.
constexpr auto most_early = 500ms;

class WrongClocks : public testing::Test {
protected:
    static void SetUpTestSuite() {
        PostgresCluster::shared().sql("CREATE ROLE alice LOGIN");
        store = std::make_unique<PostgresCluster>();
        store->sql("CREATE DATABASE curfew");
    }
    static void TearDownTestSuite() { store.reset(); }
    void SetUp() override {
        if (slowdown > 1) GTEST_SKIP() << "a sanitizer has these functions for itself";
    }

    // A curfewd whose wall clock is `off`; what counts time without a date is left alone.
    static RunningCurfew::Options with_clock(std::chrono::seconds off) {
        RunningCurfew::Options options;
        options.launcher = {"env", "LD_PRELOAD=" SHIFTED_WALL_CLOCK,
                            "SHIFT_WALL_CLOCK=" + std::to_string(off.count())};
        return options;
    }
    static YAML::Node config(const std::string& node) {
        YAML::Node config = basic_config(PostgresCluster::shared(), AdminLogin::present);
        config["node"] = node;
        config["store"]["postgresql"] = store->tcp_conninfo("postgres", "curfew");
        return config;
    }
    static LiveSession open_session_soon(RunningCurfew& curfew) {
        for (const Instant give_up = now() + patience;;) {
            try {
                return curfew.open_session("alice");
            } catch (const std::exception&) {
                if (now() > give_up) throw;
            }
        }
    }

    static inline std::unique_ptr<PostgresCluster> store;
};

TEST_F(WrongClocks, AreSeenInTheLogAndNowhereElse) {
    const RunningCurfew fast{config("fast"), with_clock(5h)};
    const std::time_t later = std::time(nullptr) + 4 * 60 * 60;
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", std::gmtime(&later));
    EXPECT_GT(fast.log().await("node.ready").text("time"), text.data()) << "the tests would show nothing";
}

TEST_F(WrongClocks, NeitherLengthenNorShortenAGrant) {
    RunningCurfew fast{config("fast"), with_clock(5h)};
    RunningCurfew slow{config("slow"), with_clock(-5h)};
    const GivenGrant grant = fast.grant("alice", "4s");
    LiveSession on_fast = fast.open_session("alice");
    LiveSession on_slow = open_session_soon(slow);
    on_slow.client.send(wire::query("SELECT pg_sleep(60)"));
    for (LiveSession* session : {&on_fast, &on_slow}) {
        const Ending ending = session->client.read_to_end();
        EXPECT_EQ(ending.sqlstate(), "57P01");
        EXPECT_GE(ending.told_at(), grant.end() - most_early);
        EXPECT_LE(ending.told_at(), grant.end() + within(100ms));
    }
    EXPECT_EQ(fast.await_end(on_fast.id).cause, "grant_expired");
    EXPECT_EQ(slow.await_end(on_slow.id).cause, "grant_expired");
    EXPECT_TRUE(
        PostgresCluster::shared().await("count(*) = 0 FROM pg_stat_activity WHERE usename = 'alice'"));
}

TEST_F(WrongClocks, LeaveAGrantThatASlowNodeGaveToAllNodesForAsLong) {
    RunningCurfew slow{config("slow"), with_clock(-5h)};
    RunningCurfew fast{config("fast"), with_clock(5h)};
    const GivenGrant grant = slow.grant("alice", "4s");
    LiveSession session = open_session_soon(fast);
    const Ending ending = session.client.read_to_end();
    EXPECT_GE(ending.told_at(), grant.end() - most_early);
    EXPECT_LE(ending.told_at(), grant.end() + within(100ms));
    WireClient late = slow.client();
    late.send_startup({{"user", "alice"}, {"database", the_resource}});
    EXPECT_EQ(late.read_to_end().sqlstate(), "28000");
}

}  // namespace
}  // namespace curfew::test
