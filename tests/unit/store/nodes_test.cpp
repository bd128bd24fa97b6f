// Nodes: each has its name to itself while its lease runs, and what a gone one left is seen to once.
#include <gmock/gmock.h>

#include "store_fixture.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using store::NodeRecord;
using store::NodeReport;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class Nodes : public StoreTest {
protected:
    void SetUp() override {
        if (store_backend->file()) GTEST_SKIP() << "of a store that nodes share";
    }
    static NodeReport report(const std::string& name = "gate-a", const std::string& instance = "1") {
        NodeReport report;
        report.name = name;
        report.instance = instance;
        report.version = "1.2.3";
        report.address = "gate:6432";
        report.resources = {"prod", "test"};
        report.sessions = 7;
        report.lease = 30s;
        report.sessions_over_within = 60s;
        return report;
    }
    Result<store::NodeStanding> lives(const NodeReport& report,
                                      std::optional<std::string> dead_instance = std::nullopt) {
        return await(store->node_lives(report, std::move(dead_instance)));
    }
    std::vector<NodeRecord> nodes() { return await(store->nodes()).value(); }
    store::FleetCount count() { return await(store->count_fleet()).value(); }
    std::vector<SessionId> claim(const std::string& by,
                                 std::vector<std::string> resources = {"prod-postgres"}) {
        std::vector<SessionId> ids;
        for (const auto& session : await(store->claim_orphans(by, std::move(resources), 1min)).value())
            ids.push_back(session.id);
        return ids;
    }
    // A session that this node left when it vanished.
    store::SessionRecord orphan(const std::string& node = "gate-a") {
        EXPECT_TRUE(lives(report(node)));
        store::SessionRecord session = start(node);
        clock.advance(60s);
        return session;
    }
};

TEST_F(Nodes, AreListedByNameAsTheyReported) {
    ASSERT_TRUE(lives(report("gate-b")));
    const WallInstant started = clock.wall_now();
    ASSERT_TRUE(lives(report("gate-a")));
    clock.advance(5s);
    NodeReport later = report("gate-a");
    later.sessions = 8;
    ASSERT_TRUE(lives(later));
    clock.advance(1s);
    const auto found = nodes();
    ASSERT_THAT(found, SizeIs(2));
    EXPECT_EQ(found[0].name, "gate-a");
    EXPECT_EQ(found[0].version, "1.2.3");
    EXPECT_EQ(found[0].address, "gate:6432");
    EXPECT_THAT(found[0].resources, ElementsAre("prod", "test"));
    EXPECT_EQ(found[0].sessions, 8U);
    EXPECT_EQ(found[0].started_at, started);
    EXPECT_EQ(found[0].seen_at, started + 5s);
    EXPECT_EQ(found[0].seen_ago, 1s);
    EXPECT_EQ(found[0].lease_left, 29s);
    EXPECT_EQ(found[1].name, "gate-b");
}

TEST_F(Nodes, AreGoneWhenTheirLeaseEnds) {
    ASSERT_TRUE(lives(report()));
    clock.advance(30s - 1ms);
    EXPECT_FALSE(nodes()[0].is_gone());
    clock.advance(1ms);
    EXPECT_TRUE(nodes()[0].is_gone());
    ASSERT_TRUE(lives(report()));
    EXPECT_FALSE(nodes()[0].is_gone()) << "it was only away";
}

TEST_F(Nodes, HaveTheirNameToThemselves) {
    ASSERT_TRUE(lives(report("gate-a", "1")));
    clock.advance(3s);
    const auto second = lives(report("gate-a", "2"));
    EXPECT_EQ(second.error().code, ErrorCode::conflict);
    EXPECT_THAT(second.error().message, HasSubstr("'gate-a' belongs to another curfewd, at gate:6432"));
    EXPECT_THAT(second.error().message, HasSubstr("3s ago"));
    EXPECT_EQ(nodes()[0].instance, "1");
}

TEST_F(Nodes, LoseTheirNameWithTheirLease) {
    ASSERT_TRUE(lives(report("gate-a", "1")));
    clock.advance(30s);
    ASSERT_TRUE(lives(report("gate-a", "2")));
    EXPECT_EQ(lives(report("gate-a", "1")).error().code, ErrorCode::conflict);
    EXPECT_THAT(nodes(), SizeIs(1));
}

TEST_F(Nodes, LoseTheirNameAtOnceWhereTheyAreKnownToBeDead) {
    ASSERT_TRUE(lives(report("gate-a", "1")));
    EXPECT_EQ(lives(report("gate-a", "2"), "3").error().code, ErrorCode::conflict);
    EXPECT_TRUE(lives(report("gate-a", "2"), "1"));
}

TEST_F(Nodes, AreForgottenWhenTheyLeave) {
    ASSERT_TRUE(lives(report()));
    ASSERT_TRUE(await(store->node_leaves("gate-a", "another")));
    EXPECT_THAT(nodes(), SizeIs(1)) << "not its own name any more";
    ASSERT_TRUE(await(store->node_leaves("gate-a", "1")));
    EXPECT_THAT(nodes(), IsEmpty());
}

