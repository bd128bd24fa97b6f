// curfewd may be killed at any instant: what it acknowledged stands, and what it left running is ended before
// it takes anybody new.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <boost/json/value_to.hpp>
#include <set>
#include <thread>

#include "support/running_curfew.hpp"

namespace curfew::test {
namespace {

class Crash : public testing::Test {
protected:
    static void SetUpTestSuite() {
        PostgresCluster::shared().sql(
            "CREATE ROLE alice LOGIN; CREATE TABLE marks (mark text); GRANT ALL ON marks TO alice");
    }

    static std::set<std::string> active_grants(const RunningCurfew& curfew) {
        std::set<std::string> ids;
        const boost::json::value answer = curfew.cli({"grants"});
        for (const auto& grant : answer.at("items").as_array())
            ids.insert(boost::json::value_to<std::string>(grant.at("id")));
        return ids;
    }

    static boost::json::value past_session(const RunningCurfew& curfew, const std::string& id) {
        const boost::json::value answer = curfew.cli({"sessions", "--past"});
        for (const auto& session : answer.at("items").as_array()) {
            if (session.at("id") == boost::json::string_view{id}) return session;
        }
        throw std::runtime_error("no record of session " + id);
    }

    PostgresCluster& cluster = PostgresCluster::shared();
    RunningCurfew curfew{basic_config(cluster, AdminLogin::present)};
};

TEST_F(Crash, LeavesNoBackendBehindOnceCurfewdIsBack) {
    curfew.grant("alice");
    LiveSession session = curfew.open_session("alice");
    session.client.send(wire::query("INSERT INTO marks VALUES ('crash'); SELECT pg_sleep(60)"));
    ASSERT_TRUE(cluster.await("count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND pid = " +
                              session.backend));
    curfew.kill9();
    // Closing the sockets stops nothing: this is what there is to clean up.
    ASSERT_EQ(cluster.backend_count(session.backend_is_it()), 1);

    curfew.restart();
    curfew.log().await("listener.opened");
    EXPECT_EQ(cluster.backend_count(session.backend_is_it()), 0);
    const std::string log = curfew.log().text();
    const std::size_t ended = log.find(session.id);
    ASSERT_NE(ended, std::string::npos) << "the session that was ended is named in the log";
    EXPECT_LT(ended, log.find("listener.opened")) << "before anybody new is let in";
    EXPECT_EQ(cluster.number("SELECT count(*) FROM marks WHERE mark = 'crash'"), 0);

    const auto record = past_session(curfew, session.id);
    EXPECT_EQ(record.at("state"), "ended");
    EXPECT_EQ(record.at("cause"), "node_crashed");
    EXPECT_EQ(record.at("confirmation"), "activity");
}

// A node is called as its host, and hosts are renamed.
TEST_F(Crash, LeavesNoBackendBehindWhereTheHostIsCalledOtherwiseSince) {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root, to have a host name of its own";
    RunningCurfew::Options options;
    options.launcher = {"unshare", "--uts", "sh", "-c", "hostname before.example.org && exec \"$@\"", "sh"};
    RunningCurfew renamed{basic_config(cluster, AdminLogin::present), options};
    ASSERT_EQ(renamed.cli({"status"}).at("node"), "before.example.org");
    renamed.grant("alice");
    const LiveSession session = renamed.open_session("alice");
    renamed.kill9();

    renamed.restart();  // under this host's own name
    ASSERT_NE(renamed.cli({"status"}).at("node"), "before.example.org");
    EXPECT_EQ(cluster.backend_count(session.backend_is_it()), 0);
    EXPECT_EQ(renamed.log().await("session.reaped").text("session"), session.id);
}

// pids are reused; a backend that merely has the same pid is somebody else's.
TEST_F(Crash, EndsOnlyBackendsOfItsOwn) {
    curfew.grant("alice");
    const LiveSession session = curfew.open_session("alice");
    PgConnection direct{cluster.conninfo("alice")};
    curfew.kill9();
    curfew.restart();
    EXPECT_EQ(cluster.backend_count(session.backend_is_it()), 0);
    EXPECT_EQ(direct.value("SELECT 'here'"), "here");
}

TEST_F(Crash, LetsAGrantGoOnAfterwards) {
    const GivenGrant grant = curfew.grant("alice");
    curfew.kill9();
    curfew.restart();
    EXPECT_EQ(curfew.open_session("alice").grant, grant.id);
}

TEST_F(Crash, DoesNotLengthenAGrant) {
    const GivenGrant grant = curfew.grant("alice", std::to_string(2 * slowdown) + "s");
    const Instant deadline = grant.end();
    curfew.kill9();
    curfew.restart();
    LiveSession session = curfew.open_session("alice");
    const Ending ending = session.client.read_to_end();
    EXPECT_EQ(ending.sqlstate(), "57P01");
    EXPECT_LE(ending.told_at(), deadline + within(std::chrono::milliseconds{100}));
}

TEST_F(Crash, LosesNothingThatWasAcknowledged) {
    constexpr int enough = 1000;
    std::set<std::string> given;
    std::set<std::string> revoked;
    for (int round = 0; round < 6; ++round) {
        // Somebody gives and takes grants without a pause, until the command cannot reach curfewd any more.
        std::atomic<int> acknowledged{0};
        std::thread administrator{[&] {
            try {
                for (bool keep = true;; keep = !keep) {
                    const std::string id = curfew.grant("alice").id;
                    given.insert(id);
                    ++acknowledged;
                    acknowledged.notify_one();
                    if (keep) continue;
                    curfew.revoke(id);
                    revoked.insert(id);
                    ++acknowledged;
                    acknowledged.notify_one();
                }
            } catch (const std::runtime_error&) {
                // What failed was not acknowledged, and may have happened or not.
                acknowledged = enough;
                acknowledged.notify_one();
            }
        }};
        for (int count = 0; (count = acknowledged.load()) < 2 + round;)
            acknowledged.wait(count);
        curfew.process().signal(SIGKILL);
        administrator.join();
        curfew.restart();
        const std::set<std::string> active = active_grants(curfew);
        for (const std::string& id : revoked)
            ASSERT_FALSE(active.contains(id)) << "a revocation was lost";
        for (const std::string& id : given) {
            if (!revoked.contains(id) && !active.contains(id)) {
                // Its revocation may have been done without being acknowledged; then the store says so.
                bool known = false;
                const boost::json::value answer = curfew.cli({"grants", "--all"});
                for (const auto& grant : answer.at("items").as_array())
                    known = known || (grant.at("id") == boost::json::string_view{id} &&
                                      grant.at("state") == "revoked");
                ASSERT_TRUE(known) << "a grant was lost";
            }
        }
    }
    EXPECT_GE(given.size(), 6U);
}

}  // namespace
}  // namespace curfew::test
