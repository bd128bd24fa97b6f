// Commands as those see them who decide about them, and those who asked.
#include "cli/command_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "people_fixture.hpp"

namespace curfew::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

constexpr const char* shown_command = "GET /api/v1/requests/r-0123abcd";
constexpr const char* reviewed = "POST /api/v1/requests/r-0123abcd/reviews";

std::string held_command() {
    return R"({"form":"extended","database":"app","statements":[{"sql":"update t\nset a = $1","parameters":)"
           R"([{"value":"it's","binary":false}]},{"sql":"delete from u where b = $1 and c = $2","parameters":)"
           R"([{"value":null,"binary":false},{"value":"\\x00ff","binary":true}]}],"session":"s-0123abcd",)"
           R"("why_asked":"UPDATE and DELETE need approval"})";
}

// A script, with this to be seen of it beforehand.
std::string previewed(const std::string& script, const std::string& preview) {
    return script.substr(0, script.size() - 1) + R"(,"preview":)" + preview + "}";
}

cli::Terminal narrow(std::size_t columns) {
    cli::Terminal terminal;
    terminal.is_terminal = true;
    terminal.columns = columns;
    return terminal;
}

TEST(BarredLines, StandEachBehindABar) {
    EXPECT_THAT(cli::barred_lines("select 1\n\n  from t;\n", cli::Terminal{}),
                ElementsAre("  | select 1", "  | ", "  |   from t;"));
    EXPECT_THAT(cli::barred_lines("", cli::Terminal{}), ElementsAre("  | "));
}

TEST(BarredLines, GoOnBehindAnotherBarWhereTheTerminalIsTooNarrow) {
    EXPECT_THAT(cli::barred_lines("0123456789abcdefgrün", narrow(20)),
                ElementsAre("  | 0123456789abcde", "  : fgrün"));
    EXPECT_THAT(cli::barred_lines("\t\tx", narrow(20)), ElementsAre("  | \t", "  : \tx"));
}

TEST(BarredLines, ShowWhatIsInvisible) {
    EXPECT_THAT(cli::barred_lines("a\xe2\x80\xae"
                                  "b\x1b[2K",
                                  cli::Terminal{}),
                ElementsAre("  | a\\xe2\\x80\\xaeb\\x1b[2K"));
}

class CommandText : public People {};

TEST_F(CommandText, ShowsAllThatWouldRun) {
    api.on(shown_command, 200, command_request("PENDING", "none", held_command()));
    const auto done = curfew({"show", "r-0123abcd"});
    EXPECT_EQ(done.exit_code, 0) << done.err;
    EXPECT_THAT(done.out, AllOf(HasSubstr("what       a command on prod\n"), Not(HasSubstr("2h")),
                                HasSubstr("  security  waiting\n")));
    EXPECT_THAT(
        done.out,
        EndsWith("  form       statements with their values of session s-0123abcd, which waits for it\n"
                 "  database   app\n"
                 "  asked for  UPDATE and DELETE need approval\n"
                 "  SQL        1 of 2\n"
                 "  | update t\n"
                 "  | set a = $1\n"
                 "  values     $1\n"
                 "  | $1 = 'it''s'\n"
                 "  SQL        2 of 2\n"
                 "  | delete from u where b = $1 and c = $2\n"
                 "  values     $1 to $2\n"
                 "  | $1 = NULL\n"
                 "  | $2 = \\x00ff (binary)\n"));
}

TEST_F(CommandText, ShowsBelowItWhatPostgresWouldDo) {
    api.on(shown_command, 200,
           command_request(
               "PENDING", "none",
               previewed(script_asked("delete from t;"),
                         R"({"mode":"explain","text":"Delete on t\n  ->  Seq Scan on t","failed":false})")));
    EXPECT_THAT(curfew({"show", "r-0123abcd"}).out, EndsWith("  | delete from t;\n"
                                                             "  What PostgreSQL would do (EXPLAIN):\n"
                                                             "  | Delete on t\n"
                                                             "  |   ->  Seq Scan on t\n"));
}

TEST_F(CommandText, SaysThatADryRunWasRolledBack) {
    api.on(shown_command, 200,
           command_request("PENDING", "none",
                           previewed(script_asked("delete from t;"),
                                     R"({"mode":"dry_run","text":"DELETE 7","failed":false})")));
    EXPECT_THAT(curfew({"show", "r-0123abcd"}).out,
                EndsWith("  What PostgreSQL would do (dry run, rolled back):\n  | DELETE 7\n"));
}

TEST_F(CommandText, SaysThatNotAllOfAPreviewIsThere) {
    api.on(shown_command, 200,
           command_request("PENDING", "none",
                           previewed(script_asked("delete from t;"),
                                     R"({"mode":"explain","text":"ERROR: no","failed":true})")));
    EXPECT_THAT(curfew({"show", "r-0123abcd"}).out,
                EndsWith("  | ERROR: no\n  Not all of that could be shown.\n"));
}

