// A client that hangs up in the middle of a statement: nobody waits for its answer, and yet it must not go on
// past the deadline, nor commit then.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/running_curfew.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;

class HungUp : public testing::TestWithParam<AdminLogin> {
protected:
    static void SetUpTestSuite() {
        PostgresCluster::shared().sql(
            "CREATE ROLE alice LOGIN; CREATE TABLE marks (mark text); GRANT ALL ON marks TO alice");
    }
    // A statement that writes, and commits by itself long after the grant.
    static std::string late_commit(const std::string& mark) {
        return wire::query("INSERT INTO marks SELECT '" + mark + "' FROM pg_sleep(" +
                           std::to_string(4 * slowdown) + ")");
    }
    // Both the statement and the grant are long over by then.
    void expect_nothing_of(const LiveSession& session, const std::string& mark) {
        EXPECT_TRUE(cluster.await("count(*) = 0 FROM pg_stat_activity WHERE pid = " + session.backend));
        EXPECT_EQ(cluster.number("SELECT count(*) FROM marks WHERE mark = '" + mark + "'"), 0);
        EXPECT_NE(curfew.await_end(session.id).confirmation, "unconfirmed");
    }

    PostgresCluster& cluster = PostgresCluster::shared();
    RunningCurfew curfew{basic_config(cluster, GetParam())};
    const std::string short_grant = std::to_string(slowdown) + "s";
};

TEST_P(HungUp, WithAResetLeavesNoStatementBeyondTheDeadline) {
    curfew.grant("alice", short_grant);
    LiveSession session = curfew.open_session("alice");
    session.client.send(late_commit("reset"));
    ASSERT_TRUE(cluster.await("count(*) = 1 FROM pg_stat_activity WHERE state = 'active' AND pid = " +
                              session.backend));
    session.client.stream().abort();
    expect_nothing_of(session, "reset");
}

TEST_P(HungUp, AtOnceLeavesNoStatementBeyondTheDeadline) {
    curfew.grant("alice", short_grant);
    LiveSession session = curfew.open_session("alice");
    session.client.send(late_commit("closed") + wire::terminate());
    session.client.stream().abort();
    expect_nothing_of(session, "closed");
}

INSTANTIATE_TEST_SUITE_P(Resources, HungUp, testing::Values(AdminLogin::present, AdminLogin::absent),
                         [](const auto& with) {
                             return with.param == AdminLogin::present ? "with_admin_login"
                                                                      : "without_admin_login";
                         });

}  // namespace
}  // namespace curfew::test
