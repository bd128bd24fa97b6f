// Hosts that cannot hear each other: what a node can promise alone it keeps, and the rest it makes good on as
// soon as the way is open again.
#include <gmock/gmock.h>

#include "partitioned_hosts.hpp"
#include "support/slow_link.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;

// The promise about a deadline.
constexpr auto at_most_late = 250ms;

class CutOffFromStore : public PartitionedHosts {};
class CutOffFromResource : public PartitionedHosts {};
class CutOffClient : public PartitionedHosts {};

TEST_F(CutOffFromStore, EndsWhatMayHaveBeenRevokedAfterMaxStaleness) {
    constexpr auto max_staleness = 3s;
    const auto a = start(config("node-1", "3s"));
    const auto b = start(config("node-2", "3s"));
    const GivenGrant grant = a->grant("alice");
    LiveSession session = open_session(*b, "node-2");
    session.client.send(wire::query("SELECT pg_sleep(60)"));
    const Instant cut_from = now();
    net->cut("node-2", "store");
    const Instant cut_by = now();
    a->revoke(grant.id);
    const Ending ending = session.client.read_to_end();
    EXPECT_EQ(ending.sqlstate(), "57P01");
    // The store is asked four times within max_staleness.
    EXPECT_GE(ending.told_at(), cut_from + max_staleness * 3 / 4 - 100ms);
    EXPECT_LE(ending.told_at(), cut_by + max_staleness + within(at_most_late));
    const SessionEnd end = b->await_end(session.id);
    EXPECT_EQ(end.cause, "store_lost");
    EXPECT_EQ(end.confirmation, "activity") << "the resource could be reached";
}

TEST_F(CutOffFromStore, KeepsWhatEndsBeforeThatToItsDeadline) {
    const auto a = start(config("node-1"));
    const GivenGrant grant = a->grant("alice", std::to_string(2 * slowdown) + "s");
    const Instant deadline = grant.end();
    LiveSession session = open_session(*a, "node-1");
    session.client.send(wire::query("SELECT pg_sleep(60)"));
    net->cut("node-1", "store");
    const Ending ending = session.client.read_to_end();
    EXPECT_EQ(ending.sqlstate(), "57P01");
    EXPECT_GE(ending.told_at(), deadline - 500ms);
    EXPECT_LE(ending.told_at(), deadline + within(at_most_late));
    EXPECT_EQ(a->await_end(session.id).cause, "grant_expired");
    EXPECT_TRUE(is_gone(session));
}

TEST_F(CutOffFromStore, AdmitsNobodyAndSaysSo) {
    const auto a = start(config("node-1"));
    a->grant("alice");
    net->cut("node-1", "store");
    WireClient client = knock(*a, "node-1");
    EXPECT_EQ(client.read_to_end(patience * 2).sqlstate(), "57P03");
    EXPECT_TRUE(eventually([&] { return !is_ready(*a, "node-1"); }));
    net->heal();
    EXPECT_TRUE(eventually([&] { return is_ready(*a, "node-1"); }));
    EXPECT_NO_THROW(open_session(*a, "node-1"));
}

// However long the cut: connections may be waited on, be found dead, or be tried anew when it heals.
TEST_F(CutOffFromStore, HearsWithinASecondOfHealingWhatItMissed) {
    const auto a = start(config("node-1"));
    const auto b = start(config("node-2"));
    for (const auto length : {700ms, 2500ms, 4200ms, 7300ms}) {
        const GivenGrant grant = a->grant("alice");
        LiveSession session = open_session(*b, "node-2");
        net->cut("node-2", "store");
        a->revoke(grant.id);
        ASSERT_FALSE(session.client.hears_something(length));
        const Instant healed = now();
        net->heal();
        const Ending ending = session.client.read_to_end();
        EXPECT_EQ(ending.sqlstate(), "57P01");
        const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(ending.told_at() - healed);
        EXPECT_LE(took, within(1s)) << "after a cut of " << length.count() << " ms";
        RecordProperty("healed_to_told_ms_after_" + std::to_string(length.count()),
                       std::to_string(took.count()));
        EXPECT_EQ(b->await_end(session.id).cause, "grant_revoked");
    }
}

TEST_F(CutOffFromStore, GoesOnAfterACutOfOneDirection) {
    const auto a = start(config("node-1"));
    const auto b = start(config("node-2"));
    const GivenGrant grant = a->grant("alice");
    LiveSession session = open_session(*b, "node-2");
    net->cut_one_way("store", "node-2");
    a->revoke(grant.id);
    ASSERT_FALSE(session.client.hears_something(1500ms));
    const Instant healed = now();
    net->heal();
    const Ending ending = session.client.read_to_end();
    EXPECT_LE(ending.told_at(), healed + within(1s));
    EXPECT_EQ(b->await_end(session.id).cause, "grant_revoked");
}

