// SIGHUP applies a valid file and touches only the sessions whose right it takes away; an invalid one changes
// nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/running_curfew.hpp"

namespace curfew::test {
namespace {

using testing::HasSubstr;

class Reload : public testing::Test {
protected:
    static void SetUpTestSuite() {
        PostgresCluster& postgres = PostgresCluster::shared();
        for (const char* user : {"alice", "bob", "carol", "dave"})
            postgres.sql(std::string{"CREATE ROLE "} + user + " LOGIN");
    }

    static bool answers(LiveSession& session) { return session.client.query("SELECT 'here'") == "here"; }

    PostgresCluster& cluster = PostgresCluster::shared();
    YAML::Node config = basic_config(cluster, AdminLogin::present);
    RunningCurfew curfew{config};
};

TEST_F(Reload, AppliesAValidFileToWhoComesNext) {
    curfew.grant("alice");
    LiveSession live = curfew.open_session("alice");
    config["users"]["dave"] = YAML::Node{YAML::NodeType::Map};
    config["how_to_ask"] = "Ask somebody else.";
    EXPECT_TRUE(curfew.reload(config));
    curfew.grant("dave");
    EXPECT_NO_THROW(curfew.open_session("dave"));
    EXPECT_THAT(refusal(curfew.conninfo("carol")), HasSubstr("Ask somebody else."));
    EXPECT_TRUE(answers(live));
    EXPECT_EQ(curfew.metric("curfew_config_last_reload_successful"), 1);
}

TEST_F(Reload, RefusesAnInvalidFileAndGoesOnAsBefore) {
    curfew.grant("alice");
    LiveSession live = curfew.open_session("alice");
    config["users"].remove("alice");
    config["listneers"] = "a typing mistake";
    EXPECT_FALSE(curfew.reload(config));
    EXPECT_THAT(curfew.log().text(), HasSubstr("listneers"));
    EXPECT_TRUE(answers(live));
    EXPECT_NO_THROW(curfew.open_session("alice"));
    EXPECT_EQ(curfew.metric("curfew_config_last_reload_successful"), 0);
}

TEST_F(Reload, EndsTheSessionsOfWhoLeftTheGroup) {
    curfew.grant("group:dba");
    config["groups"]["dba"].push_back("carol");
    ASSERT_TRUE(curfew.reload(config));
    LiveSession bob = curfew.open_session("bob");
    LiveSession carol = curfew.open_session("carol");
    config["groups"]["dba"] = YAML::Load("[carol]");
    ASSERT_TRUE(curfew.reload(config));
    EXPECT_EQ(bob.client.read_to_end().sqlstate(), "57P01");
    const SessionEnd end = curfew.await_end(bob.id);
    EXPECT_EQ(end.cause, "user_removed");
    EXPECT_EQ(end.confirmation, "activity");
    EXPECT_EQ(cluster.backend_count(bob.backend_is_it()), 0);
    EXPECT_TRUE(answers(carol));
}

TEST_F(Reload, EndsTheSessionsOfWhoLeftTheConfiguration) {
    curfew.grant("*");
    LiveSession alice = curfew.open_session("alice");
    LiveSession bob = curfew.open_session("bob");
    config["users"].remove("alice");
    ASSERT_TRUE(curfew.reload(config));
    EXPECT_EQ(alice.client.read_to_end().sqlstate(), "57P01");
    EXPECT_EQ(curfew.await_end(alice.id).cause, "user_removed");
    EXPECT_TRUE(answers(bob));
}

TEST_F(Reload, StopsTheRunningQueryOfAResourceThatWasRemoved) {
    config["resources"]["other"] = YAML::Clone(config["resources"][the_resource]);
    ASSERT_TRUE(curfew.reload(config));
    curfew.cli({"grant", "alice", "other", "--for", "1h"});
    curfew.grant("bob");
    LiveSession alice = curfew.open_session("alice", "other");
    LiveSession bob = curfew.open_session("bob");
    alice.client.send(wire::query("SELECT pg_sleep(60)"));
    config["resources"].remove("other");
    ASSERT_TRUE(curfew.reload(config));
    EXPECT_EQ(alice.client.read_to_end().sqlstate(), "57P01");
    const SessionEnd end = curfew.await_end(alice.id);
    EXPECT_EQ(end.cause, "resource_removed");
    EXPECT_EQ(end.confirmation, "activity") << "the way to end it does not go with the resource";
    EXPECT_EQ(cluster.backend_count(alice.backend_is_it()), 0);
    EXPECT_TRUE(answers(bob));
}

TEST_F(Reload, OpensAndClosesListeners) {
    curfew.grant("alice");
    LiveSession live = curfew.open_session("alice");
    config["listeners"][1]["name"] = "second";
    config["listeners"][1]["address"] = "127.0.0.1:0";
    ASSERT_TRUE(curfew.reload(config));
    WireClient client = WireClient::tcp(curfew.port("second"));
    client.log_in("alice", the_resource);
    EXPECT_EQ(client.query("SELECT 1"), "1");

    config["listeners"] = YAML::Load(R"([{ name: main, address: "127.0.0.1:0" }])");
    ASSERT_TRUE(curfew.reload(config));
    EXPECT_THROW(WireClient::tcp(curfew.port("second")), std::system_error);
    EXPECT_EQ(client.query("SELECT 1"), "1") << "who came in by it stays";
    EXPECT_TRUE(answers(live));
}

TEST_F(Reload, ReadsCertificatesAgain) {
    use_tls(config, cluster.ca());
    RunningCurfew encrypted{config};
    encrypted.grant("alice");
    TestCa next{"the next CA"};
    use_tls(config, next);
    ASSERT_TRUE(encrypted.reload(config));
    WireClient client = encrypted.client();
    ASSERT_TRUE(client.request_tls({next.certificate(), {}, {}, {}}));
    client.log_in("alice", the_resource);
}

TEST_F(Reload, WorksByTheCommandToo) {
    curfew.cli({"reload"});
    curfew.write_config(YAML::Load("{listneers: []}"));
    const CommandResult result = curfew.cli_result({"reload"});
    EXPECT_FALSE(result.status.success());
    EXPECT_THAT(result.err, HasSubstr("listneers"));
}

}  // namespace
}  // namespace curfew::test
