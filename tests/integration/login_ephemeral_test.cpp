// login: ephemeral. Each person works as a role of their own, which is there for as long as their grant is,
// and no longer: whatever happens to curfewd meanwhile.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "login_ephemeral_fixture.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

TEST_F(LoginEphemeral, LogsThePersonInAsARoleThatBearsTheirNameAndTheGrants) {
    const RunningCurfew curfew{config()};
    const GivenGrant grant = curfew.grant("alice");
    const std::string role = role_of("alice", grant);
    EXPECT_FALSE(exists(role)) << "nobody has come in yet";
    PgConnection client = connect(curfew);
    EXPECT_EQ(client.value("SELECT session_user"), role);
    postgres->connections_received();  // the log is complete up to here
    EXPECT_THAT(postgres->log(), HasSubstr("connection authorized: user=" + role));
}

TEST_F(LoginEphemeral, GivesTheRoleTheRightsThatTheResourceNamesAndNoOthers) {
    const RunningCurfew curfew{config()};
    curfew.grant("alice");
    PgConnection client = connect(curfew);
    EXPECT_EQ(client.value("SELECT pg_has_role(session_user, 'app_rw', 'USAGE')"), "t");
    EXPECT_EQ(
        client.value("SELECT string_agg(b.rolname, ',') FROM pg_auth_members m JOIN pg_roles a ON "
                     "a.oid = m.member JOIN pg_roles b ON b.oid = m.roleid WHERE a.rolname = session_user"),
        "app_rw");
    EXPECT_EQ(
        client.value("SELECT concat(rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls) "
                     "FROM pg_roles WHERE rolname = session_user"),
        "fffff");
}

TEST_F(LoginEphemeral, HasTheRoleValidUntilTheGrantsEnd) {
    const RunningCurfew curfew{config()};
    const GivenGrant grant = curfew.grant("alice", "20m");
    connect(curfew);
    EXPECT_EQ(postgres->sql("SELECT " + is_valid_until(role_of("alice", grant), grant)), "t");
}

TEST_F(LoginEphemeral, MovesThatWithAnExtension) {
    const RunningCurfew curfew{config()};
    const GivenGrant grant = curfew.grant("alice", "20m");
    connect(curfew);
    const GivenGrant extended = curfew.extend(grant.id, "1h");
    EXPECT_TRUE(postgres->await(is_valid_until(role_of("alice", grant), extended)));
}

TEST_F(LoginEphemeral, HasOneRoleForAllSessionsOfAGrant) {
    const RunningCurfew curfew{config()};
    curfew.grant("alice");
    PgConnection first = connect(curfew);
    first.exec("CREATE TABLE mine (n int)");
    PgConnection second = connect(curfew);
    second.exec("DROP TABLE mine");
    EXPECT_EQ(second.value("SELECT session_user"), first.value("SELECT session_user"));
    EXPECT_EQ(curfew.log().events("ephemeral_role.made").size(), 1U);
    EXPECT_EQ(curfew.metric("curfew_ephemeral_roles", {{"resource", the_resource}}), 1);
}

TEST_F(LoginEphemeral, HasOneRoleForEachPersonOfAGroupsGrant) {
    YAML::Node node = config();
    node["groups"]["readers"].push_back("alice");
    node["groups"]["readers"].push_back("bob");
    const RunningCurfew curfew{node};
    const GivenGrant grant = curfew.grant("group:readers");
    EXPECT_EQ(connect(curfew, "alice").value("SELECT session_user"), role_of("alice", grant));
    EXPECT_EQ(connect(curfew, "bob").value("SELECT session_user"), role_of("bob", grant));
}

TEST_F(LoginEphemeral, MakesOneRoleForThoseWhoComeAtTheSameTime) {
    RunningCurfew curfew{config()};
    curfew.grant("alice");
    std::vector<PGconn*> coming;
    for (int i = 0; i < 8; ++i)
        coming.push_back(PQconnectStart((curfew.conninfo("alice") + ephemeral_password).c_str()));
    std::size_t in = 0;
    for (PGconn* connection : coming) {
        PostgresPollingStatusType next = PGRES_POLLING_WRITING;
        while (next != PGRES_POLLING_OK && next != PGRES_POLLING_FAILED)
            next = PQconnectPoll(connection);
        if (next == PGRES_POLLING_OK) ++in;
        PQfinish(connection);
    }
    EXPECT_EQ(in, coming.size());
    EXPECT_EQ(curfew.log().events("ephemeral_role.made").size(), 1U);
}

