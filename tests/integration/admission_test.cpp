// Who has no valid grant is refused before a byte reaches PostgreSQL.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/running_curfew.hpp"

namespace curfew::test {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

class Admission : public testing::Test {
protected:
    static void SetUpTestSuite() {
        PostgresCluster& postgres = PostgresCluster::shared();
        for (const char* user : {"alice", "bob", "carol"})
            postgres.sql(std::string{"CREATE ROLE "} + user + " LOGIN REPLICATION");
        postgres.sql("CREATE DATABASE orders");
    }

    // What a client is told that tries.
    static Ending attempt(const RunningCurfew& curfew, const std::string& user,
                          const std::string& database = the_resource, const wire::Parameters& more = {}) {
        WireClient client = curfew.client();
        wire::Parameters parameters{{"user", user}, {"database", database}};
        parameters.insert(parameters.end(), more.begin(), more.end());
        client.send_startup(parameters);
        return client.read_to_end();
    }

    static void expect_refusal(const Ending& ending, const std::string& sqlstate = "28000") {
        EXPECT_EQ(ending.sqlstate(), sqlstate) << ending.message();
        EXPECT_EQ(ending.fatal.at('S'), "FATAL");
        EXPECT_EQ(ending.end, ByteStream::End::eof) << "an RST may lose the message";
        EXPECT_EQ(ending.messages.size(), 1U) << "nothing but the refusal";
    }