TEST_F(Nodes, AreGoneWhenTheyLeaveASessionUnfinished) {
    ASSERT_TRUE(lives(report()));
    const auto session = start("gate-a");
    ASSERT_TRUE(await(store->node_leaves("gate-a", "1")));
    EXPECT_TRUE(nodes().at(0).is_gone());
    EXPECT_THAT(claim("gate-b"), ElementsAre(session.id));
}

TEST_F(Nodes, AreForgottenADayAfterTheyVanished) {
    ASSERT_TRUE(lives(report("gate-a")));
    ASSERT_TRUE(lives(report("gate-b")));
    start("gate-b");
    clock.advance(24h + 31s);
    ASSERT_TRUE(lives(report("gate-c")));
    std::vector<std::string> names;
    for (const auto& node : nodes())
        names.push_back(node.name);
    EXPECT_THAT(names, ElementsAre("gate-b", "gate-c")) << "what it left is still to be seen to";
}

TEST_F(Nodes, HearOfOrphansOnceANodeCannotHaveItsSessionsAnyMore) {
    ASSERT_TRUE(lives(report("gate-a")));
    start("gate-a");
    clock.advance(60s - 1ms);
    EXPECT_FALSE(lives(report("gate-b")).value().orphans) << "gone, but it may still hear the clients";
    EXPECT_THAT(claim("gate-b"), IsEmpty());
    clock.advance(1ms);
    EXPECT_TRUE(lives(report("gate-b")).value().orphans);
}

TEST_F(Nodes, ClaimOrphansOnce) {
    const auto session = orphan();
    EXPECT_THAT(claim("gate-b"), ElementsAre(session.id));
    EXPECT_THAT(claim("gate-c"), IsEmpty());
    EXPECT_THAT(claim("gate-b"), ElementsAre(session.id)) << "its own, again";
}

TEST_F(Nodes, ClaimWhatAnotherOneClaimedAndDidNotSeeTo) {
    const auto session = orphan();
    ASSERT_THAT(claim("gate-b"), SizeIs(1));
    clock.advance(1min);
    EXPECT_THAT(claim("gate-c"), ElementsAre(session.id));
}

TEST_F(Nodes, ClaimOnlyWhatTheyCanReach) {
    const auto session = orphan();
    EXPECT_THAT(claim("gate-b", {"elsewhere"}), IsEmpty());
    EXPECT_THAT(claim("gate-b", {"elsewhere", session.resource}), ElementsAre(session.id));
}

TEST_F(Nodes, LeaveTheSessionsOfOneThatCameBackAlone) {
    orphan();
    ASSERT_TRUE(lives(report("gate-a", "2")));
    EXPECT_THAT(claim("gate-b"), IsEmpty());
}

TEST_F(Nodes, HaveNoOrphansOnceTheirEndIsRecorded) {
    const auto session = orphan();
    ASSERT_TRUE(await(store->session_ended(
        {session.id, policy::EndCause::node_crashed, store::Confirmation::activity, {}})));
    EXPECT_FALSE(lives(report("gate-b")).value().orphans);
    EXPECT_THAT(claim("gate-b"), IsEmpty());
}

TEST_F(Nodes, AreCountedUpOrGone) {
    ASSERT_TRUE(lives(report("gate-a")));
    clock.advance(20s);
    ASSERT_TRUE(lives(report("gate-b")));
    ASSERT_TRUE(lives(report("gate-c")));
    EXPECT_EQ(count().up, 3U);
    EXPECT_EQ(count().gone, 0U);
    clock.advance(10s);
    EXPECT_EQ(count().up, 2U);
    EXPECT_EQ(count().gone, 1U);
}

TEST_F(Nodes, CountOrphansFromWhenTheyAreForOthersToSeeTo) {
    ASSERT_TRUE(lives(report("gate-a")));
    const auto session = start("gate-a");
    start("gate-a");
    clock.advance(60s - 1ms);
    EXPECT_EQ(count().orphans, 0U) << "its node may still end them";
    EXPECT_EQ(count().oldest_orphan, 0s);
    clock.advance(5s + 1ms);
    EXPECT_EQ(count().orphans, 2U);
    EXPECT_EQ(count().oldest_orphan, 5s);
    ASSERT_TRUE(await(store->session_ended(
        {session.id, policy::EndCause::node_crashed, store::Confirmation::activity, {}})));
    EXPECT_EQ(count().orphans, 1U);
}

using NodeOfAStoreOfItsOwn = StoreTest;

// The file is locked: whoever had it before is dead.
TEST_F(NodeOfAStoreOfItsOwn, IsTheOnlyOne) {
    if (!store_backend->file()) GTEST_SKIP() << "of a store in a file, which is one node's alone";
    NodeReport before;
    before.name = "host";
    before.instance = "1";
    before.lease = 30s;
    ASSERT_TRUE(await(store->node_lives(before, std::nullopt)));
    NodeReport now = before;
    now.instance = "2";
    ASSERT_TRUE(await(store->node_lives(now, std::nullopt)));
    NodeReport renamed = now;
    renamed.name = "host.example.org";
    renamed.instance = "3";
    ASSERT_TRUE(await(store->node_lives(renamed, std::nullopt)));
    const auto found = await(store->nodes()).value();
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_EQ(found[0].name, "host.example.org");
}

}  // namespace
}  // namespace curfew::test
