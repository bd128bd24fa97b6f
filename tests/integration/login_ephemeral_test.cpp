// login: ephemeral. Each person works as a role of their own, which is there for as long as their grant is,
// and no longer: whatever happens to curfewd meanwhile.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <future>

#include "support/running_curfew.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

constexpr const char* password = " password=wonderland";

std::string role_of(const std::string& user, const GivenGrant& grant) {
    return "curfew_" + user + "_" + grant.id;
}

class LoginEphemeral : public testing::Test {
protected:
    static void SetUpTestSuite() {
        PostgresOptions options = with_hba({"host all curfew_admin 127.0.0.1/32 scram-sha-256",
                                            "host all +app_rw 127.0.0.1/32 scram-sha-256"});
        options.settings["log_statement"] = "'all'";
        postgres = std::make_unique<PostgresCluster>(options);
        postgres->sql(
            "CREATE ROLE app_rw; CREATE ROLE app_owner; ALTER ROLE curfew_admin CREATEROLE;"
            "GRANT app_rw TO curfew_admin WITH ADMIN OPTION; GRANT app_owner TO curfew_admin");
        postgres->sql("CREATE DATABASE shop");
        for (const char* database : {"postgres", "shop"})
            postgres->sql("GRANT CREATE ON SCHEMA public TO app_rw, app_owner", database);
        // PostgreSQL makes a verifier in its own format.
        postgres->sql("CREATE ROLE of_people PASSWORD 'wonderland'");
        verifier = postgres->sql("SELECT rolpassword FROM pg_authid WHERE rolname = 'of_people'");
    }
    static void TearDownTestSuite() { postgres.reset(); }

    ~LoginEphemeral() override {
        postgres->sql("ALTER ROLE curfew_admin CREATEROLE; GRANT app_owner TO curfew_admin");
    }

    YAML::Node config() {
        YAML::Node node = basic_config(*postgres, AdminLogin::present);
        YAML::Node resource = node["resources"][the_resource];
        resource["login"] = "ephemeral";
        resource["ephemeral"]["member_of"].push_back("app_rw");
        resource["ephemeral"]["owner"] = "app_owner";
        resource["admin_login"]["password"]["file"] = secrets.write("admin", "admin-secret").string();
        for (const char* user : {"alice", "bob"})
            node["users"][user]["scram_verifier"]["file"] = secrets.write(user, verifier).string();
        return node;
    }
    static PgConnection connect(const RunningCurfew& curfew, const std::string& user = "alice",
                                const std::string& database = the_resource) {
        return PgConnection{curfew.conninfo(user, database) + password};
    }

    static bool exists(const std::string& role) {
        return postgres->number("SELECT count(*) FROM pg_roles WHERE rolname = '" + role + "'") == 1;
    }
    static bool await_gone(const std::string& role) {
        return postgres->await("NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '" + role + "')");
    }
    static std::string owner_of(const std::string& table, const std::string& database = "postgres") {
        return postgres->sql("SELECT tableowner FROM pg_tables WHERE tablename = '" + table + "'", database);
    }
    // How far the role's VALID UNTIL is from the grant's end.
    static std::string is_valid_until(const std::string& role, const GivenGrant& grant) {
        const auto ends = std::to_string(grant.ends_at.time_since_epoch().count());
        return "(SELECT abs(extract(epoch FROM rolvaliduntil) * 1000 - " + ends +
               ") < 250 FROM pg_roles WHERE rolname = '" + role + "')";
    }

    TemporaryDirectory secrets{"curfew-secrets"};
    static inline std::unique_ptr<PostgresCluster> postgres;
    static inline std::string verifier;
};

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
        coming.push_back(PQconnectStart((curfew.conninfo("alice") + password).c_str()));
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
    EXPECT_THAT(refusal(curfew.conninfo("alice") + password), HasSubstr("cannot make a role for you"));
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
    EXPECT_THAT(refusal(curfew.conninfo("alice") + password), HasSubstr("cannot make a role for you"));
    EXPECT_FALSE(exists(role_of("alice", grant)));
}

TEST_F(LoginEphemeral, RefusesReplicationConnections) {
    const RunningCurfew curfew{config()};
    curfew.grant("alice", "1h", {"--replication"});
    EXPECT_THAT(refusal(curfew.conninfo("alice") + password + " replication=database"),
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
    auto coming =
        std::async(std::launch::async, [&] { return refusal(curfew.conninfo("alice") + password); });
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
    EXPECT_THAT(refusal(curfew.conninfo("alice") + password), HasSubstr("cannot make a role for you"));
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
