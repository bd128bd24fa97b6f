// `curfew exec`: one script, from the file it stands in to what came of it.
#include "cli/exec.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "people_fixture.hpp"
#include "policy/command.hpp"

namespace curfew::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* made = "POST /api/v1/requests";
constexpr const char* shown = "GET /api/v1/requests/r-0123abcd";
constexpr const char* revoked = "POST /api/v1/requests/r-0123abcd/revoke";

class Exec : public People {
protected:
    void asked_and(const std::string& request) {
        api.on(made, 201, command_request("PENDING", "none"));
        api.on(shown, 200, request);
    }
    static std::string ran(const std::string& result) {
        return command_request("EXECUTED", "command_run", script_asked("select 1;"), result);
    }
    static std::string succeeded(const std::string& parts, const std::string& notices = "[]",
                                 bool cut = false) {
        return R"({"outcome":"succeeded","parts":)" + parts + R"(,"notices":)" + notices +
               R"(,"sqlstate":"","message":"","cut":)" + (cut ? "true" : "false") +
               R"(,"ended_at":"2026-11-25T12:05:00Z"})";
    }
    static std::string failed() {
        return R"({"outcome":"failed","parts":[{"tag":"CREATE TABLE","columns":[],"rows":[],"rows_in_all":0}],)"
               R"("notices":[],"sqlstate":"42P01","message":"relation \"x\" does not exist","cut":false,)"
               R"("ended_at":"2026-11-25T12:05:00Z"})";
    }
};

TEST_F(Exec, SendsTheScriptAsItStands) {
    api.on(made, 201, command_request("EXECUTED", "command_run", script_asked("x"), succeeded("[]")));
    const auto file = home / "change.sql";
    std::ofstream{file} << "begin;\nupdate t set a = 'grün';\ncommit;\n";
    const auto done =
        curfew({"exec", "prod", "-f", file.string(), "-d", "app", "-m", "ticket 7", "--for", "5m"});
    EXPECT_EQ(done.exit_code, 0) << done.err;
    EXPECT_EQ(
        sent(made),
        (boost::json::object{
            {"resource", "prod"},
            {"type", "command"},
            {"duration", "5m"},
            {"reason", "ticket 7"},
            {"command", {{"sql", "begin;\nupdate t set a = 'grün';\ncommit;\n"}, {"database", "app"}}}}));
    EXPECT_THAT(api.seen(made)[0].header("idempotency-key"), Not(""));
}

TEST_F(Exec, TakesTheScriptFromTheCommandLineOrFromStandardInput) {
    api.on(made, 201, command_request("EXECUTED", "command_run", script_asked("x"), succeeded("[]")));
    EXPECT_EQ(curfew({"exec", "prod", "-c", "vacuum"}).exit_code, 0);
    EXPECT_EQ(curfew({"exec", "prod"}, "analyze;\n").exit_code, 0);
    EXPECT_EQ(curfew({"exec", "prod", "-f", "-"}, "analyze;\n").exit_code, 0);
    EXPECT_THAT(api.seen(made)[0].body, HasSubstr(R"("command":{"sql":"vacuum"})"));
    EXPECT_THAT(api.seen(made)[1].body, HasSubstr(R"("command":{"sql":"analyze;\n"})"));
    EXPECT_EQ(api.seen(made)[2].body, api.seen(made)[1].body);
}

TEST_F(Exec, RefusesWhatNobodyCouldApprove) {
    const std::string latin = "select 'gr\xfcn'";
    const std::string endless(policy::longest_command + 10, 'x');
    EXPECT_THAT(curfew({"exec", "prod"}, " \n\t").err, HasSubstr("Standard input is empty"));
    EXPECT_THAT(curfew({"exec", "prod"}, latin).err, HasSubstr("is not UTF-8"));
    EXPECT_THAT(curfew({"exec", "prod"}, std::string{"a\0b", 3}).err, HasSubstr("NUL byte"));
    EXPECT_THAT(curfew({"exec", "prod"}, endless).err, HasSubstr("longer than 1048576 bytes"));
    EXPECT_THAT(curfew({"exec", "prod", "-f", "/nonexistent/x.sql"}).err,
                HasSubstr("'/nonexistent/x.sql' cannot be read: No such file"));
    EXPECT_EQ(curfew({"exec", "prod"}, latin).exit_code, 2);
    EXPECT_EQ(curfew({"exec", "prod", "-c", "x", "-f", "y"}).exit_code, 2);
    EXPECT_TRUE(api.seen().empty());
}

