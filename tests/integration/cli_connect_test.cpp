// `curfew connect` on a terminal and without one, with the real psql, up to the end of the access.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <csignal>

#include "cli_office.hpp"

namespace curfew::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class CliConnect : public AtTheOffice {
protected:
    OnTerminal on_terminal(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), "connect");
        return OnTerminal{arguments, alice.environment()};
    }
    // Runs a statement in a psql on a terminal, and gives its one-line result.
    static std::string query(OnTerminal& terminal, const std::string& expression) {
        terminal.type("SELECT '<' || (" + expression + ") || '>';\n");
        terminal.read_until(" <");
        auto value = terminal.read_until(">");
        value.pop_back();
        terminal.read_until("=> ");
        return value;
    }
};

TEST_F(CliConnect, WaitsForTheApprovalAndRunsPsql) {
    const auto resource = new_resource();
    auto terminal = on_terminal({resource, "--duration", "1h", "--reason", "ticket 7"});
    const auto shown = terminal.read_until("waiting for approval");
    const auto request = waiting(resource);
    EXPECT_THAT(shown, HasSubstr("Asked " + request + ": " + resource + " for 1h"));
    terminal.read_until("dba  waiting");
    bob.does({"approve", request});
    terminal.read_until("Access to " + resource + " until ");
    terminal.read_until("\033]2;" + resource + ": ");
    EXPECT_THAT(terminal.read_until("\007"), HasSubstr("59m left"));
    terminal.read_until(resource + "=> ");
    EXPECT_EQ(query(terminal, "'it ' || 'works, ' || session_user"), "it works, app");
    terminal.type("\\q\n");
    const auto [text, exit_code] = terminal.finish();
    EXPECT_EQ(exit_code, 0);
    EXPECT_THAT(text, HasSubstr("Your access to " + resource + " lasts until "));
}

TEST_F(CliConnect, GoesInAtOnceTheSecondTime) {
    const auto resource = new_resource();
    const auto request = get_access(resource);
    const auto done = alice.curfew({"connect", resource, "--", "-XAtc", "SELECT 'here'"});
    EXPECT_EQ(done.exit_code, 0) << done.err;
    EXPECT_EQ(done.out, "here\n");
    EXPECT_EQ(alice.asks({"requests", "--mine", "--resource", resource}).at("items").as_array().size(), 1U);
}

TEST_F(CliConnect, WaitsWithoutATerminalAsWell) {
    const auto resource = new_resource();
    InPipe connect{{"connect", resource, "--", "-XAtc", "SELECT 'here'"}, alice.environment()};
    office.curfew().log().await("request.changed", {{"resource", resource}, {"status", "PENDING"}});
    bob.does({"approve", waiting(resource)});
    EXPECT_EQ(connect.read_line(), "here");
    EXPECT_EQ(connect.finish(), 0);
}

TEST_F(CliConnect, OffersToCancelOnCtrlC) {
    const auto resource = new_resource();
    auto terminal = on_terminal({resource});
    terminal.read_until("waiting for approval");
    const auto request = waiting(resource);
    terminal.type("\x03");
    terminal.read_until("Cancel the request? [Y/n] ");
    terminal.type("y\n");
    const auto [text, exit_code] = terminal.finish();
    EXPECT_EQ(exit_code, 130);
    EXPECT_THAT(text, HasSubstr(request + " is cancelled"));
    EXPECT_EQ(alice.asks({"show", request}).at("decision"), "cancelled");
}

TEST_F(CliConnect, SaysThatItWasRejected) {
    const auto resource = new_resource();
    auto terminal = on_terminal({resource});
    terminal.read_until("waiting for approval");
    bob.does({"reject", waiting(resource), "--comment", "not today"});
    const auto [text, exit_code] = terminal.finish();
    EXPECT_EQ(exit_code, 8);
    EXPECT_THAT(text, HasSubstr("REJECTED: decided by bob: not today"));
}

TEST_F(CliConnect, SaysThatItsTimeWasOver) {
    const auto resource = new_resource();
    const auto length = std::to_string(2 * slowdown) + "s";
    get_access(resource, length);
    const auto done = alice.curfew({"connect", resource, "--", "-XAtc", "SELECT pg_sleep(600)"});
    EXPECT_EQ(done.exit_code, 9);
    EXPECT_THAT(done.err,
                AllOf(HasSubstr("FATAL"), HasSubstr("curfew: Your access to " + resource + " ended at "),
                      HasSubstr("its time was over")));
}

TEST_F(CliConnect, SaysWhoRevokedIt) {
    const auto resource = new_resource();
    const auto request = get_access(resource);
    auto terminal = on_terminal({resource, "--", "-XAtc", "SELECT pg_sleep(600)"});
    office.curfew().log().await("session.admitted", {{"resource", resource}});
    bob.does({"revoke", request, "--reason", "an incident"});
    const auto [text, exit_code] = terminal.finish();
    EXPECT_EQ(exit_code, 9);
    EXPECT_THAT(text, AllOf(HasSubstr("revoked by bob"), HasSubstr("an incident")));
    EXPECT_EQ(alice.asks({"show", request}).at("status"), "REVOKED");
}