    PostgresCluster& cluster = PostgresCluster::shared();
};

TEST_F(Admission, RefusesWithoutAGrantBeforeAByteReachesPostgres) {
    const RunningCurfew curfew{basic_config(cluster)};
    const long connections = cluster.connections_received();
    const Ending ending = attempt(curfew, "alice");
    expect_refusal(ending);
    EXPECT_THAT(ending.message(), HasSubstr("prod-postgres"));
    EXPECT_THAT(ending.fatal, Contains(testing::Pair(testing::AnyOf('M', 'D', 'H'),
                                                     HasSubstr("Ask the on-call DBA in #db-access."))));
    EXPECT_EQ(cluster.connections_received(), connections);
}

TEST_F(Admission, CountsAndLogsARefusal) {
    const RunningCurfew curfew{basic_config(cluster)};
    attempt(curfew, "alice");
    const LogEvent refused = curfew.log().await("session.refused", {{"user", "alice"}});
    EXPECT_EQ(refused.text("resource"), the_resource);
    EXPECT_EQ(curfew.metric("curfew_admissions_total",
                            {{"resource", the_resource}, {"decision", "refused"}, {"reason", "no_grant"}}),
              1);
}

TEST_F(Admission, RefusesWhoIsNotInTheConfiguration) {
    const RunningCurfew curfew{basic_config(cluster)};
    curfew.grant("*");
    const long connections = cluster.connections_received();
    expect_refusal(attempt(curfew, "mallory"));
    EXPECT_EQ(cluster.connections_received(), connections);
    EXPECT_EQ(curfew.metric("curfew_admissions_total", {{"reason", "unknown_user"}}), 1);
}

TEST_F(Admission, TellsApartAGrantThatHasNotBegun) {
    const RunningCurfew curfew{basic_config(cluster)};
    curfew.grant("alice", "1h", {"--in", "30m"});
    const long connections = cluster.connections_received();
    expect_refusal(attempt(curfew, "alice"));
    EXPECT_EQ(cluster.connections_received(), connections);
    EXPECT_EQ(curfew.metric("curfew_admissions_total", {{"reason", "not_yet"}}), 1);
}

TEST_F(Admission, RefusesAResourceThatDoesNotExist) {
    const RunningCurfew curfew{basic_config(cluster)};
    curfew.grant("alice");
    const long connections = cluster.connections_received();
    const Ending ending = attempt(curfew, "alice", "stage-postgres");
    EXPECT_THAT(ending.sqlstate(), testing::AnyOf("28000", "3D000"));
    EXPECT_THAT(ending.message(), HasSubstr("stage-postgres"));
    EXPECT_THAT(ending.message(), Not(HasSubstr("prod-postgres"))) << "what exists is not told to strangers";
    EXPECT_EQ(cluster.connections_received(), connections);
    EXPECT_EQ(curfew.metric("curfew_admissions_total", {{"reason", "unknown_resource"}, {"resource", ""}}), 1)
        << "a client's own words are no label";
}

TEST_F(Admission, TakesTheResourceAsTheDatabase) {
    RunningCurfew curfew{basic_config(cluster)};
    const GivenGrant grant = curfew.grant("alice");
    LiveSession session = curfew.open_session("alice", "prod-postgres");
    EXPECT_EQ(session.client.query("SELECT current_database()"), "postgres");
    EXPECT_EQ(session.client.query("SELECT current_user"), "alice");
    EXPECT_EQ(session.grant, grant.id);
}

TEST_F(Admission, TakesADatabaseOfTheResourceBehindASlash) {
    RunningCurfew curfew{basic_config(cluster)};
    curfew.grant("alice");
    LiveSession session = curfew.open_session("alice", "prod-postgres/orders");
    EXPECT_EQ(session.client.query("SELECT current_database()"), "orders");
}

TEST_F(Admission, RefusesADatabaseThatTheResourceDoesNotAllow) {
    YAML::Node config = basic_config(cluster);
    config["resources"][the_resource]["databases"].push_back("orders");
    RunningCurfew curfew{config};
    curfew.grant("alice");
    const long connections = cluster.connections_received();
    const Ending ending = attempt(curfew, "alice", "prod-postgres/template1");
    EXPECT_THAT(ending.sqlstate(), testing::AnyOf("28000", "3D000"));
    EXPECT_THAT(ending.message(), HasSubstr("template1"));
    EXPECT_EQ(cluster.connections_received(), connections);
    EXPECT_NO_THROW(curfew.open_session("alice", "prod-postgres/orders"));
}

TEST_F(Admission, PassesTheDatabaseThroughWhereTheListenerNamesTheResource) {
    YAML::Node config = basic_config(cluster);
    config["listeners"][0]["resource"] = the_resource;
    RunningCurfew curfew{config};
    curfew.grant("alice");
    EXPECT_EQ(curfew.open_session("alice", "orders").client.query("SELECT current_database()"), "orders");
}

TEST_F(Admission, AdmitsTheMembersOfAGroupAndNobodyElse) {
    RunningCurfew curfew{basic_config(cluster)};
    curfew.grant("group:dba");
    EXPECT_NO_THROW(curfew.open_session("bob"));
    expect_refusal(attempt(curfew, "alice"));
}

TEST_F(Admission, AdmitsEverybodyUnderAGrantForEveryone) {
    RunningCurfew curfew{basic_config(cluster)};
    curfew.grant("*");
    EXPECT_NO_THROW(curfew.open_session("alice"));
    EXPECT_NO_THROW(curfew.open_session("carol"));
}

TEST_F(Admission, RefusesReplicationUnlessTheGrantAllowsIt) {
    const RunningCurfew curfew{basic_config(cluster)};
    curfew.grant("alice");
    const long connections = cluster.connections_received();
    expect_refusal(attempt(curfew, "alice", the_resource, {{"replication", "true"}}));
    expect_refusal(attempt(curfew, "alice", the_resource, {{"replication", "database"}}));
    EXPECT_EQ(cluster.connections_received(), connections);
    EXPECT_EQ(curfew.metric("curfew_admissions_total", {{"reason", "replication_refused"}}), 2);

    curfew.grant("alice", "1h", {"--replication"});
    WireClient client = curfew.client();
    client.log_in("alice", the_resource, {{"replication", "true"}});
    EXPECT_FALSE(client.query("IDENTIFY_SYSTEM").empty());
}

TEST_F(Admission, CannotBeTalkedIntoReplicationByOptions) {
    const RunningCurfew curfew{basic_config(cluster)};
    curfew.grant("alice");
    const long connections = cluster.connections_received();
    for (const char* value : {"on", "1", "yes", "t", "TRUE", "DATABASE"})
        expect_refusal(attempt(curfew, "alice", the_resource, {{"replication", value}}));
    EXPECT_EQ(cluster.connections_received(), connections);
}

TEST_F(Admission, SaysUntilWhenAndUnderWhichGrant) {
    RunningCurfew curfew{basic_config(cluster)};
    const GivenGrant grant = curfew.grant("alice");
    const LiveSession session = curfew.open_session("alice");
    ASSERT_EQ(session.client.notices().size(), 1U);
    EXPECT_THAT(session.client.notices()[0], HasSubstr(grant.id));
    EXPECT_THAT(session.client.notices()[0], testing::ContainsRegex("[0-9]{2}:[0-9]{2}"));
}

TEST_F(Admission, RefusesARevokedGrant) {
    const RunningCurfew curfew{basic_config(cluster)};
    curfew.revoke(curfew.grant("alice").id);
    const long connections = cluster.connections_received();
    expect_refusal(attempt(curfew, "alice"));
    EXPECT_EQ(cluster.connections_received(), connections);
}

TEST_F(Admission, RefusesAnExpiredGrant) {
    RunningCurfew curfew{basic_config(cluster)};
    curfew.grant("alice", std::to_string(slowdown) + "s");
    const LiveSession session = curfew.open_session("alice");
    curfew.await_end(session.id);
    const long connections = cluster.connections_received();
    expect_refusal(attempt(curfew, "alice"));
    EXPECT_EQ(cluster.connections_received(), connections);
}

TEST_F(Admission, TakesTheGrantThatEndsLast) {
    RunningCurfew curfew{basic_config(cluster)};
    curfew.grant("alice", "1h");
    const GivenGrant longest = curfew.grant("group:dba", "3h");
    curfew.grant("bob", "2h");
    EXPECT_EQ(curfew.open_session("bob").grant, longest.id);
}

TEST_F(Admission, RefusesBeyondTheLimitOfSessions) {
    YAML::Node config = basic_config(cluster);
    config["limits"]["sessions"] = 2;
    RunningCurfew curfew{config};
    curfew.grant("*");
    const LiveSession first = curfew.open_session("alice");
    const LiveSession second = curfew.open_session("bob");
    const Ending ending = attempt(curfew, "carol");
    EXPECT_EQ(ending.sqlstate(), "53300") << "too_many_connections";
}

TEST_F(Admission, SaysThatPostgresIsAwayWithoutLettingTheSessionHang) {
    YAML::Node config = basic_config(cluster);
    config["resources"][the_resource]["host"] = "/tmp/curfew-no-such-directory";
    config["resources"][the_resource].remove("tls");
    const RunningCurfew curfew{config};
    curfew.grant("alice");
    const Ending ending = attempt(curfew, "alice");
    EXPECT_THAT(ending.sqlstate(), testing::AnyOf("08001", "08006", "57P03"));
    EXPECT_THAT(ending.message(), HasSubstr("prod-postgres"));
}

TEST_F(Admission, LogsAHostileUserNameOnOneLine) {
    const RunningCurfew curfew{basic_config(cluster)};
    const std::string hostile = "x\n{\"event\":\"session.admitted\"}\x1b[31m";
    attempt(curfew, hostile);
    curfew.log().await("session.refused");
    EXPECT_THAT(curfew.log().text(), Not(HasSubstr("\x1b")));
    EXPECT_TRUE(curfew.log().events("session.admitted").empty());
}

}  // namespace
}  // namespace curfew::test