TEST_F(CutOffFromResource, TellsTheClientAtTheDeadlineAndEndsTheBackendOnceItCan) {
    const auto a = start(config("node-1"));
    const GivenGrant grant = a->grant("alice", std::to_string(3 * slowdown) + "s");
    const Instant deadline = grant.end();
    LiveSession session = open_session(*a, "node-1");
    session.client.send(wire::query("SELECT pg_sleep(600)"));
    ASSERT_TRUE(resource->await("state = 'active' FROM pg_stat_activity WHERE pid = " + session.backend));
    net->cut("node-1", "resource");
    const Ending ending = session.client.read_to_end();
    EXPECT_EQ(ending.sqlstate(), "57P01");
    EXPECT_GE(ending.told_at(), deadline - 500ms);
    EXPECT_LE(ending.told_at(), deadline + within(at_most_late));
    EXPECT_EQ(a->sessions().at(0).at("phase"), "ending") << "not confirmed while it cannot be seen";
    EXPECT_FALSE(is_gone(session, 3s));
    const Instant healed = now();
    net->heal();
    EXPECT_TRUE(is_gone(session));
    EXPECT_LE(now(), healed + within(2s));
    EXPECT_EQ(a->await_end(session.id, patience * 2).confirmation, "activity");
}

TEST_F(CutOffFromResource, DeliversNothingAfterTheDeadlineThatWasUnderWay) {
    const auto a = start(config("node-1"));
    const GivenGrant grant = a->grant("alice", std::to_string(3 * slowdown) + "s");
    const Instant deadline = grant.end();
    LiveSession session = open_session(*a, "node-1");
    session.client.query("BEGIN; INSERT INTO marks VALUES ('late')");
    // Nor may it count on being quicker than what was held up.
    resource->set_hba({"host all curfew_admin all reject", "host all all 198.18.0.0/15 trust"});
    resource->sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'curfew_admin'");
    net->cut("node-1", "resource");
    session.client.send(wire::query("COMMIT"));
    const Ending ending = session.client.read_to_end();
    EXPECT_LE(ending.told_at(), deadline + within(at_most_late));
    EXPECT_FALSE(is_gone(session, within(500ms)));
    net->heal();
    // TCP would have tried again by then, whose pauses are as long as the cut was. The backend may or may not
    // have been told by a packet of its own that there is no connection any more.
    (void)is_gone(session, 4s * slowdown);
    resource->set_hba({"host all all 198.18.0.0/15 trust"});
    EXPECT_TRUE(is_gone(session));
    EXPECT_EQ(resource->number("SELECT count(*) FROM marks WHERE mark = 'late'"), 0);
    EXPECT_EQ(a->await_end(session.id, patience * 2).confirmation, "activity");
}

// What PostgreSQL can be set to do for the time in which no node can reach it.
TEST_F(CutOffFromResource, HasItsBackendEndedByPostgresqlWhereThatWatchesItsConnections) {
    resource->sql(
        "ALTER ROLE alice SET client_connection_check_interval = '500ms';"
        "ALTER ROLE alice SET tcp_keepalives_idle = 1; ALTER ROLE alice SET tcp_keepalives_interval = 1;"
        "ALTER ROLE alice SET tcp_keepalives_count = 2; ALTER ROLE alice SET tcp_user_timeout = '3s'");
    const auto a = start(config("node-1"));
    a->grant("alice");
    LiveSession running = open_session(*a, "node-1");
    running.client.send(wire::query("SELECT pg_sleep(600)"));
    LiveSession in_transaction = open_session(*a, "node-1");
    in_transaction.client.query("BEGIN");
    net->cut("node-1", "resource");
    EXPECT_TRUE(is_gone(running));
    EXPECT_TRUE(is_gone(in_transaction));
    resource->sql("ALTER ROLE alice RESET ALL");
}

TEST_F(CutOffFromResource, AndFromTheStoreKeepsTheDeadlineAndRecordsTheEndOnceItCan) {
    const auto a = start(config("node-1"));
    const GivenGrant grant = a->grant("alice", std::to_string(3 * slowdown) + "s");
    const Instant deadline = grant.end();
    LiveSession session = open_session(*a, "node-1");
    session.client.send(wire::query("SELECT pg_sleep(600)"));
    net->cut("node-1", "resource");
    net->cut("node-1", "store");
    const Ending ending = session.client.read_to_end();
    EXPECT_EQ(ending.sqlstate(), "57P01");
    EXPECT_LE(ending.told_at(), deadline + within(at_most_late));
    net->heal();
    EXPECT_TRUE(is_gone(session));
    EXPECT_EQ(a->await_end(session.id, patience * 2).confirmation, "activity");
    EXPECT_TRUE(eventually([&] {
        return store->sql("SELECT cause FROM curfew.sessions WHERE id = '" + session.id + "'", database) ==
               "grant_expired";
    }));
}

