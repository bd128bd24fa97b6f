// Before the end there are warnings: NOTICEs, in time, and only between messages.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "support/running_curfew.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::SizeIs;

class Warnings : public testing::Test {
protected:
    static void SetUpTestSuite() { PostgresCluster::shared().sql("CREATE ROLE alice LOGIN"); }

    // Warns one second before the end; an hour before it was never, with such short grants.
    YAML::Node config(const std::string& when = "1s") {
        YAML::Node node = basic_config(cluster, AdminLogin::present);
        node["warnings"].push_back("1h");
        node["warnings"].push_back(when);
        return node;
    }

    PostgresCluster& cluster = PostgresCluster::shared();
};

TEST_F(Warnings, ReachAnIdleClientWhenTheyAreDue) {
    RunningCurfew curfew{config()};
    const GivenGrant grant = curfew.grant("alice", "2s");
    const Instant due = grant.end() - 1s;
    LiveSession session = curfew.open_session("alice");
    const wire::Message notice = session.client.read_message();
    EXPECT_GE(now(), due - 5ms);
    EXPECT_LE(now(), due + within(100ms));
    EXPECT_EQ(notice.type, 'N');
    auto fields = wire::report_fields(notice);
    EXPECT_EQ(fields['S'], "NOTICE");
    EXPECT_THAT(fields['M'], HasSubstr(grant.id));
}

TEST_F(Warnings, AreGivenOnceEach) {
    YAML::Node node = config("1200ms");
    node["warnings"].push_back("600ms");
    RunningCurfew curfew{node};
    curfew.grant("alice", "1500ms");
    LiveSession session = curfew.open_session("alice");
    ASSERT_THAT(session.client.notices(), SizeIs(1)) << "the banner";
    const Ending ending = session.client.read_to_end();
    EXPECT_EQ(ending.sqlstate(), "57P01");
    EXPECT_EQ(ending.messages.at('N'), 2U) << "the one of an hour ahead was past before the session began";
}

TEST_F(Warnings, ReachAClientThatWaitsForAQuery) {
    RunningCurfew curfew{config()};
    curfew.grant("alice", "2s");
    LiveSession session = curfew.open_session("alice");
    session.client.send(wire::query("SELECT pg_sleep(60)"));
    EXPECT_EQ(session.client.read_message().type, 'N');
    EXPECT_EQ(session.client.read_to_end().sqlstate(), "57P01");
}

TEST_F(Warnings, StandBetweenTheRowsOfAResult) {
    RunningCurfew curfew{config()};
    curfew.grant("alice", "2s");
    LiveSession session = curfew.open_session("alice");
    // Rows come all the time, each in several packets' worth of bytes, while the warning falls due.
    session.client.send(wire::query(wire::endless_copy(3000)));
    std::size_t rows = 0;
    while (session.client.notices().size() < 2) {
        const wire::Message message = session.client.read_message();
        if (message.type != 'd') continue;
        ++rows;
        ASSERT_EQ(message.body.size(), 3001U);
        ASSERT_EQ(message.body.find_first_not_of('x'), 3000U);
    }
    EXPECT_GT(rows, 0U);
}

TEST_F(Warnings, NeverBreakAMessageThatIsHalfRelayed) {
    RunningCurfew curfew{config("2500ms")};
    curfew.grant("alice", "3s");
    LiveSession session = curfew.open_session("alice", the_resource, {}, {4096});
    constexpr std::size_t size = 20'000'000;
    session.client.send(wire::query("SELECT repeat('x', " + std::to_string(size) + ")"));
    // The client does not read while the warning falls due: the row hangs in the middle.
    ASSERT_TRUE(cluster.await(
        "count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'ClientWrite' AND pid = " + session.backend));
    cluster.sql("SELECT pg_sleep(0.8)");
    const auto columns = wire::row(session.client.read_until('D'));
    ASSERT_EQ(columns.size(), 1U);
    EXPECT_EQ(columns[0]->size(), size);
    EXPECT_EQ(columns[0]->find_first_not_of('x'), std::string::npos);
    session.client.read_until_ready();
    if (session.client.notices().size() < 2) session.client.read_until('N');
    EXPECT_THAT(session.client.notices(), SizeIs(2)) << "late, but said";
}

TEST_F(Warnings, MoveWithTheDeadline) {
    RunningCurfew curfew{config()};
    const GivenGrant grant = curfew.grant("alice", "1500ms");
    LiveSession session = curfew.open_session("alice");
    const Instant due = curfew.extend(grant.id, "1s").end() - 1s;
    EXPECT_EQ(session.client.read_message().type, 'N');
    EXPECT_GE(now(), due - 5ms);
    EXPECT_LE(now(), due + within(100ms));
}

TEST_F(Warnings, ReachLibpqAsNotices) {
    RunningCurfew curfew{config()};
    const GivenGrant grant = curfew.grant("alice", "2s");
    PgConnection client{curfew.conninfo("alice")};
    client.failure("SELECT pg_sleep(60)");
    ASSERT_THAT(client.notices(), SizeIs(2)) << "the banner and the warning";
    EXPECT_THAT(client.notices(), testing::Each(HasSubstr(grant.id)));
}

}  // namespace
}  // namespace curfew::test
