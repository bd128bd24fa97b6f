// Commands: what may be asked for, when it may be run, and what of it is kept.
#include "policy/command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/utf8.hpp"
#include "policy/command_checks.hpp"
#include "scenario.hpp"

namespace curfew::policy {
namespace {

using testing::HasSubstr;

const std::string commands_too = "rule prod: types jit,command";

const bool asking_for_commands = specify(
    "AskingForACommand",
    {
        {"IsForThoseWhomARuleForCommandsLetsAsk", {commands_too, "erin asks for a statement"}, "PENDING"},
        {"IsNotForThoseWhomOnlyARuleForAccessDoes",
         {"erin asks for a statement"},
         "forbidden: no rule covers 'prod' for requests of type command"},
        {"WaitsForReviewAsAccessDoes",
         {commands_too, "erin asks for a script 2h", "bob approves"},
         "APPROVED reviewed by bob for 2h"},
        {"NeedsNoReviewOfThoseTrusted",
         {commands_too, "tess asks for a statement"},
         "APPROVED review_skipped by tess for 1h"},
        {"BreaksTheGlassWithAScript",
         {commands_too, "otto asks for a script by breaking the glass because prod is down"},
         "APPROVED break_glass by otto for 30m [review due]"},
        {"GivesAScriptsReason",
         {commands_too, "rule prod: reason_required", "erin asks for a script because INC-7"},
         "PENDING"},
        {"IsToldThatAScriptNeedsOne",
         {commands_too, "rule prod: reason_required", "erin asks for a script"},
         "invalid: rule 'prod' wants a reason"},
        {"IsToldToRunByExecWhatNeedsAReason",
         {commands_too, "rule prod: reason_required", "erin asks for a statement"},
         "invalid: which a statement of a session cannot give; run it with 'curfew exec prod' and a reason"},
        {"IsToldTheSameWhereAPatternIsWanted",
         {commands_too, "rule prod: reason_pattern INC-[0-9]+", "erin asks for a statement because INC-7"},
         "invalid: 'curfew exec prod'"},
        {"HasNoStart",
         {commands_too, "erin asks for a script 1h at 14:00"},
         "invalid: a command runs once it is approved; leave the start out"},
        {"HasADurationWithinTheRules",
         {commands_too, "erin asks for a script 9h"},
         "invalid: rule 'prod' allows at most 8h"},
        {"KeepsToAllowedTimes",
         {commands_too, "rule prod: allowed_times Wed 14:00-16:00", "erin asks for a script 1h"},
         "invalid: rule 'prod' allows access only Wed 14:00-16:00"},
    });

const bool running = specify(
    "ACommand",
    {
        {"IsRunOnceApproved",
         {commands_too, "tess asks for a statement", "the command is run"},
         "EXECUTED command_run"},
        {"IsRunOnce",
         {commands_too, "tess asks for a statement", "the command is run", "the command is run"},
         "conflict: is EXECUTED, and only an APPROVED command is run, once"},
        {"IsNotRunBeforeItIsApproved",
         {commands_too, "erin asks for a statement", "the command is run"},
         "conflict: is PENDING"},
        {"IsNotRunOnceRevoked",
         {commands_too, "tess asks for a statement", "bob revokes", "the command is run"},
         "conflict: is REVOKED"},
        {"IsNotRunOnceItsTimeHasPassed",
         {commands_too, "tess asks for a statement 1h", "1h pass", "the command is run"},
         "conflict: might be run until 2026-11-25T11:00:00Z; ask again"},
        {"IsNotRunAfterTheTimeThatAReviewerShortened",
         {commands_too, "erin asks for a statement 1h", "bob approves 10m", "10m pass", "the command is run"},
         "conflict: might be run until 2026-11-25T10:10:00Z"},
        {"IsNotRunForOneWhoLostTheRight",
         {commands_too, "tess asks for a statement", "tess leaves developers", "the command is run"},
         "forbidden: no rule that it was approved under covers tess"},
        {"ThatNobodyRanInItsTimeIsRevokedAndNotExecuted",
         {commands_too, "tess asks for a statement 2h", "2h pass", "the window passes"},
         "REVOKED not_run"},
        {"HasTimeUntilItsWindowPasses",
         {commands_too, "tess asks for a statement 2h", "119m pass", "the window passes"},
         "conflict: passes only at 2026-11-25T12:00:00Z"},
        {"MayBeWithdrawnWhileItWaits",
         {commands_too, "erin asks for a statement", "erin cancels"},
         "REJECTED cancelled by erin"},
        {"MayBeTakenBackWhenItIsApproved",
         {commands_too, "tess asks for a statement", "tess revokes"},
         "REVOKED revoked by tess"},
        {"EndsWithTheRuleThatAllowedIt",
         {commands_too, "tess asks for a statement", "rule prod: types jit", "it is reconsidered"},
         "REVOKED right_lost"},
        {"ThatWasRunStaysSo",
         {commands_too, "tess asks for a script", "the command is run", "rule prod: types jit",
          "it is reconsidered"},
         "EXECUTED command_run"},
        {"ByBreakGlassIsReviewedAfterItWasRun",
         {commands_too, "otto asks for a script by breaking the glass because prod is down",
          "the command is run", "bob approves"},
         "EXECUTED command_run"},
        {"IsNotWhatAccessIs", {"tess asks 2h", "the command is run"}, "invalid: is no command"},
    });

Wish wish_for(std::optional<Command> command) {
    Wish wish;
    wish.type = RequestType::command;
    wish.user = "erin";
    wish.command = std::move(command);
    return wish;
}

class AskedCommand : public testing::Test {
protected:
    AskedCommand() { scenario.tell(commands_too); }
    Result<Request> asked(const Wish& wish) {
        return submit(wish, std::chrono::hours{1}, scenario.circumstances());
    }