// --- The end

TEST_F(LoginEphemeral, DropsTheRoleWhenTheGrantExpires) {
    const RunningCurfew curfew{config()};
    const GivenGrant grant = curfew.grant("alice", std::to_string(slowdown) + "s");
    PgConnection client = connect(curfew);
    EXPECT_EQ(client.failure("SELECT pg_sleep(60)").sqlstate(), "57P01");
    EXPECT_TRUE(await_gone(role_of("alice", grant)));
    curfew.log().await("ephemeral_role.dropped", {{"role", role_of("alice", grant)}});
    EXPECT_EQ(curfew.log().await("session.ended").text("confirmation"), "activity");
}

TEST_F(LoginEphemeral, DropsTheRoleWhenTheGrantIsRevokedWithNobodyInside) {
    const RunningCurfew curfew{config()};
    const GivenGrant grant = curfew.grant("alice");
    connect(curfew);
    EXPECT_TRUE(exists(role_of("alice", grant))) << "the next session needs it";
    curfew.revoke(grant.id);
    EXPECT_TRUE(await_gone(role_of("alice", grant)));
}

TEST_F(LoginEphemeral, DropsTheRoleOfWhoeverLeavesTheGroup) {
    YAML::Node node = config();
    node["groups"]["readers"].push_back("alice");
    node["groups"]["readers"].push_back("bob");
    RunningCurfew curfew{node};
    const GivenGrant grant = curfew.grant("group:readers");
    connect(curfew, "alice");
    connect(curfew, "bob");
    node["groups"]["readers"] = YAML::Load("[bob]");
    ASSERT_TRUE(curfew.reload(node));
    EXPECT_TRUE(await_gone(role_of("alice", grant)));
    EXPECT_TRUE(exists(role_of("bob", grant)));
}

TEST_F(LoginEphemeral, GivesWhatTheRoleOwnsToTheOwnerInEveryDatabase) {
    const RunningCurfew curfew{config()};
    const GivenGrant grant = curfew.grant("alice");
    connect(curfew).exec("CREATE TABLE here (n int)");
    connect(curfew, "alice", std::string{the_resource} + "/shop").exec("CREATE TABLE there (n int)");
    EXPECT_EQ(owner_of("there", "shop"), role_of("alice", grant));
    curfew.revoke(grant.id);
    ASSERT_TRUE(await_gone(role_of("alice", grant)));
    EXPECT_EQ(owner_of("here"), "app_owner");
    EXPECT_EQ(owner_of("there", "shop"), "app_owner");
    postgres->sql("DROP TABLE here");
    postgres->sql("DROP TABLE there", "shop");
}

// A role may change its own password, and somebody may know one way or another how to reach PostgreSQL.
TEST_F(LoginEphemeral, EndsBackendsOfTheRoleThatDidNotComeThroughCurfew) {
    const RunningCurfew curfew{config()};
    const GivenGrant grant = curfew.grant("alice");
    const std::string role = role_of("alice", grant);
    connect(curfew).exec("ALTER ROLE \"" + role + "\" PASSWORD 'known-to-alice'");
    PgConnection around{postgres->tcp_conninfo(role) + " password=known-to-alice"};
    ASSERT_EQ(around.value("SELECT session_user"), role);
    curfew.revoke(grant.id);
    EXPECT_TRUE(await_gone(role));
    EXPECT_THROW(around.exec("SELECT 1"), PgError);
}

TEST_F(LoginEphemeral, SetsAnotherPasswordWhereSomebodyElseHasSetOne) {
    const RunningCurfew curfew{config()};
    const GivenGrant grant = curfew.grant("alice");
    connect(curfew);
    postgres->sql("ALTER ROLE \"" + role_of("alice", grant) + "\" PASSWORD 'of another node'");
    EXPECT_EQ(connect(curfew).value("SELECT session_user"), role_of("alice", grant));
}

// --- What goes wrong

