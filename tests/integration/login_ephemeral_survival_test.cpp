// login: ephemeral, where curfewd is killed, and beside others: no role is forgotten, and none that is
// somebody else's touched.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <future>

#include "login_ephemeral_fixture.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

// --- After a crash

TEST_F(LoginEphemeral, DropsWhatACrashLeftOfGrantsThatEndedMeanwhile) {
    RunningCurfew curfew{config()};
    const GivenGrant grant = curfew.grant("alice", std::to_string(2 * slowdown) + "s");
    PgConnection client = connect(curfew);
    client.exec("CREATE TABLE orphaned (n int)");
    curfew.kill9();
    ASSERT_TRUE(postgres->await("clock_timestamp() > (SELECT rolvaliduntil FROM pg_roles WHERE rolname = '" +
                                role_of("alice", grant) + "') + interval '100ms'"));
    EXPECT_TRUE(exists(role_of("alice", grant))) << "there was nobody to drop it";
    curfew.restart();
    EXPECT_TRUE(await_gone(role_of("alice", grant)));
    EXPECT_EQ(owner_of("orphaned"), "app_owner");
    postgres->sql("DROP TABLE orphaned");
}

TEST_F(LoginEphemeral, TakesUpWhatACrashLeftOfGrantsThatGoOn) {
    RunningCurfew curfew{config()};
    const GivenGrant grant = curfew.grant("alice");
    connect(curfew).exec("CREATE TABLE kept (n int)");
    curfew.kill9();
    curfew.restart();
    connect(curfew).exec("DROP TABLE kept");
    curfew.revoke(grant.id);
    EXPECT_TRUE(await_gone(role_of("alice", grant)));
}

TEST_F(LoginEphemeral, DropsWhatACrashLeftThoughNobodyCameBack) {
    RunningCurfew curfew{config()};
    const GivenGrant grant = curfew.grant("alice");
    connect(curfew);
    curfew.kill9();
    curfew.restart();
    curfew.revoke(grant.id);
    EXPECT_TRUE(await_gone(role_of("alice", grant)));
}

// Nobody looks after it any more, and nobody knows whether the resource comes back.
TEST_F(LoginEphemeral, TellsOfRolesWhoseResourceWasTakenOutWhileItWasDown) {
    RunningCurfew curfew{config()};
    const GivenGrant grant = curfew.grant("alice");
    const std::string role = role_of("alice", grant);
    connect(curfew);
    curfew.kill9();
    YAML::Node without = config();
    YAML::Node resource = without["resources"][the_resource];
    resource["login"] = "managed";
    resource.remove("ephemeral");
    resource["role"]["user"] = "app_rw";
    curfew.write_config(without);
    curfew.restart();
    EXPECT_EQ(curfew.log().await("ephemeral_role.unkept").text("role"), role);
    const CommandResult doctor = curfew.cli_result({"doctor", the_resource});
    EXPECT_THAT(doctor.out, HasSubstr(role));
    EXPECT_TRUE(exists(role)) << "it may be another node's";
    curfew.kill9();
    curfew.write_config(config());
    curfew.restart();
    curfew.revoke(grant.id);
    EXPECT_TRUE(await_gone(role)) << "the resource is back";
}

TEST_F(LoginEphemeral, RemembersWhatItCouldNotDropAfterACrash) {
    RunningCurfew curfew{config()};
    const GivenGrant grant = curfew.grant("alice");
    connect(curfew).exec("CREATE TABLE stuck (n int)");
    postgres->sql("REVOKE app_owner FROM curfew_admin");
    curfew.revoke(grant.id);
    curfew.log().await("ephemeral_role.undropped");
    curfew.kill9();
    postgres->sql("GRANT app_owner TO curfew_admin");
    curfew.restart();
    EXPECT_TRUE(await_gone(role_of("alice", grant)));
    postgres->sql("DROP TABLE stuck");
}

TEST_F(LoginEphemeral, LeavesNoRoleHalfMadeWhereItIsKilledMeanwhile) {
    RunningCurfew curfew{config()};
    const GivenGrant grant = curfew.grant("alice");
    PgConnection other{postgres->conninfo()};
    other.exec(
        "BEGIN; LOCK TABLE pg_auth_members IN EXCLUSIVE MODE");  // its last statement, GRANT, waits for that
    auto coming = std::async(std::launch::async,
                             [&] { return refusal(curfew.conninfo("alice") + ephemeral_password); });
    ASSERT_TRUE(
        postgres->await("EXISTS (SELECT FROM pg_stat_activity WHERE usename = 'curfew_admin' AND "
                        "query LIKE 'GRANT%' AND wait_event_type = 'Lock')"));
    curfew.kill9();
    coming.wait();
    other.exec("COMMIT");
    EXPECT_TRUE(postgres->await("NOT EXISTS (SELECT FROM pg_stat_activity WHERE usename = 'curfew_admin')"));
    EXPECT_FALSE(exists(role_of("alice", grant)));
    curfew.restart();
    EXPECT_EQ(connect(curfew).value("SELECT session_user"), role_of("alice", grant));
}