    Scenario scenario;
};

TEST_F(AskedCommand, IsKeptAsItCame) {
    EXPECT_EQ(asked(wish_for(a_statement())).value().command, a_statement());
}

TEST_F(AskedCommand, GoesWithItsTypeAndNoOther) {
    EXPECT_THAT(asked(wish_for({})).error().message, HasSubstr("needs the command"));
    Wish access = wish_for(a_script());
    access.type = RequestType::jit;
    EXPECT_THAT(asked(access).error().message, HasSubstr("of type command only"));
}

TEST_F(AskedCommand, IsNoReplicationConnection) {
    Wish wish = wish_for(a_script());
    wish.allow_replication = true;
    EXPECT_EQ(asked(wish).error().code, ErrorCode::invalid);
}

std::string problem_of(const Command& command) {
    const auto wrong = wrong_command(command);
    return wrong ? wrong->message : "";
}

Command extended(std::vector<Command::Statement> statements) {
    Command command = a_statement();
    command.form = CommandForm::extended;
    command.statements = std::move(statements);
    return command;
}

TEST(ACommandsForm, IsAnyOfFour) {
    Command function = a_statement();
    function.form = CommandForm::function;
    function.statements = {{"1598", {{"5", false}, {std::nullopt, false}}}};
    const Command pipeline = extended({{"SELECT $1", {{"\\x0005", true}}}, {"SELECT 2", {}}});
    for (const Command& command : {a_statement(), a_script(), function, pipeline})
        EXPECT_EQ(problem_of(command), "") << to_string(command.form);
}

TEST(ACommandsForm, SaysWhatBelongsToIt) {
    Command command = a_script();
    command.session = a_statement().session;
    EXPECT_THAT(problem_of(command), HasSubstr("a script is of no session"));
    command = a_statement();
    command.session.reset();
    EXPECT_THAT(problem_of(command), HasSubstr("only a script is run without one"));
    command = a_script();
    command.statements.push_back(command.statements.front());
    EXPECT_THAT(problem_of(command), HasSubstr("a script is one text"));
    command = a_statement();
    command.statements.front().parameters = {{"5", false}};
    EXPECT_THAT(problem_of(command), HasSubstr("a query has no values"));
}

TEST(WhatACommandHolds, IsText) {
    Command command = a_script();
    command.statements.front().sql = "SELECT '\xfc'";
    EXPECT_THAT(problem_of(command), HasSubstr("UTF-8"));
    command.statements.front().sql = std::string{"SELECT 1\0; DROP TABLE orders", 28};
    EXPECT_THAT(problem_of(command), HasSubstr("without zero bytes"));
    EXPECT_THAT(problem_of(extended({{"SELECT $1", {{"\xfc", false}}}})), HasSubstr("a value of a command"));
}

TEST(WhatACommandHolds, IsSomething) {
    Command command = a_script();
    command.statements.front().sql = " \n\t";
    EXPECT_THAT(problem_of(command), HasSubstr("nothing in the script"));
    command.statements.clear();
    EXPECT_THAT(problem_of(command), HasSubstr("a statement at least"));
    command = a_script();
    command.database.clear();
    EXPECT_THAT(problem_of(command), HasSubstr("name it"));
}

TEST(WhatACommandHolds, IsWhatSomebodyCanRead) {
    Command command = a_script();
    command.statements.front().sql.assign(longest_command, 'x');
    EXPECT_EQ(problem_of(command), "");
    command.statements.front().sql += 'x';
    EXPECT_THAT(problem_of(command), HasSubstr("at most 1048576 bytes"));
    EXPECT_THAT(problem_of(extended({{"SELECT $1", {{std::string(longest_command, 'x'), false}}}})),
                HasSubstr("at most"));
    EXPECT_THAT(problem_of(extended(std::vector(most_statements + 1, Command::Statement{"", {}}))),
                HasSubstr("1000 statements"));
    const std::vector nulls(most_parameters, Command::Parameter{});
    EXPECT_EQ(problem_of(extended({{"SELECT 1", nulls}})), "");
    EXPECT_THAT(problem_of(extended({{"SELECT 1", nulls}, {"SELECT 2", {{}}}})), HasSubstr("65535 values"));
}

TEST(WhatACommandHolds, IsAllOfIt) {
    Command command = a_script();
    command.statements.front().sql.assign(3'000, 'x');
    EXPECT_THAT(problem_of(brief(command)), HasSubstr("only the beginning"));
}

TEST(ABriefCommand, IsTheWholeOfAShortOne) {
    EXPECT_EQ(brief(a_statement()), a_statement());
}

TEST(ABriefCommand, HasTheBeginningOfALongText) {
    Command command = a_script();
    // Of three bytes each: 2,000 of them end within one.
    command.statements.front().sql.clear();
    for (int i = 0; i < 1'000; ++i)
        command.statements.front().sql += "\u20ac";
    const Command begun = brief(command);
    EXPECT_TRUE(begun.brief);
    EXPECT_EQ(begun.statements.front().sql.size(), 1'998U);
    EXPECT_TRUE(is_utf8(begun.statements.front().sql));
    EXPECT_EQ(begun.statements.front().sql_size, 3'000U);
}

TEST(ABriefCommand, IsSmallHoweverMuchThereIs) {
    const std::vector values(100, Command::Parameter{std::string(1'000, 'v'), false});
    Command command = extended(std::vector(1'000, Command::Statement{std::string(1'000, 'x'), values}));
    command.why_asked.assign(2'000, 'w');
    const Command begun = brief(command);
    EXPECT_TRUE(begun.brief);
    EXPECT_LE(size_of(begun), 16'000U);
    EXPECT_LE(begun.statements.size(), 20U);
    EXPECT_LE(begun.why_asked.size(), 200U);
}

CommandResult result_with_rows(std::size_t rows, std::size_t bytes) {
    CommandResult result;
    result.outcome = CommandResult::Outcome::succeeded;
    result.parts = {{"SELECT 2", {"id"}, {}, rows}, {"INSERT 0 1", {}, {}, 0}};
    result.parts.front().rows.assign(rows, {std::string(bytes, 'r')});
    result.notices = {"NOTICE:  truncate cascades"};
    return result;
}

TEST(AResult, IsKeptAsItIs) {
    const CommandResult result = result_with_rows(2, 3);
    EXPECT_EQ(keepable(result), result);
}

TEST(AResult, IsCutToWhatIsKept) {
    const CommandResult kept = keepable(result_with_rows(2'000, 1'000));
    EXPECT_TRUE(kept.cut);
    const auto& part = kept.parts.front();
    EXPECT_EQ(part.rows_in_all, 2'000U);
    EXPECT_LT(part.rows.size() * 1'000, CommandResult::longest_output);
    EXPECT_GT(part.rows.size() * 1'000, CommandResult::longest_output * 9 / 10);
    EXPECT_EQ(kept.parts.back().tag, "INSERT 0 1") << "what was done is said all the same";
    EXPECT_EQ(keepable(kept), kept);
}

TEST(AResult, OfEmptyRowsHasAnEndToo) {
    CommandResult result = result_with_rows(2 * CommandResult::longest_output, 0);
    const CommandResult kept = keepable(std::move(result));
    EXPECT_TRUE(kept.cut);
    EXPECT_LT(kept.parts.front().rows.size(), CommandResult::longest_output);
}

TEST(AResult, IsUtf8WhateverTheEncodingOfTheSession) {
    CommandResult result = result_with_rows(1, 1);
    result.message = "Schl\xfcssel doppelt";
    result.parts.front().rows = {{"M\xfcller"}};
    const CommandResult kept = keepable(result);
    EXPECT_EQ(kept.message, "Schl\\xfcssel doppelt");
    EXPECT_EQ(kept.parts.front().rows.front().front(), "M\\xfcller");
}

TEST(ABriefResult, HasTagsAndNoRows) {
    const CommandResult begun = brief(result_with_rows(100, 100));
    EXPECT_TRUE(begun.brief);
    EXPECT_EQ(begun.parts.front(), (CommandResult::Part{"SELECT 2", {}, {}, 100}));
    EXPECT_TRUE(begun.notices.empty());
    CommandResult plain;
    plain.parts = {{"INSERT 0 1", {}, {}, 0}};
    EXPECT_EQ(brief(plain), plain);
}

}  // namespace
}  // namespace curfew::policy