TEST_F(LoginEphemeral, RefusesWhereTheRoleCannotBeMade) {
    const RunningCurfew curfew{config()};
    const GivenGrant grant = curfew.grant("alice");
    postgres->sql("ALTER ROLE curfew_admin NOCREATEROLE");
    EXPECT_THAT(refusal(curfew.conninfo("alice") + ephemeral_password),
                HasSubstr("cannot make a role for you"));
    EXPECT_FALSE(exists(role_of("alice", grant)));
    EXPECT_EQ(curfew.metric("curfew_admissions_total", {{"reason", "ephemeral_role_unavailable"}}), 1);
    EXPECT_THAT(curfew.log().await("ephemeral_role.not_made").text("error"), HasSubstr("permission denied"));
    postgres->sql("ALTER ROLE curfew_admin CREATEROLE");
    EXPECT_EQ(connect(curfew).value("SELECT session_user"), role_of("alice", grant));
}

TEST_F(LoginEphemeral, MakesAllOfARoleOrNothing) {
    YAML::Node node = config();
    node["resources"][the_resource]["ephemeral"]["member_of"].push_back("nobody_made_this");
    const RunningCurfew curfew{node};
    const GivenGrant grant = curfew.grant("alice");
    EXPECT_THAT(refusal(curfew.conninfo("alice") + ephemeral_password),
                HasSubstr("cannot make a role for you"));
    EXPECT_FALSE(exists(role_of("alice", grant)));
}

TEST_F(LoginEphemeral, RefusesReplicationConnections) {
    const RunningCurfew curfew{config()};
    curfew.grant("alice", "1h", {"--replication"});
    EXPECT_THAT(refusal(curfew.conninfo("alice") + ephemeral_password + " replication=database"),
                HasSubstr("takes no replication connections"));
}

TEST_F(LoginEphemeral, TellsOfARoleThatItCannotDropAndTriesAgain) {
    const RunningCurfew curfew{config()};
    const GivenGrant grant = curfew.grant("alice");
    const std::string role = role_of("alice", grant);
    connect(curfew).exec("CREATE TABLE stuck (n int)");
    postgres->sql("REVOKE app_owner FROM curfew_admin");
    curfew.revoke(grant.id);
    EXPECT_THAT(curfew.log().await("ephemeral_role.undropped", {{"role", role}}).text("error"),
                HasSubstr("permission denied to reassign objects"));
    EXPECT_EQ(curfew.metric("curfew_ephemeral_roles_undropped", {{"resource", the_resource}}), 1);
    EXPECT_EQ(postgres->sql("SELECT rolcanlogin FROM pg_roles WHERE rolname = '" + role + "'"), "f");

    postgres->sql("GRANT app_owner TO curfew_admin");
    curfew.log().await("ephemeral_role.dropped", {{"role", role}});
    EXPECT_FALSE(exists(role));
    EXPECT_EQ(owner_of("stuck"), "app_owner");
    EXPECT_EQ(curfew.metric("curfew_ephemeral_roles_undropped", {{"resource", the_resource}}), 0);
    postgres->sql("DROP TABLE stuck");
}

TEST_F(LoginEphemeral, WaitsForNoLockForLong) {
    const RunningCurfew curfew{config()};
    const GivenGrant grant = curfew.grant("alice");
    connect(curfew).exec("CREATE TABLE locked (n int)");
    PgConnection other{postgres->conninfo()};
    other.exec("BEGIN; LOCK TABLE locked");
    curfew.revoke(grant.id);
    EXPECT_THAT(curfew.log().await("ephemeral_role.undropped", {}, 20s).text("error"),
                HasSubstr("lock timeout"));
    other.exec("COMMIT");
    EXPECT_TRUE(await_gone(role_of("alice", grant)));
    postgres->sql("DROP TABLE locked");
}

// --- Secrets

TEST_F(LoginEphemeral, TellsPostgresAVerifierAndNeverAPassword) {
    const RunningCurfew curfew{config()};
    const GivenGrant grant = curfew.grant("alice");
    connect(curfew);
    EXPECT_THAT(curfew.log().text(), Not(HasSubstr("SCRAM-SHA-256$")));
    EXPECT_THAT(
        postgres->sql("SELECT rolpassword FROM pg_authid WHERE rolname = '" + role_of("alice", grant) + "'"),
        testing::StartsWith("SCRAM-SHA-256$4096:"));
    postgres->connections_received();  // the log is complete up to here
    const std::string log = postgres->log();
    const std::string made = "CREATE ROLE \"" + role_of("alice", grant) + "\"";
    const std::size_t at = log.find(made);
    ASSERT_NE(at, std::string::npos) << "log_statement is all";
    EXPECT_THAT(log.substr(at, 300), HasSubstr("PASSWORD 'SCRAM-SHA-256$4096:"));
}

}  // namespace
}  // namespace curfew::test
