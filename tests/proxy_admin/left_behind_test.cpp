// What outlives a session: prepared transactions, with their locks, and replication slots.
#include <gmock/gmock.h>

#include <string>
#include <utility>
#include <vector>

#include "admin_fixture.hpp"

namespace curfew::test {
namespace {

using proxy::BackendAdmin;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Names = std::vector<std::string>;

class LeftBehind : public testing::Test {
protected:
    void SetUp() override { ASSERT_TRUE(admin.wait_until_up()); }
    void TearDown() override {
        for (const auto& [identifier, database] : prepared)
            cluster.sql("ROLLBACK PREPARED " + quoted(identifier), database);
    }

    static std::string quoted(const std::string& identifier) { return "$q$" + identifier + "$q$"; }

    BackendAdmin::Trace trace_of(const PgConnection& client, const std::string& role = "alice") {
        return {role, "postgres", admin.identify(BackendAdmin::Peer{client.backend_pid()})->started};
    }
    // A transaction that holds locks, in the client's database.
    void prepare(PgConnection& client, const std::string& identifier) {
        client.exec("BEGIN");
        client.exec("CREATE TABLE made_in_a_prepared_transaction_" + std::to_string(prepared.size()) + " ()");
        client.exec("PREPARE TRANSACTION " + quoted(identifier));
        prepared.emplace_back(identifier, client.value("SELECT current_database()"));
    }
    Names prepared_by(const BackendAdmin::Trace& trace) {
        return admin.left_behind(trace).value().prepared_transactions;
    }

