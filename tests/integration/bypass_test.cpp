// Whoever is in PostgreSQL without Curfew is seen, and whoever comes through it is never taken for them; what
// leads around Curfew is found by `curfew doctor`; what sessions leave behind is rolled back where that is
// wanted.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value_to.hpp>
#include <set>

#include "support/running_curfew.hpp"

namespace curfew::test {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr int finding = 10;

YAML::Node looking_often(const PostgresCluster& cluster, const std::string& enforce) {
    YAML::Node config = basic_config(cluster, AdminLogin::present);
    YAML::Node resource = config["resources"][the_resource];
    resource["ungoverned"]["enforce"] = enforce;
    resource["ungoverned"]["interval"] = "100ms";
    config["timeouts"]["handshake"] = "1s";
    return config;
}

class Bypass : public testing::Test {
protected:
    static void SetUpTestSuite() {
        static const bool made = [] {
            PostgresCluster::shared().sql(
                "CREATE ROLE alice LOGIN; CREATE ROLE bob LOGIN; CREATE ROLE application LOGIN;"
                "GRANT SELECT ON pg_hba_file_rules TO curfew_admin;"
                "GRANT EXECUTE ON FUNCTION pg_hba_file_rules() TO curfew_admin");
            return true;
        }();
        static_cast<void>(made);
    }

