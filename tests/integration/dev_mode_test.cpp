// `curfewd dev`: a try-out in front of a PostgreSQL that is there already, with nothing to configure.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <signal.h>
#include <unistd.h>

#include <boost/json/value_to.hpp>

#include "support/running_curfew.hpp"

namespace curfew::test {
namespace {

using testing::HasSubstr;

class DevMode : public testing::Test {
protected:
    static void SetUpTestSuite() {
        PostgresCluster::shared().sql("CREATE ROLE alice LOGIN; CREATE ROLE zelda LOGIN");
    }

    std::vector<std::string> arguments(const std::string& upstream, std::vector<std::string> more = {}) {
        more.insert(more.begin(), {"dev", "--upstream", upstream, "--listen", "127.0.0.1:0"});
        return more;
    }
    std::string tcp_upstream() const { return "127.0.0.1:" + std::to_string(cluster.port()); }

    // The only listener, whatever its name.
    static std::string conninfo(const RunningCurfew& curfew, const std::string& user) {
        const std::string address = curfew.log().await("listener.opened").text("address");
        return "host=127.0.0.1 port=" + address.substr(address.rfind(':') + 1) + " user=" + user +
               " dbname=postgres sslmode=disable";
    }
    static std::string said(RunningCurfew& curfew) {
        return curfew.process().output(Process::Stream::out) + curfew.process().output(Process::Stream::err);
    }