    PostgresCluster& cluster = []() -> PostgresCluster& {
        static const bool made = [] {
            cluster_with_alice().sql("CREATE ROLE bob LOGIN; GRANT CREATE ON SCHEMA public TO alice, bob");
            cluster_with_alice().sql("CREATE DATABASE other OWNER alice");
            return true;
        }();
        static_cast<void>(made);
        return cluster_with_alice();
    }();
    boost::asio::io_context asker{1};  // outlives the control thread
    RunningContext control;
    RunningAdmin admin{control, unix_resource(cluster)};
    std::vector<std::pair<std::string, std::string>> prepared;  // by identifier and database
};

TEST_F(LeftBehind, IsNothingWhereNothingWasPrepared) {
    PgConnection client{cluster.conninfo("alice")};
    EXPECT_THAT(prepared_by(trace_of(client)), IsEmpty());
}

TEST_F(LeftBehind, NamesWhatTheSessionPreparedOnceItIsOver) {
    BackendAdmin::Trace trace;
    {
        PgConnection client{cluster.conninfo("alice")};
        trace = trace_of(client);
        prepare(client, "first");
        prepare(client, "second, 'quoted\"");
    }
    EXPECT_THAT(prepared_by(trace), ElementsAre("first", "second, 'quoted\""));
}

TEST_F(LeftBehind, DoesNotNameWhatWasPreparedBeforeTheSessionBegan) {
    PgConnection earlier{cluster.conninfo("alice")};
    prepare(earlier, "before");
    PgConnection client{cluster.conninfo("alice")};
    prepare(client, "since");
    EXPECT_THAT(prepared_by(trace_of(client)), ElementsAre("since"));
}

TEST_F(LeftBehind, DoesNotNameWhatAnotherRolePrepared) {
    PgConnection client{cluster.conninfo("alice")};
    PgConnection other{cluster.conninfo("bob")};
    prepare(other, "bob's");
    EXPECT_THAT(prepared_by(trace_of(client)), IsEmpty());
    EXPECT_THAT(prepared_by(trace_of(client, "bob")), ElementsAre("bob's"));
}

TEST_F(LeftBehind, DoesNotNameWhatWasPreparedInAnotherDatabase) {
    PgConnection client{cluster.conninfo("alice")};
    PgConnection elsewhere{cluster.conninfo("alice", "other")};
    prepare(elsewhere, "elsewhere");
    BackendAdmin::Trace trace = trace_of(client);
    EXPECT_THAT(prepared_by(trace), IsEmpty());
    trace.database = "other";
    EXPECT_THAT(prepared_by(trace), ElementsAre("elsewhere"));
}

TEST_F(LeftBehind, ComparesTimesWhateverTheRolesTimeZone) {
    PgConnection client{cluster.conninfo("alice")};
    prepare(client, "here");
    cluster.sql("ALTER ROLE curfew_admin SET TimeZone = 'America/Los_Angeles'");
    RunningAdmin later{control, unix_resource(cluster)};
    ASSERT_TRUE(later.wait_until_up());
    cluster.sql("ALTER ROLE curfew_admin RESET ALL");
    EXPECT_THAT(later.left_behind(trace_of(client)).value().prepared_transactions, ElementsAre("here"));
}

TEST_F(LeftBehind, CannotBeToldWithoutTheSessionsStart) {
    EXPECT_EQ(admin.left_behind({"alice", "postgres", ""}).error().code, ErrorCode::invalid);
}

TEST_F(LeftBehind, CannotBeToldWithoutAConnection) {
    PgConnection client{cluster.conninfo("alice")};
    const BackendAdmin::Trace trace = trace_of(client);
    admin.stop();
    EXPECT_EQ(admin.left_behind(trace).error().code, ErrorCode::unavailable);
    EXPECT_EQ(admin.replication_slots().error().code, ErrorCode::unavailable);
}

TEST_F(LeftBehind, SaysWhoMayNotLookWhereTheRightIsMissing) {
    PgConnection client{cluster.conninfo("alice")};
    const BackendAdmin::Trace trace = trace_of(client);
    cluster.sql("REVOKE SELECT ON pg_prepared_xacts FROM PUBLIC");
    const auto left = admin.left_behind(trace);
    cluster.sql("GRANT SELECT ON pg_prepared_xacts TO PUBLIC");
    ASSERT_FALSE(left);
    EXPECT_EQ(left.error().code, ErrorCode::forbidden);
    EXPECT_THAT(left.error().message, HasSubstr("role 'curfew_admin': permission denied for view"));
    EXPECT_TRUE(admin->up());
}

TEST_F(LeftBehind, IsAskedForAHundredSessionsInOneStatement) {
    cluster.sql("ALTER ROLE curfew_admin SET log_statement = 'all'");
    RunningAdmin logged{control, unix_resource(cluster)};
    ASSERT_TRUE(logged.wait_until_up());
    cluster.sql("ALTER ROLE curfew_admin RESET ALL");
    PgConnection alice{cluster.conninfo("alice")};
    PgConnection bob{cluster.conninfo("bob")};
    prepare(alice, "hers");
    prepare(bob, "his");

    std::vector<Result<BackendAdmin::LeftBehind>> hers;
    std::vector<Result<BackendAdmin::LeftBehind>> his;
    const auto trace_of_alice = trace_of(alice);
    const auto trace_of_bob = trace_of(bob, "bob");
    const long before = executions(cluster, "SELECT gid");
    {
        Batch batch{control, asker};
        for (int i = 0; i < 50; ++i) {
            batch.ask(logged->left_behind(trace_of_alice), hers);
            batch.ask(logged->left_behind(trace_of_bob), his);
        }
        batch.run();
    }
    ASSERT_EQ(hers.size(), 50U);
    ASSERT_EQ(his.size(), 50U);
    for (std::size_t i = 0; i < hers.size(); ++i) {
        EXPECT_THAT(hers[i]->prepared_transactions, ElementsAre("hers"));
        EXPECT_THAT(his[i]->prepared_transactions, ElementsAre("his"));
    }
    EXPECT_EQ(executions(cluster, "SELECT gid") - before, 1);
}

TEST_F(LeftBehind, SlotsAreNamedUnlessTheyAreTemporary) {
    EXPECT_THAT(admin.replication_slots().value(), IsEmpty());
    PgConnection superuser{cluster.conninfo("postgres")};
    superuser.exec("SELECT pg_create_physical_replication_slot('stays_b')");
    superuser.exec("SELECT pg_create_physical_replication_slot('stays_a')");
    superuser.exec("SELECT pg_create_physical_replication_slot('goes', temporary => true)");
    EXPECT_THAT(admin.replication_slots().value(), ElementsAre("stays_a", "stays_b"));
    superuser.exec("SELECT pg_drop_replication_slot('stays_b')");
    EXPECT_THAT(admin.replication_slots().value(), ElementsAre("stays_a"));
    superuser.exec("SELECT pg_drop_replication_slot('stays_a')");
}

}  // namespace
}  // namespace curfew::test
