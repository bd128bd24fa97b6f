// What is kept of a script's answer.
#include "execution/script_answer.hpp"

#include <gmock/gmock.h>

#include <array>
#include <string>

namespace curfew::test {
namespace {

using execution::ScriptAnswer;
using policy::CommandResult;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr WallInstant now{};

void answer_rows(ScriptAnswer& answer, std::string_view column,
                 std::initializer_list<std::string_view> rows) {
    answer.columns(std::array{column});
    for (const std::string_view row : rows)
        answer.row(std::array{pq::ScriptReceiver::Value{row}});
    answer.completed("SELECT " + std::to_string(rows.size()));
}

pq::ScriptError division_by_zero() {
    pq::ScriptError error;
    error.severity = "ERROR";
    error.sqlstate = "22012";
    error.message = "division by zero";
    return error;
}

pq::ScriptError told_to_go() {
    pq::ScriptError error;
    error.severity = "FATAL";
    error.sqlstate = "57P01";
    error.message = "the grant has ended";
    return error;
}

TEST(ScriptAnswer, KeepsEachStatementWithItsRows) {
    ScriptAnswer answer{"INSERT …; SELECT …"};
    answer.completed("INSERT 0 2");
    answer_rows(answer, "name", {"ann", "bob"});
    const CommandResult result = std::move(answer).when_over(now);
    EXPECT_EQ(result.outcome, CommandResult::Outcome::succeeded);
    ASSERT_EQ(result.parts.size(), 2U);
    EXPECT_EQ(result.parts[0].tag, "INSERT 0 2");
    EXPECT_THAT(result.parts[0].columns, IsEmpty());
    EXPECT_EQ(result.parts[1].tag, "SELECT 2");
    EXPECT_THAT(result.parts[1].columns, ElementsAre("name"));
    EXPECT_THAT(result.parts[1].rows, ElementsAre(ElementsAre("ann"), ElementsAre("bob")));
    EXPECT_EQ(result.parts[1].rows_in_all, 2U);
    EXPECT_FALSE(result.cut);
}

TEST(ScriptAnswer, KeepsNullApartFromAnEmptyText) {
    ScriptAnswer answer{"SELECT …"};
    answer.columns(std::array{std::string_view{"a"}, std::string_view{"b"}});
    answer.row(std::array{pq::ScriptReceiver::Value{}, pq::ScriptReceiver::Value{""}});
    answer.completed("SELECT 1");
    EXPECT_THAT(std::move(answer).when_over(now).parts.at(0).rows,
                ElementsAre(ElementsAre(std::nullopt, "")));
}

TEST(ScriptAnswer, CountsAllRowsAndKeepsSoMany) {
    ScriptAnswer answer{"SELECT …"};
    answer.columns(std::array{std::string_view{"text"}});
    const std::string large(CommandResult::longest_output / 4, 'x');
    for (int row = 0; row < 10; ++row)
        answer.row(std::array{pq::ScriptReceiver::Value{large}});
    answer.completed("SELECT 10");
    const CommandResult result = std::move(answer).when_over(now);
    EXPECT_EQ(result.parts.at(0).rows.size(), 3U);
    EXPECT_EQ(result.parts.at(0).rows_in_all, 10U);
    EXPECT_TRUE(result.cut);
}

TEST(ScriptAnswer, KeepsNothingThatComesAfterWhatItLeftOut) {
    ScriptAnswer answer{"SELECT …; SELECT …"};
    answer_rows(answer, "text", {std::string(CommandResult::longest_output, 'x')});
    answer_rows(answer, "text", {"small"});
    answer.noticed("NOTICE", "small");
    const CommandResult result = std::move(answer).when_over(now);
    ASSERT_EQ(result.parts.size(), 1U);
    EXPECT_THAT(result.parts[0].rows, IsEmpty());
    EXPECT_THAT(result.notices, IsEmpty());
    EXPECT_TRUE(result.cut);
}

TEST(ScriptAnswer, KeepsTheErrorWhateverWasLeftOut) {
    ScriptAnswer answer{"SELECT …; SELECT 1/0"};
    answer_rows(answer, "text", {std::string(CommandResult::longest_output, 'x')});
    answer.failed(division_by_zero());
    const CommandResult result = std::move(answer).when_over(now);
    EXPECT_EQ(result.outcome, CommandResult::Outcome::failed);
    EXPECT_EQ(result.sqlstate, "22012");
    EXPECT_EQ(result.message, "division by zero");
}

TEST(ScriptAnswer, SaysWhereInTheScriptAnErrorIs) {
    ScriptAnswer answer{"SELECT 'ä';\nSELECT * FROM tabel;"};
    pq::ScriptError error = division_by_zero();
    error.message = "relation \"tabel\" does not exist";
    error.detail = "It never did.";
    error.hint = "Perhaps you meant \"table\".";
    error.position = 27;
    answer.failed(error);
    EXPECT_EQ(std::move(answer).when_over(now).message,
              "relation \"tabel\" does not exist (line 2, column 15)\n"
              "DETAIL:  It never did.\nHINT:  Perhaps you meant \"table\".");
}

TEST(ScriptAnswer, KeepsTheRowsThatCameBeforeAnError) {
    ScriptAnswer answer{"SELECT …"};
    answer.columns(std::array{std::string_view{"n"}});
    answer.row(std::array{pq::ScriptReceiver::Value{"1"}});
    answer.failed(division_by_zero());
    const CommandResult result = std::move(answer).when_over(now);
    EXPECT_EQ(result.parts.at(0).tag, "");
    EXPECT_THAT(result.parts.at(0).rows, ElementsAre(ElementsAre("1")));
}

TEST(ScriptAnswer, KeepsWhatCopySendsLineByLine) {
    ScriptAnswer answer{"COPY t TO STDOUT"};
    answer.copied("1\tann\n");
    answer.copied("2\tbob\n");
    answer.completed("COPY 2");
    const CommandResult result = std::move(answer).when_over(now);
    EXPECT_THAT(result.parts.at(0).rows, ElementsAre(ElementsAre("1\tann"), ElementsAre("2\tbob")));
    EXPECT_EQ(result.parts.at(0).rows_in_all, 2U);
}

TEST(ScriptAnswer, ShowsBytesThatAreNoUtf8) {
    ScriptAnswer answer{"SELECT …"};
    answer_rows(answer, "name", {"caf\xE9"});
    EXPECT_THAT(std::move(answer).when_over(now).parts.at(0).rows, ElementsAre(ElementsAre("caf\\xe9")));
}

TEST(ScriptAnswer, IsUnknownWhereItsEndWasNotSeen) {
    ScriptAnswer answer{"INSERT …; SELECT pg_sleep(60)"};
    answer.completed("INSERT 0 1");
    const CommandResult result = std::move(answer).when_lost("the connection was lost", now);
    EXPECT_EQ(result.outcome, CommandResult::Outcome::unknown);
    EXPECT_EQ(result.parts.size(), 1U);
    EXPECT_EQ(result.sqlstate, "");
    EXPECT_THAT(result.message, HasSubstr("the connection was lost\nThe script's end was not seen."));
}

TEST(ScriptAnswer, SaysWhyItsSessionWasEnded) {
    ScriptAnswer answer{"SELECT pg_sleep(60)"};
    answer.failed(told_to_go());
    const CommandResult result = std::move(answer).when_lost("the connection was lost", now);
    EXPECT_EQ(result.outcome, CommandResult::Outcome::unknown);
    EXPECT_EQ(result.sqlstate, "57P01");
    EXPECT_THAT(result.message, HasSubstr("the grant has ended\nThe script's end was not seen."));
}

TEST(ScriptAnswer, HasFailedWhereAnErrorWasTheLastThatWasSeen) {
    ScriptAnswer answer{"SELECT 1/0"};
    answer.failed(division_by_zero());
    const CommandResult result = std::move(answer).when_lost("the connection was lost", now);
    EXPECT_EQ(result.outcome, CommandResult::Outcome::failed);
    EXPECT_EQ(result.message, "division by zero");
}

}  // namespace
}  // namespace curfew::test