TEST_F(LoginEphemeral, GoesOnDroppingWhereItIsKilledMeanwhile) {
    RunningCurfew curfew{config()};
    const GivenGrant grant = curfew.grant("alice");
    connect(curfew).exec("CREATE TABLE locked (n int)");
    PgConnection other{postgres->conninfo()};
    other.exec("BEGIN; LOCK TABLE locked");
    curfew.revoke(grant.id);
    ASSERT_TRUE(
        postgres->await("EXISTS (SELECT FROM pg_stat_activity WHERE usename = 'curfew_admin' AND "
                        "query LIKE 'REASSIGN%' AND wait_event_type = 'Lock')"));
    curfew.kill9();
    other.exec("COMMIT");
    curfew.restart();
    EXPECT_TRUE(await_gone(role_of("alice", grant)));
    EXPECT_EQ(owner_of("locked"), "app_owner");
    postgres->sql("DROP TABLE locked");
}

// Two installations in front of one server, and roles that only look like one's own.
TEST_F(LoginEphemeral, LeavesTheRolesOfOthersAlone) {
    RunningCurfew ours{config()};
    const RunningCurfew theirs{config()};
    const GivenGrant our_grant = ours.grant("alice");
    const GivenGrant their_grant = theirs.grant("alice");
    connect(ours);
    PgConnection their_client = connect(theirs);
    postgres->sql("CREATE ROLE \"curfew_alice_g-00000000\"");
    ours.kill9();
    ours.restart();
    ours.revoke(our_grant.id);
    ASSERT_TRUE(await_gone(role_of("alice", our_grant)));
    EXPECT_EQ(their_client.value("SELECT session_user"), role_of("alice", their_grant));
    EXPECT_TRUE(exists("curfew_alice_g-00000000"));
    postgres->sql("DROP ROLE \"curfew_alice_g-00000000\"");
    theirs.revoke(their_grant.id);
    EXPECT_TRUE(await_gone(role_of("alice", their_grant)));
}

TEST_F(LoginEphemeral, RefusesToTakeOverARoleThatSomebodyElseMade) {
    const RunningCurfew curfew{config()};
    const GivenGrant grant = curfew.grant("alice");
    postgres->sql("CREATE ROLE \"" + role_of("alice", grant) + "\"");
    EXPECT_THAT(refusal(curfew.conninfo("alice") + ephemeral_password),
                HasSubstr("cannot make a role for you"));
    curfew.revoke(grant.id);
    EXPECT_TRUE(exists(role_of("alice", grant)));
    postgres->sql("DROP ROLE \"" + role_of("alice", grant) + "\"");
}

// --- Several nodes of one installation

// Two nodes that share what a store tells them: who they are, and the grant. (Each goes on with its own
// copy.)
class EphemeralRoleOfTwoNodes : public LoginEphemeral {
protected:
    EphemeralRoleOfTwoNodes() {
        one.terminate();
        one.process().wait();
        std::filesystem::copy_file(one.directory() / "store.db", secrets / "store.db");
        one.restart();
        YAML::Node node = config();
        node["store"]["path"] = (secrets / "store.db").string();
        other = std::make_unique<RunningCurfew>(node);
    }

    RunningCurfew one{config()};
    const GivenGrant grant = one.grant("alice");
    const std::string role = role_of("alice", grant);
    std::unique_ptr<RunningCurfew> other;
};

TEST_F(EphemeralRoleOfTwoNodes, IsTheSameOnBoth) {
    PgConnection here = connect(one);
    here.exec("CREATE TABLE shared (n int)");
    PgConnection there = connect(*other);
    there.exec("ALTER TABLE shared ADD COLUMN m int");
    PgConnection here_again = connect(one);
    here_again.exec("DROP TABLE shared");
    for (PgConnection* connection : {&here, &there, &here_again})
        EXPECT_EQ(connection->value("SELECT session_user"), role);
}

TEST_F(EphemeralRoleOfTwoNodes, IsDroppedByEither) {
    connect(one);
    one.kill9();
    PgConnection client = connect(*other);
    other->revoke(grant.id);
    EXPECT_TRUE(await_gone(role));
}

TEST_F(EphemeralRoleOfTwoNodes, IsDroppedAlsoByTheOneThatNeverUsedIt) {
    connect(one);
    one.kill9();
    other->kill9();
    other->restart();  // and looks for roles at once, not within a minute
    other->revoke(grant.id);
    EXPECT_TRUE(await_gone(role));
}

TEST_F(EphemeralRoleOfTwoNodes, IsDroppedOnceWhereBothTryAtTheSameTime) {
    connect(one);
    connect(*other);
    one.revoke(grant.id);
    other->revoke(grant.id);
    one.log().await("ephemeral_role.dropped", {{"role", role}});
    other->log().await("ephemeral_role.dropped", {{"role", role}});
    EXPECT_FALSE(exists(role));
    EXPECT_TRUE(one.log().events("ephemeral_role.undropped").empty());
    EXPECT_TRUE(other->log().events("ephemeral_role.undropped").empty());
}

}  // namespace
}  // namespace curfew::test