    PostgresCluster& cluster = PostgresCluster::shared();
    const std::map<std::string, std::string> resource{{"resource", the_resource}};
};

TEST_F(Bypass, IsSeenWhenItBeginsAndWhenItEnds) {
    const RunningCurfew curfew{looking_often(cluster, "report")};
    std::string pid;
    {
        const PgConnection alice{cluster.tcp_conninfo("alice") + " application_name=laptop"};
        pid = std::to_string(alice.backend_pid());
        const LogEvent seen = curfew.log().await("backend.ungoverned", {{"backend_pid", pid}});
        EXPECT_EQ(seen.text("resource"), the_resource);
        EXPECT_EQ(seen.text("role"), "alice");
        EXPECT_EQ(seen.text("database"), "postgres");
        EXPECT_EQ(seen.text("client"), "127.0.0.1");
        EXPECT_EQ(seen.text("application_name"), "laptop");
        EXPECT_EQ(curfew.metric("curfew_ungoverned_backends", resource), 1);
        EXPECT_EQ(cluster.backend_count("pid = " + pid), 1) << "it is reported, and no more";
    }
    curfew.log().await("backend.ungoverned_gone", {{"backend_pid", pid}});
    EXPECT_EQ(curfew.metric("curfew_ungoverned_backends", resource), 0);
}

TEST_F(Bypass, IsEndedWhereTheResourceSaysSoAndSessionsAreNot) {
    RunningCurfew curfew{looking_often(cluster, "terminate")};
    curfew.grant("alice");
    std::vector<LiveSession> sessions;
    for (int i = 0; i < 5; ++i)
        sessions.push_back(curfew.open_session("alice"));
    const PgConnection application{cluster.conninfo("application")};

    PgConnection around{cluster.conninfo("alice")};
    const std::string pid = std::to_string(around.backend_pid());
    curfew.log().await("backend.ungoverned_terminated", {{"backend_pid", pid}});
    curfew.log().await("backend.ungoverned_gone", {{"backend_pid", pid}});
    EXPECT_EQ(cluster.backend_count("pid = " + pid), 0);

    for (LiveSession& session : sessions)
        EXPECT_EQ(session.client.query("SELECT 'still here'"), "still here");
    EXPECT_EQ(cluster.backend_count("usename = 'application'"), 1) << "no role of ours";
    EXPECT_EQ(curfew.log().events("backend.ungoverned").size(), 1U);
}

TEST_F(Bypass, OfTheRoleThatEverybodyWorksAsIsSeen) {
    YAML::Node config = looking_often(cluster, "report");
    config["resources"][the_resource]["login"] = "managed";
    config["resources"][the_resource]["role"]["user"] = "application";
    const RunningCurfew curfew{config};
    const PgConnection alice{cluster.conninfo("alice")};
    const PgConnection around{cluster.conninfo("application")};
    const LogEvent seen = curfew.log().await("backend.ungoverned");
    EXPECT_EQ(seen.text("backend_pid"), std::to_string(around.backend_pid()));
    EXPECT_EQ(curfew.metric("curfew_ungoverned_backends", resource), 1)
        << "alice's own role is nobody's here";
}

// --- What sessions leave behind
// -------------------------------------------------------------------------------

class LeftBehindBySessions : public Bypass {
protected:
    void TearDown() override { cluster.sql("REVOKE alice FROM curfew_admin"); }
    bool is_prepared(const std::string& identifier) {
        return cluster.number("SELECT count(*) FROM pg_prepared_xacts WHERE gid = '" + identifier + "'") == 1;
    }
    static YAML::Node rolling_back(const PostgresCluster& cluster) {
        YAML::Node config = basic_config(cluster, AdminLogin::present);
        config["resources"][the_resource]["prepared_transactions"] = "rollback";
        return config;
    }
};

TEST_F(LeftBehindBySessions, IsRolledBackWhenTheirTimeIsOver) {
    cluster.sql("GRANT alice TO curfew_admin");
    RunningCurfew curfew{rolling_back(cluster)};
    const GivenGrant grant = curfew.grant("alice");
    LiveSession session = curfew.open_session("alice");
    session.client.query("BEGIN");
    session.client.query("PREPARE TRANSACTION 'by-a-session'");
    curfew.revoke(grant.id);
    const LogEvent done = curfew.log().await("session.rolled_back", {{"session", session.id}});
    EXPECT_EQ(done.text("prepared_transaction"), "by-a-session");
    EXPECT_FALSE(is_prepared("by-a-session"));
    EXPECT_EQ(curfew.metric("curfew_left_behind_total",
                            {{"resource", the_resource}, {"kind", "prepared_transaction"}}),
              1);
}

TEST_F(LeftBehindBySessions, IsToldToPeopleWhereItCannotBeRolledBack) {
    RunningCurfew curfew{rolling_back(cluster)};
    const GivenGrant grant = curfew.grant("alice");
    LiveSession session = curfew.open_session("alice");
    session.client.query("BEGIN");
    session.client.query("PREPARE TRANSACTION 'stays'");
    curfew.revoke(grant.id);
    const LogEvent failed = curfew.log().await("session.not_rolled_back", {{"session", session.id}});
    EXPECT_THAT(failed.text("error"), HasSubstr("'stays'"));
    EXPECT_TRUE(is_prepared("stays"));
    cluster.sql("ROLLBACK PREPARED 'stays'");
}

TEST_F(LeftBehindBySessions, IsRolledBackAfterACrashAsWell) {
    cluster.sql("GRANT alice TO curfew_admin");
    RunningCurfew curfew{rolling_back(cluster)};
    curfew.grant("alice");
    LiveSession session = curfew.open_session("alice");
    session.client.query("BEGIN");
    session.client.query("PREPARE TRANSACTION 'by-a-crash'");
    curfew.kill9();
    curfew.restart();
    curfew.log().await("session.rolled_back", {{"session", session.id}});
    EXPECT_FALSE(is_prepared("by-a-crash"));
}

// --- The doctor
// -----------------------------------------------------------------------------------------------

class Doctor : public Bypass {
protected:
    // In front of `of`, by the Unix socket.
    static YAML::Node beside(const PostgresCluster& of) {
        YAML::Node config = basic_config(of, AdminLogin::present, Upstream::unix_socket);
        config["resources"][the_resource]["login"] = "managed";
        config["resources"][the_resource]["role"]["user"] = "application";
        config["resources"][the_resource]["ungoverned"]["interval"] = "100ms";
        return config;
    }
    // Once backends have been compared with the sessions.
    static boost::json::value examine(const RunningCurfew& curfew, int exit_code) {
        curfew.log().await("admin.connected");
        const Instant deadline = now() + patience;
        for (;;) {
            const CommandResult result = curfew.cli_result({"doctor", the_resource, "--json"});
            const auto diagnosis = boost::json::parse(result.out);
            if (!checks(diagnosis).contains("ungoverned_backends") || now() > deadline) {
                EXPECT_EQ(result.status.code, exit_code) << result.out << result.err;
                return diagnosis;
            }
        }
    }
    static std::set<std::string> checks(const boost::json::value& diagnosis) {
        std::set<std::string> checks;
        for (const auto& one : diagnosis.at("findings").as_array())
            checks.insert(boost::json::value_to<std::string>(one.at("check")));
        return checks;
    }
};

TEST_F(Doctor, FindsNothingWhereNobodyGetsInButByCurfew) {
    PostgresOptions options = with_hba(
        {"local all curfew_admin trust", "local all application scram-sha-256", "host all all all reject"});
    options.settings = {{"listen_addresses", "''"},
                        {"unix_socket_permissions", "0770"},
                        {"client_connection_check_interval", "'10s'"}};
    PostgresCluster sound{options};
    sound.sql(
        "CREATE ROLE application LOGIN; GRANT SELECT ON pg_hba_file_rules TO curfew_admin;"
        "GRANT EXECUTE ON FUNCTION pg_hba_file_rules() TO curfew_admin");
    const RunningCurfew curfew{beside(sound)};
    const auto diagnosis = examine(curfew, 0);
    EXPECT_THAT(checks(diagnosis), IsEmpty()) << diagnosis;
    EXPECT_THAT(boost::json::value_to<std::string>(diagnosis.at("server_version")), HasSubstr("."));
}

TEST_F(Doctor, FindsWhatLeadsAroundCurfew) {
    cluster.sql("ALTER ROLE application CREATEROLE");
    const RunningCurfew curfew{beside(cluster)};
    const auto found = checks(examine(curfew, finding));
    cluster.sql("ALTER ROLE application NOCREATEROLE");
    EXPECT_THAT(found, Contains("way_around")) << "the cluster trusts everybody on this machine";
    EXPECT_THAT(found, Contains("role_createrole"));
    EXPECT_THAT(found, Contains("client_connection_check"));
    EXPECT_THAT(found, Not(Contains("hba_unreadable")));
}

TEST_F(Doctor, NamesWhoIsInWithoutASession) {
    YAML::Node config = beside(cluster);
    config["timeouts"]["handshake"] = "100ms";
    const RunningCurfew curfew{config};
    const PgConnection around{cluster.conninfo("application")};
    curfew.log().await("backend.ungoverned");
    const CommandResult result = curfew.cli_result({"doctor", the_resource});
    EXPECT_THAT(result.out, HasSubstr("pid " + std::to_string(around.backend_pid())));
}

TEST_F(Doctor, SaysThatItCannotLookWithoutAnAdministrativeLogin) {
    const RunningCurfew curfew{basic_config(cluster)};
    const CommandResult result = curfew.cli_result({"doctor", the_resource});
    EXPECT_EQ(result.status.code, finding);
    EXPECT_THAT(result.out, HasSubstr("serious\tadmin_login\t"));
}

TEST_F(Doctor, KnowsNoOtherResources) {
    const RunningCurfew curfew{basic_config(cluster)};
    EXPECT_EQ(curfew.cli_result({"doctor", "no-such"}).status.code, 3);
}

}  // namespace
}  // namespace curfew::test