    PostgresCluster& cluster = PostgresCluster::shared();
};

TEST_F(DevMode, AdmitsWhoHasAGrantOnTheCommandLine) {
    const RunningCurfew curfew{arguments(tcp_upstream(), {"--grant", "alice:1h"})};
    EXPECT_EQ(PgConnection{conninfo(curfew, "alice")}.value("SELECT current_user"), "alice");
    EXPECT_THAT(refusal(conninfo(curfew, "zelda")), HasSubstr("FATAL"));
}

TEST_F(DevMode, AdmitsEverybodyUnderAStar) {
    const RunningCurfew curfew{arguments(tcp_upstream(), {"--grant", "*:1h"})};
    EXPECT_EQ(PgConnection{conninfo(curfew, "zelda")}.value("SELECT current_user"), "zelda");
}

TEST_F(DevMode, EndsASessionWhenItsGrantEnds) {
    const RunningCurfew curfew{
        arguments(tcp_upstream(), {"--grant", "alice:" + std::to_string(slowdown) + "s"})};
    PgConnection client{conninfo(curfew, "alice")};
    const PgError error = client.failure("SELECT pg_sleep(60)");
    EXPECT_EQ(error.sqlstate(), "57P01");
}

TEST_F(DevMode, TakesAUnixSocketAsUpstream) {
    const RunningCurfew curfew{arguments(
        cluster.socket_directory().string() + ":" + std::to_string(cluster.port()), {"--grant", "*:1h"})};
    EXPECT_EQ(PgConnection{conninfo(curfew, "alice")}.value("SELECT inet_client_addr() IS NULL"), "t");
}

// As Debian sets PostgreSQL up, and as our documentation changes that.
TEST_F(DevMode, IsItsOwnUserToAPostgresqlThatAsksTheSystemByTheSocket) {
    const std::string self = ::getpwuid(::geteuid())->pw_name;
    if (self == "postgres") GTEST_SKIP() << "needs another user than the superuser's";
    PostgresCluster strict{with_hba({"local all all peer"})};
    strict.sql("CREATE ROLE alice LOGIN PASSWORD 'alice-secret'; CREATE ROLE \"" + self + "\" LOGIN");
    const RunningCurfew curfew{arguments(
        strict.socket_directory().string() + ":" + std::to_string(strict.port()), {"--grant", "*:1h"})};
    const std::string as_alice = conninfo(curfew, "alice") + " password=alice-secret";
    EXPECT_THAT(refusal(as_alice), HasSubstr("Peer authentication failed for user \"alice\""));
    EXPECT_EQ(PgConnection{conninfo(curfew, self)}.value("SELECT current_user"), self);

    strict.set_hba({"local all alice,curfew_admin scram-sha-256", "local all all peer"});
    EXPECT_EQ(PgConnection{as_alice}.value("SELECT current_user"), "alice");
}

TEST_F(DevMode, FindsTheAdminUsersPasswordWhereLibpqWould) {
    const PostgresCluster strict{with_hba({"local all all scram-sha-256", "host all all all scram-sha-256"})};
    const TemporaryDirectory home{"curfew-home"};
    const std::string passwords = home.write(".pgpass", "*:*:*:curfew_admin:admin-secret\n");
    for (const std::map<std::string, std::string>& environment :
         {std::map<std::string, std::string>{{"PGPASSWORD", "admin-secret"}},
          {{"PGPASSFILE", passwords}},
          {{"HOME", home.path()}, {"PGPASSFILE", ""}}}) {
        Process::Options process;
        process.environment = environment;
        const RunningCurfew curfew{
            arguments("127.0.0.1:" + std::to_string(strict.port()), {"--admin-user", "curfew_admin"}),
            process};
        EXPECT_EQ(curfew.log().await("admin.connected").text("role"), "curfew_admin");
    }
}

TEST_F(DevMode, SaysHowToConnectAndToRevoke) {
    RunningCurfew curfew{arguments(tcp_upstream(), {"--grant", "*:1h"})};
    const std::string text = said(curfew);
    EXPECT_THAT(text, HasSubstr("psql"));
    EXPECT_THAT(text, HasSubstr("/metrics"));
    EXPECT_THAT(text, HasSubstr("curfew"));
    EXPECT_THAT(text, HasSubstr("revoke"));
}

TEST_F(DevMode, CanBeAdministered) {
    const RunningCurfew curfew{arguments(tcp_upstream())};
    EXPECT_THROW(PgConnection{conninfo(curfew, "alice")}, PgError);
    const auto status = curfew.cli({"status"});
    const std::string resource = boost::json::value_to<std::string>(status.at("resources").at(0));
    curfew.cli({"grant", "alice", resource, "--for", "10m"});
    EXPECT_NO_THROW(PgConnection{conninfo(curfew, "alice")});
}

TEST_F(DevMode, ServesMetrics) {
    const RunningCurfew curfew{arguments(tcp_upstream())};
    EXPECT_TRUE(curfew.metrics().has("curfew_build_info"));
}

TEST_F(DevMode, DrainsOnCtrlCAndLeavesNothing) {
    RunningCurfew curfew{arguments(tcp_upstream(), {"--grant", "*:1h"})};
    const std::filesystem::path socket = curfew.admin_socket();
    { const PgConnection client{conninfo(curfew, "alice")}; }
    curfew.log().await("session.ended");
    curfew.process().signal(SIGINT);
    EXPECT_TRUE(curfew.process().wait().success());
    EXPECT_FALSE(std::filesystem::exists(socket));
    EXPECT_FALSE(std::filesystem::exists(socket.parent_path())) << "the temporary store";
}

TEST_F(DevMode, SaysWhatIsWrongWithItsArguments) {
    for (const std::vector<std::string>& wrong :
         {std::vector<std::string>{"dev"},
          {"dev", "--upstream", "nonsense:port"},
          {"dev", "--upstream", "127.0.0.1:5432", "--grant", "alice"},
          {"dev", "--upstream", "127.0.0.1:5432", "--grant", "alice:soon"}}) {
        std::vector<std::string> command{CURFEWD_PATH};
        command.insert(command.end(), wrong.begin(), wrong.end());
        const CommandResult result = run(command);
        EXPECT_FALSE(result.status.success());
        EXPECT_NE(result.err, "");
    }
}

}  // namespace
}  // namespace curfew::test