TEST_F(Exec, TakesAScriptThatIsJustNotTooLong) {
    const std::string longest(policy::longest_command, 'x');
    EXPECT_EQ(cli::checked_script(longest, "It").value(), longest);
    EXPECT_EQ(cli::checked_script(longest + "x", "It").error().code, cli::ExitCode::usage);
}

TEST_F(Exec, LeavesOutAByteOrderMarkAsPsqlDoes) {
    EXPECT_EQ(cli::checked_script("\xEF\xBB\xBFselect 1", "It").value(), "select 1");
}

TEST_F(Exec, PrintsRowsAndTagsAsPsqlDoes) {
    asked_and(ran(succeeded(
        R"([{"tag":"CREATE TABLE","columns":[],"rows":[],"rows_in_all":0},)"
        R"({"tag":"SELECT 2","columns":["id","name"],"rows":[["1","grün"],["22",null]],"rows_in_all":2},)"
        R"({"tag":"INSERT 0 1","columns":["id"],"rows":[["7"]],"rows_in_all":1}])")));
    const auto done = curfew({"exec", "prod", "-c", "x"});
    EXPECT_EQ(done.exit_code, 0) << done.err;
    EXPECT_EQ(done.out,
              "CREATE TABLE\n"
              " id | name\n"
              "----+------\n"
              " 1  | grün\n"
              " 22 | NULL\n"
              "(2 rows)\n"
              "\n"
              " id\n"
              "----\n"
              " 7\n"
              "(1 row)\n"
              "\n"
              "INSERT 0 1\n");
}

TEST_F(Exec, KeepsWhatItAskedAndNoticesOutOfTheOutput) {
    asked_and(ran(succeeded(R"([{"tag":"DO","columns":[],"rows":[],"rows_in_all":0}])",
                            R"(["NOTICE:  two rows were odd"])")));
    const auto done = curfew({"exec", "prod", "-c", "x"});
    EXPECT_EQ(done.out, "DO\n");
    EXPECT_THAT(done.err,
                AllOf(StartsWith("Asked r-0123abcd: a script on prod\n"),
                      HasSubstr("waiting for approval at https://curfew.example.org/requests/r-0123abcd\n"),
                      HasSubstr("NOTICE:  two rows were odd\n")));
}

TEST_F(Exec, SaysWhatIsNotKept) {
    asked_and(ran(succeeded(R"([{"tag":"SELECT 5000","columns":["a"],"rows":[["1"]],"rows_in_all":5000}])",
                            "[]", true)));
    const auto done = curfew({"exec", "prod", "-c", "x"});
    EXPECT_THAT(done.out, HasSubstr("(1 of 5000 rows; the others are not kept)\n"));
    EXPECT_THAT(done.err, HasSubstr("more output than is kept"));
}