TEST_F(CutOffClient, HasItsBackendEndedAtTheDeadlineAndHearsNothingAfterwards) {
    const auto a = start(config("node-1"));
    const GivenGrant grant = a->grant("alice", std::to_string(3 * slowdown) + "s");
    const Instant deadline = grant.end();
    LiveSession session = open_session(*a, "node-1");
    session.client.send(wire::query(wire::endless_rows(1000)));
    ASSERT_TRUE(session.client.hears_something(patience));
    net->cut("node-1", "client");
    // What had arrived.
    ByteStream::End end = ByteStream::End::none;
    while (session.client.stream().wait_readable(200ms))
        session.client.stream().read_some(end);
    EXPECT_TRUE(is_gone(session));
    EXPECT_LE(now(), deadline + within(500ms));
    EXPECT_EQ(a->await_end(session.id).cause, "grant_expired");
    net->heal();
    std::string late;
    while (end == ByteStream::End::none && session.client.stream().wait_readable(2s))
        late += session.client.stream().read_some(end);
    EXPECT_EQ(late.size(), 0U) << "rows that were under way at the deadline";
}

TEST_F(CutOffClient, OrOneThatDoesNotReadGetsNothingLaterOfWhatWasHeldForIt) {
    const auto a = start(config("node-1"));
    a->grant("alice", std::to_string(3 * slowdown) + "s");
    ByteStream::Options small_receiver;
    small_receiver.receive_buffer = 4096;
    LiveSession session = open_session(*a, "node-1", small_receiver);
    session.client.send(wire::query(wire::endless_rows(1000)));
    EXPECT_EQ(a->await_end(session.id).cause, "grant_expired");
    const Ending ending = session.client.read_to_end();
    EXPECT_EQ(ending.end, ByteStream::End::reset);
    EXPECT_LE(ending.messages.count('D') == 0 ? 0 : ending.messages.at('D'), 100U)
        << "more than its own machine can have had";
}

// 200 ms each way, to the resource and to the store.
class SlowLinks : public PartitionedHosts {
protected:
    static constexpr auto latency = 200ms;       // to the resource, each way
    static constexpr auto store_latency = 50ms;  // a turn among the writes is many ways there and back

    void SetUp() override {
        PartitionedHosts::SetUp();
        if (IsSkipped()) return;
        to_store = std::make_unique<SlowLink>(*net, "node-1", "store", 1);
        to_resource = std::make_unique<SlowLink>(*net, "node-1", "resource", 2);
    }
    // Once it has started: making the tables takes a great many ways there and back.
    std::unique_ptr<RunningCurfew> start_behind_them() {
        auto curfew = start(slow_config());
        to_store->set({store_latency, 1'000'000});
        to_resource->set({latency, 1'000'000});
        return curfew;
    }
    YAML::Node slow_config() const {
        YAML::Node slow = config("node-1");
        slow["resources"][the_resource]["host"] = to_resource->address();
        slow["store"]["postgresql"] = "host=" + to_store->address() +
                                      " port=" + std::to_string(store->port()) +
                                      " user=postgres dbname=" + database;
        return slow;
    }

    std::unique_ptr<SlowLink> to_store;
    std::unique_ptr<SlowLink> to_resource;
};

TEST_F(SlowLinks, DoNotDelayTheClientsDeadlineAndTheBackendsByTheWayToIt) {
    const auto a = start_behind_them();
    const GivenGrant grant = a->grant("alice", std::to_string(8 * slowdown) + "s");
    const Instant deadline = grant.end();
    LiveSession session = open_session(*a, "node-1");
    session.client.send(wire::query("SELECT pg_sleep(600)"));
    const Ending ending = session.client.read_to_end(patience * 2);
    EXPECT_EQ(ending.sqlstate(), "57P01");
    // Early by as long as the store's answer was under way at most: it never counts too long.
    EXPECT_GE(ending.told_at(), deadline - 4 * store_latency);
    EXPECT_LE(ending.told_at(), deadline + within(at_most_late));
    EXPECT_TRUE(is_gone(session));
    EXPECT_LE(now(), deadline + latency + within(500ms));
    EXPECT_EQ(a->await_end(session.id).confirmation, "activity");
}

TEST_F(SlowLinks, LetARevocationThrough) {
    const auto a = start_behind_them();
    const auto b = start(config("node-2"));
    const GivenGrant grant = a->grant("alice");
    LiveSession session = open_session(*a, "node-1");
    b->revoke(grant.id);
    const Instant revoked = now();
    const Ending ending = session.client.read_to_end();
    EXPECT_EQ(ending.sqlstate(), "57P01");
    // The notification, and some questions and answers after it; and before them, if it comes while the node
    // asks about what was told before, those that are left of that.
    EXPECT_LE(ending.told_at(), revoked + 30 * store_latency + within(at_most_late));
    EXPECT_EQ(a->await_end(session.id).cause, "grant_revoked");
}

}  // namespace
}  // namespace curfew::test
