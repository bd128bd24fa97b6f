// `curfew connect --local-port`, with the real psql as the program that is let in.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/json/parse.hpp>
#include <boost/json/value_to.hpp>
#include <csignal>
#include <filesystem>

#include "cli_office.hpp"

namespace curfew::test {
namespace {

namespace json = boost::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

class CliForward : public AtTheOffice {
protected:
    static std::vector<std::string> forwarding(const std::string& resource,
                                               std::vector<std::string> more = {}) {
        more.insert(more.begin(), {"connect", resource, "--local-port", "0"});
        return more;
    }
    static std::string port_in(const std::string& uri) {
        const auto colon = uri.rfind(':');
        return uri.substr(colon + 1, uri.rfind('/') - colon - 1);
    }
    static std::string conninfo(const std::string& uri, const std::string& user,
                                const std::string& database) {
        return "host=127.0.0.1 port=" + port_in(uri) + " user=" + user + " dbname=" + database;
    }
};

TEST_F(CliForward, LetsLocalProgramsInWithoutAPassword) {
    const auto resource = new_resource();
    get_access(resource);
    InPipe curfew{forwarding(resource), alice.environment()};
    const auto uri = curfew.read_line();
    ASSERT_THAT(uri, StartsWith("postgresql://alice@127.0.0.1:"));
    const auto done = psql({uri, "-c", "SELECT session_user || ' ' || current_database()"});
    EXPECT_EQ(done.out, "app postgres\n") << done.err;
    EXPECT_EQ(psql({uri, "-c", "SELECT 'again'"}).out, "again\n");
    curfew.signal(SIGTERM);
    EXPECT_EQ(curfew.finish(), 0);
    EXPECT_NE(psql({uri, "-c", "SELECT 1"}).status.code, 0) << "nobody listens there any more";
}

TEST_F(CliForward, GoesToDatabasesByTheirOwnNames) {
    const auto resource = new_resource();
    get_access(resource);
    InPipe curfew{forwarding(resource), alice.environment()};
    const auto uri = curfew.read_line();
    const auto current = [&](const std::string& user, const std::string& database) {
        const auto done = psql({conninfo(uri, user, database), "-c", "SELECT current_database()"});
        return done.status.success() ? done.out : done.err;
    };
    EXPECT_EQ(current("somebody", "orders"), "orders\n") << "whoever the client says it is";
    EXPECT_EQ(current("somebody", "somebody"), "postgres\n");
    EXPECT_EQ(current("somebody", resource + "/orders"), "orders\n");
    EXPECT_THAT(current("somebody", "nosuch"), HasSubstr("\"nosuch\" does not exist"));
}

TEST_F(CliForward, PassesOnEverythingAndCancels) {
    const auto resource = new_resource();
    get_access(resource);
    InPipe curfew{forwarding(resource), alice.environment()};
    const auto uri = curfew.read_line();
    const auto much = psql({uri, "-c", "SELECT repeat('x', 1000000) FROM generate_series(1, 20)"});
    EXPECT_EQ(much.out.size(), 20U * 1'000'001U);

    Process waiting{{PostgresCluster::program("psql"), "-XAtw", uri, "-c", "SELECT pg_sleep(600)"}};
    ASSERT_TRUE(
        office.postgres().await("EXISTS (SELECT FROM pg_stat_activity WHERE usename = 'app' AND "
                                "query = 'SELECT pg_sleep(600)')"));
    waiting.signal(SIGINT);
    EXPECT_EQ(waiting.wait().code, 1);
    EXPECT_THAT(waiting.output(Process::Stream::err), HasSubstr("canceling statement due to user request"));
}

TEST_F(CliForward, ShowsTheCountdownUntilCtrlC) {
    const auto resource = new_resource();
    const auto request = get_access(resource);
    OnTerminal curfew{forwarding(resource), alice.environment()};
    curfew.read_until("postgresql://alice@127.0.0.1:");
    curfew.read_until(resource + " is open at 127.0.0.1:");
    curfew.read_until("59m");
    curfew.read_until("left, 0 connected)");
    curfew.type("\x03");
    const auto [text, exit_code] = curfew.finish();
    EXPECT_EQ(exit_code, 0);
    EXPECT_THAT(text, AllOf(HasSubstr("lasts until"), HasSubstr("curfew revoke " + request)));
    EXPECT_EQ(alice.asks({"show", request}).at("status"), "APPROVED") << "nothing is given up";
}

TEST_F(CliForward, EndsWithTheGrant) {
    const auto resource = new_resource();
    get_access(resource, std::to_string(3 * slowdown) + "s");
    OnTerminal curfew{forwarding(resource), alice.environment()};
    auto uri = curfew.read_until("/" + resource);
    uri.erase(0, uri.find("postgresql://"));
    const auto ended = psql({uri, "-c", "SELECT pg_sleep(600)"});
    EXPECT_EQ(ended.status.code, 2);
    EXPECT_THAT(ended.err, HasSubstr("FATAL"));
    const auto [text, exit_code] = curfew.finish();
    EXPECT_EQ(exit_code, 9);
    EXPECT_THAT(text, HasSubstr("Your access to " + resource + " ended at "));
}

TEST_F(CliForward, EndsAtOnceWhereItIsRevoked) {
    const auto resource = new_resource();
    const auto request = get_access(resource);
    OnTerminal curfew{forwarding(resource), alice.environment()};
    curfew.read_until("left, 0 connected)");
    bob.does({"revoke", request, "--reason", "an incident"});
    const auto [text, exit_code] = curfew.finish();
    EXPECT_EQ(exit_code, 9) << "nobody was connected, and it knows all the same";
    EXPECT_THAT(text, AllOf(HasSubstr("revoked by bob"), HasSubstr("an incident")));
}

TEST_F(CliForward, GetsAnotherPasswordWhereItsOwnIsDead) {
    const auto resource = new_resource();
    get_access(resource);
    InPipe curfew{forwarding(resource), alice.environment()};
    const auto uri = curfew.read_line();
    EXPECT_EQ(psql({uri, "-c", "SELECT 1"}).out, "1\n");
    alice.does({"connect", resource, "--print"});  // the one before is dead at once
    EXPECT_EQ(psql({uri, "-c", "SELECT 2"}).out, "2\n");
}

TEST_F(CliForward, LeavesTheLoginToTheProgramWhereThatIsToComeByItself) {
    const auto resource = new_resource({"--login", "passthrough"});
    get_access(resource);
    InPipe curfew{forwarding(resource), alice.environment()};
    const auto uri = curfew.read_line();
    const auto done = psql({uri, "-c", "SELECT session_user"}, {{"PGPASSWORD", "wonderland"}});
    EXPECT_EQ(done.out, "alice\n") << done.err;
    EXPECT_THAT(psql({uri, "-c", "SELECT 1"}).err, HasSubstr("no password supplied"));
    EXPECT_THAT(psql({uri, "-c", "SELECT 1"}, {{"PGPASSWORD", "wrong"}}).err,
                HasSubstr("password authentication failed"));
}

TEST_F(CliForward, SpeaksTlsToTheProxy) {
    ada.does({"admin", "create", "rule", "vault", "--resources", "vault", "--reviewers", "dba"});
    get_access("vault");
    InPipe curfew{forwarding("vault"),
                  alice.environment(
                      {{"PGSSLMODE", "verify-ca"}, {"PGSSLROOTCERT", office.postgres().ca().certificate()}})};
    const auto uri = curfew.read_line();
    EXPECT_EQ(psql({uri, "-c", "SELECT session_user"}).out, "app\n");
    const auto session = office.curfew().log().await("session.admitted", {{"resource", "vault"}});
    EXPECT_EQ(session.text("tls"), "true");
}

TEST_F(CliForward, TakesNoProxyThatCannotProveItself) {
    const auto resource = new_resource();
    get_access(resource);
    InPipe curfew{forwarding(resource), alice.environment({{"PGSSLMODE", "require"}})};
    const auto refused = psql({curfew.read_line(), "-c", "SELECT 1"});
    EXPECT_EQ(refused.status.code, 2);
    EXPECT_THAT(refused.err, HasSubstr("it does not offer TLS"));
}

TEST_F(CliForward, HangsUpOnOtherUsers) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can be somebody else";
    const auto resource = new_resource();
    get_access(resource);
    InPipe curfew{forwarding(resource), alice.environment()};
    Process::Options other;
    other.user = "postgres";
    const auto refused =
        run({PostgresCluster::program("psql"), "-XAtw", curfew.read_line(), "-c", "SELECT 1"}, other);
    EXPECT_EQ(refused.status.code, 2);
    EXPECT_THAT(refused.err, HasSubstr("server closed the connection unexpectedly"));
    EXPECT_TRUE(office.curfew().log().events("session.admitted", {{"resource", resource}}).empty());
}

TEST_F(CliForward, ListensAtASocketThatIsOnesOwn) {
    const auto resource = new_resource();
    get_access(resource);
    const TemporaryDirectory here;
    const auto directory = (here / "sockets").string();
    InPipe curfew{{"connect", resource, "--local-socket", directory}, alice.environment()};
    const auto uri = curfew.read_line();
    EXPECT_EQ(psql({uri, "-c", "SELECT session_user"}).out, "app\n");
    EXPECT_EQ(psql({"host=" + directory + " dbname=orders", "-c", "SELECT current_database()"}).out,
              "orders\n");
    struct stat status {};
    ASSERT_EQ(::stat(directory.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0700U);
    curfew.signal(SIGTERM);
    EXPECT_EQ(curfew.finish(), 0);
    EXPECT_FALSE(std::filesystem::exists(directory)) << "nothing is left behind";
}

TEST_F(CliForward, RefusesADirectoryThatOthersCanGetAt) {
    const auto resource = new_resource();
    get_access(resource);
    const TemporaryDirectory here;
    ::chmod(here.path().c_str(), 0755);
    const auto refused = alice.curfew({"connect", resource, "--local-socket", here.path()});
    EXPECT_EQ(refused.exit_code, 2);
    EXPECT_THAT(refused.err, HasSubstr("chmod 700"));
}

TEST_F(CliForward, SaysWhereItListensAsJson) {
    const auto resource = new_resource();
    get_access(resource);
    InPipe curfew{forwarding(resource, {"--json"}), alice.environment()};
    const auto place = json::parse(curfew.read_line());
    EXPECT_EQ(place.at("host"), "127.0.0.1");
    EXPECT_EQ(place.at("user"), "alice");
    EXPECT_EQ(place.at("database").as_string(), resource);
    EXPECT_EQ(psql({json::value_to<std::string>(place.at("uri")), "-c", "SELECT 1"}).out, "1\n");
}

}  // namespace
}  // namespace curfew::test