TEST_F(Exec, LetsNoRowWriteOnTheTerminal) {
    asked_and(
        ran(succeeded(R"([{"tag":"SELECT 1","columns":["a"],"rows":[["\u001b[2J\n"]],"rows_in_all":1}])")));
    EXPECT_THAT(curfew({"exec", "prod", "-c", "x"}).out, HasSubstr(R"( \x1b[2J\x0a)"));
}

TEST_F(Exec, HasACodeOfItsOwnForAScriptThatFailed) {
    asked_and(ran(failed()));
    const auto done = curfew({"exec", "prod", "-c", "x"});
    EXPECT_EQ(done.exit_code, 11);
    EXPECT_EQ(done.out, "CREATE TABLE\n");
    EXPECT_THAT(done.err, HasSubstr("ERROR:  42P01: relation \"x\" does not exist\n"));
}

TEST_F(Exec, SaysThatNobodySawTheEnd) {
    asked_and(
        ran(R"({"outcome":"unknown","parts":[],"notices":[],"sqlstate":"","message":"the node was lost",)"
            R"("cut":false,"ended_at":"2026-11-25T12:05:00Z"})"));
    const auto done = curfew({"exec", "prod", "-c", "x"});
    EXPECT_EQ(done.exit_code, 12);
    EXPECT_THAT(done.err,
                HasSubstr("not known: it was handed to PostgreSQL, and its end was not seen: the node "
                          "was lost\n"));
}

TEST_F(Exec, SaysWhyNothingWasRun) {
    asked_and(command_request("REJECTED", "reviewed"));
    const auto done = curfew({"exec", "prod", "-c", "x"});
    EXPECT_EQ(done.exit_code, 8);
    EXPECT_THAT(done.err,
                HasSubstr("curfew: r-0123abcd is REJECTED: decided by bob: not today; nothing was run\n"));
    asked_and(command_request("REVOKED", "not_run"));
    EXPECT_THAT(curfew({"exec", "prod", "-c", "x"}).err, HasSubstr("nobody was there to run it in time"));
}

TEST_F(Exec, PassesOnWhyItMayNotBeAskedFor) {
    api.on(made, 403, problem(403, "No rule lets alice ask for a command"));
    const auto done = curfew({"exec", "prod", "-c", "x"});
    EXPECT_EQ(done.exit_code, 6);
    EXPECT_EQ(done.err, "curfew: No rule lets alice ask for a command\n");
}

TEST_F(Exec, WaitsForTheApprovalAndThenForTheEnd) {
    asked_and(command_request("PENDING", "none"));
    OnTerminal curfew{{"exec", "prod", "-c", "x", "--no-color"}, signed_in()};
    curfew.read_until("waiting for approval at https://curfew.example.org/requests/r-0123abcd");
    api.await_seen("GET /api/v1/events");
    api.on(shown, 200, command_request("APPROVED", "reviewed"));
    api.push("request", command_request("APPROVED", "reviewed"));
    curfew.read_until("r-0123abcd is approved, and about to run");
    api.on(shown, 200, command_request("EXECUTED", "command_run"));
    api.push("request", command_request("EXECUTED", "command_run"));
    curfew.read_until("r-0123abcd runs");
    const auto end = ran(succeeded(R"([{"tag":"DROP TABLE","columns":[],"rows":[],"rows_in_all":0}])"));
    api.on(shown, 200, end);
    api.push("request", end);
    const auto [text, exit_code] = curfew.finish();
    EXPECT_EQ(exit_code, 0) << text;
    EXPECT_THAT(text, HasSubstr("DROP TABLE"));
}

TEST_F(Exec, IsWithdrawnByCtrlCWhileItWaits) {
    asked_and(command_request("PENDING", "none"));
    api.on(revoked, 200, command_request("REJECTED", "cancelled"));
    OnTerminal curfew{{"exec", "prod", "-c", "x"}, signed_in()};
    curfew.read_until("waiting for approval");
    curfew.type("\x03");
    curfew.read_until("Cancel the request? [Y/n] ");
    curfew.type("\n");
    const auto [text, exit_code] = curfew.finish();
    EXPECT_EQ(exit_code, 130);
    EXPECT_THAT(text, HasSubstr("r-0123abcd is cancelled"));
    EXPECT_EQ(api.seen(revoked).size(), 1U);
}

TEST_F(Exec, CannotBeWithdrawnOnceItRuns) {
    api.on(made, 201, command_request("EXECUTED", "command_run"));
    OnTerminal curfew{{"exec", "prod", "-c", "x"}, signed_in()};
    curfew.read_until("r-0123abcd runs");
    curfew.type("\x03");
    const auto [text, exit_code] = curfew.finish();
    EXPECT_EQ(exit_code, 130);
    EXPECT_THAT(text, HasSubstr("r-0123abcd runs on; curfew show r-0123abcd prints what comes of it"));
    EXPECT_TRUE(api.seen(revoked).empty());
}

TEST_F(Exec, MayAskAndLeave) {
    api.on(made, 201, command_request("PENDING", "none"));
    const auto done = curfew({"exec", "prod", "-c", "x", "--no-wait"});
    EXPECT_EQ(done.exit_code, 0);
    EXPECT_THAT(done.out, StartsWith("Asked r-0123abcd: a script on prod; waiting for approval at https://"));
    EXPECT_TRUE(api.seen("GET /api/v1/events").empty());
}

TEST_F(Exec, PrintsTheWholeRequestAsJson) {
    const auto end = ran(failed());
    asked_and(end);
    const auto done = curfew({"--json", "exec", "prod", "-c", "x"});
    EXPECT_EQ(done.exit_code, 11);
    EXPECT_EQ(done.out, end + "\n");
    api.on(made, 201, command_request("PENDING", "none"));
    EXPECT_EQ(curfew({"--json", "exec", "prod", "-c", "x", "--no-wait"}).out,
              command_request("PENDING", "none") + "\n");
}

}  // namespace
}  // namespace curfew::test