TEST_F(CliConnect, GoesOnWithItsAccessAfterItsSessionWasKilled) {
    const auto resource = new_resource();
    get_access(resource);
    auto terminal = on_terminal({resource, "--", "-XAtc", "SELECT pg_sleep(600)"});
    const auto admitted = office.curfew().log().await("session.admitted", {{"resource", resource}});
    ada.does({"kill", admitted.text("session")});
    const auto [text, exit_code] = terminal.finish();
    EXPECT_EQ(exit_code, 2) << "psql's own";
    EXPECT_THAT(text, HasSubstr("lasts until"));
    EXPECT_EQ(alice.does({"connect", resource, "--", "-XAtc", "SELECT 'back'"}), "back\n");
}

TEST_F(CliConnect, GoesInAtOnceInAnEmergencyAndHasThatReviewed) {
    const auto resource =
        new_resource({"--login", "managed", "--role", "app", "--break-glass-groups", "oncall"});
    EXPECT_EQ(alice.curfew({"connect", resource, "--break-glass"}).exit_code, 2) << "without a reason";
    EXPECT_EQ(alice.does({"connect", resource, "--break-glass", "--reason", "the shop is down", "--", "-XAtc",
                          "SELECT 'in'"}),
              "in\n");
    const auto request = waiting(resource);
    EXPECT_THAT(bob.does({"show", request}), AllOf(HasSubstr("the shop is down"), HasSubstr("APPROVED")));
    bob.does({"approve", request, "--comment", "seen"});
    EXPECT_TRUE(bob.asks({"requests", "--waiting", "--resource", resource}).at("items").as_array().empty());
}

TEST_F(CliConnect, KeepsTheSessionWhenMoreTimeIsGiven) {
    const auto resource = new_resource();
    const auto length = std::to_string(6 * slowdown) + "s";
    const auto request = get_access(resource, length);
    auto terminal = on_terminal({resource});
    terminal.read_until(resource + "=> ");
    const auto backend = query(terminal, "pg_backend_pid()");
    const auto more = id_in(alice.does({"extend", grant_of(request), "--by", "1h"}));
    bob.does({"approve", more});
    EXPECT_EQ(
        query(terminal, "(SELECT pg_backend_pid() FROM pg_sleep(" + std::to_string(6 * slowdown) + "))"),
        backend);
    terminal.type("\\q\n");
    const auto [text, exit_code] = terminal.finish();
    EXPECT_EQ(exit_code, 0);
    EXPECT_THAT(text, HasSubstr("lasts until"));
}

TEST_F(CliConnect, PrintsAUriThatPsqlTakes) {
    const auto resource = new_resource();
    get_access(resource);
    auto uri = alice.does({"connect", resource, "--print"});
    ASSERT_THAT(uri, AllOf(StartsWith("postgresql://alice:"), testing::EndsWith("\n")));
    uri.pop_back();
    const auto done = psql({uri, "-c", "SELECT session_user"});
    EXPECT_EQ(done.out, "app\n") << done.err;
}

TEST_F(CliConnect, PrintsFilesThatPsqlTakes) {
    const auto resource = new_resource();
    get_access(resource);
    const TemporaryDirectory files;
    // The second credential is the one that counts.
    const auto service = files.write("service.conf", alice.does({"connect", resource, "--print=service"}));
    const auto pgpass = files.write("pgpass", alice.does({"connect", resource, "--print=pgpass"}));
    const auto done = psql({"service=" + resource, "-c", "SELECT session_user"},
                           {{"PGSERVICEFILE", service}, {"PGPASSFILE", pgpass}});
    EXPECT_EQ(done.out, "app\n") << done.err;
}

TEST_F(CliConnect, PrintsTheCredentialAsJson) {
    const auto resource = new_resource();
    get_access(resource);
    const auto credential = alice.asks({"connect", resource});
    EXPECT_EQ(credential.at("user"), "alice");
    EXPECT_EQ(credential.at("database").as_string(), resource);
}

TEST_F(CliConnect, LeavesNothingOfAPasswordBehind) {
    const auto resource = new_resource();
    get_access(resource);
    const auto uri = alice.does({"connect", resource, "--print"});
    const auto colon = uri.find(':', uri.find("alice"));
    const auto password = uri.substr(colon + 1, uri.find('@') - colon - 1);
    ASSERT_GE(password.size(), 20U);
    EXPECT_THAT(office.curfew().log().text(), Not(HasSubstr(password)));
}

}  // namespace
}  // namespace curfew::test