TEST_F(CommandText, ShowsWhatIsInvisibleInAPreview) {
    api.on(shown_command, 200,
           command_request("PENDING", "none",
                           previewed(script_asked("delete from t;"),
                                     R"({"mode":"explain","text":"a\u001b[2Kb\u202ec","failed":false})")));
    EXPECT_THAT(curfew({"show", "r-0123abcd"}).out, EndsWith("  | a\\x1b[2Kb\\xe2\\x80\\xaec\n"));
}

TEST_F(CommandText, HasNoPreviewForThoseWhoDoNotDecide) {
    api.on(shown_command, 200,
           command_request("PENDING", "none", previewed(script_asked("delete from t;"), "null")));
    EXPECT_THAT(curfew({"show", "r-0123abcd"}).out, EndsWith("  | delete from t;\n"));
}

TEST_F(CommandText, PrintsTheKeptOutputAgain) {
    api.on(
        shown_command, 200,
        command_request("EXECUTED", "command_run", script_asked("select 1;"),
                        R"({"outcome":"succeeded","parts":[{"tag":"SELECT 1","columns":["n"],"rows":[["1"]],)"
                        R"("rows_in_all":1}],"notices":[],"sqlstate":"","message":"","cut":false,)"
                        R"("ended_at":"2026-11-25T12:05:00Z"})"));
    const auto done = curfew({"show", "r-0123abcd"});
    EXPECT_THAT(done.out,
                AllOf(HasSubstr("r-0123abcd EXECUTED was run"), HasSubstr("for        at most 2h\n"),
                      EndsWith("  form       a script, run by Curfew itself\n"
                               "  database   app\n"
                               "  asked for  all of it needs approval\n"
                               "  SQL        all of it\n"
                               "  | select 1;\n"
                               "  result     succeeded\n"
                               "  ended      2026-11-25 12:05:00 UTC\n"
                               " n\n---\n 1\n(1 row)\n\n")));
}

TEST_F(CommandText, IsListedInOneLine) {
    api.on("GET /api/v1/requests", 200,
           list(command_request("PENDING", "none", script_asked("drop\n  table old;\n"), "null", false) +
                "," + request("PENDING", false)));
    const auto done = curfew({"requests", "--type", "command"});
    EXPECT_EQ(done.out,
              "r-0123abcd\tPENDING\talice\tprod\tscript\t2026-11-25 12:00:00 UTC\t-\tticket 7\tdrop table "
              "old;\n");
    EXPECT_THAT(curfew({"requests", "--type", "jit"}).out, HasSubstr("prod\t2h\t"));
}

TEST_F(CommandText, OfAListBeginsBelowItOnATerminal) {
    api.on(
        "GET /api/v1/requests", 200,
        list(command_request("PENDING", "none", script_asked("1;\n2;\n3;\n4;\n5;\n6;\n7;"), "null", false)));
    OnTerminal curfew{{"requests", "--waiting", "--no-color"}, signed_in()};
    EXPECT_THAT(
        curfew.finish().first,
        HasSubstr(
            "r-0123abcd would run on prod, database app:\r\n  | 1;\r\n  | 2;\r\n  | 3;\r\n  | 4;\r\n  | "
            "5;\r\n  2 more lines: curfew show r-0123abcd prints all\r\n"));
}

TEST_F(CommandText, IsApprovedOnATerminalOnlyOnceItWasShown) {
    api.on(shown_command, 200, command_request("PENDING", "none"));
    api.on(reviewed, 201, command_request("APPROVED", "reviewed"));
    OnTerminal curfew{{"approve", "r-0123abcd", "--no-color"}, signed_in()};
    EXPECT_THAT(curfew.read_until("Type yes: "), HasSubstr("  | drop table old;\r\n"));
    EXPECT_TRUE(api.seen(reviewed).empty());
    curfew.type("yes\n");
    const auto [text, exit_code] = curfew.finish();
    EXPECT_EQ(exit_code, 0) << text;
    EXPECT_THAT(text, HasSubstr("r-0123abcd APPROVED: alice asks for a script on prod"));
}

TEST_F(CommandText, IsNotApprovedByAnythingButYes) {
    api.on(shown_command, 200, command_request("PENDING", "none"));
    OnTerminal curfew{{"approve", "r-0123abcd"}, signed_in()};
    curfew.read_until("Type yes: ");
    curfew.type("\n");
    const auto [text, exit_code] = curfew.finish();
    EXPECT_EQ(exit_code, 130);
    EXPECT_THAT(text, HasSubstr("Nothing was approved"));
    EXPECT_TRUE(api.seen(reviewed).empty());
}

TEST_F(CommandText, IsApprovedUnseenByAProgramAlone) {
    api.on(reviewed, 201, command_request("APPROVED", "reviewed"));
    EXPECT_EQ(curfew({"approve", "r-0123abcd"}).exit_code, 0);
    OnTerminal curfew{{"approve", "r-0123abcd", "--yes"}, signed_in()};
    EXPECT_EQ(curfew.finish().second, 0);
    EXPECT_TRUE(api.seen(shown_command).empty());
}

}  // namespace
}  // namespace curfew::test
