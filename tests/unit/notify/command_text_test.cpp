#include "notify/command_text.hpp"

#include <gtest/gtest.h>

#include "command_fixture.hpp"

namespace curfew::notify {
namespace {

using policy::CommandForm;
using policy::CommandResult;

CommandText whole(const policy::Command& command) {
    return text_of(command, 4'000, 100);
}

TEST(CommandTexts, AreTheSqlAsItIs) {
    const CommandText text = whole(a_command(CommandForm::query, "UPDATE t\n\tSET a = '`<!channel>`'"));
    EXPECT_EQ(text.text, "UPDATE t\n\tSET a = '`<!channel>`'");
    EXPECT_TRUE(text.is_whole);
}

TEST(CommandTexts, HideNothing) {
    EXPECT_EQ(whole(a_command(CommandForm::query, "a\u202eb\u200bc\rd")).text,
              "a\\xe2\\x80\\xaeb\\xe2\\x80\\x8bc\\x0dd");
}

TEST(CommandTexts, HaveTheValuesBelowTheirStatement) {
    policy::Command command;
    command.form = CommandForm::extended;
    command.statements = {
        a_statement("UPDATE t SET a = $1, b = $2", {{"5\n6", false}, {std::nullopt, false}}),
        a_statement("SELECT $1", {{"\\x00ff", true}})};
    EXPECT_EQ(whole(command).text,
              "UPDATE t SET a = $1, b = $2\n$1 = 5\n6\n$2 = NULL\n\nSELECT $1\n$1 = \\x00ff (binary)");
}

TEST(CommandTexts, EndAtALinesEndWhereTheyAreTooLong) {
    const CommandText few = text_of(a_command(CommandForm::query, "a\nb\nc"), 4'000, 2);
    EXPECT_EQ(few.text, "a\nb");
    EXPECT_FALSE(few.is_whole);
    const CommandText bytes = text_of(a_command(CommandForm::query, "abc\ndef\nghi"), 8, 100);
    EXPECT_EQ(bytes.text, "abc\ndef");
    EXPECT_FALSE(bytes.is_whole);
}

TEST(CommandTexts, EndWithinAFirstLineThatIsTooLong) {
    const CommandText text = text_of(a_command(CommandForm::query, "aaaa\u00e4\u00e4"), 5, 100);
    EXPECT_EQ(text.text, "aaaa");
    EXPECT_FALSE(text.is_whole);
}

TEST(CommandTexts, OfWhatAListHasAreNeverWhole) {
    EXPECT_FALSE(whole(policy::brief(a_command(CommandForm::query, std::string(3'000, 'x')))).is_whole);
}

TEST(CommandTexts, AreTooLongWithOneLineMoreThanThereIsRoomFor) {
    EXPECT_TRUE(text_of(a_command(CommandForm::query, "a\nb"), 3, 2).is_whole);
    EXPECT_FALSE(text_of(a_command(CommandForm::query, "a\nb"), 2, 2).is_whole);
    EXPECT_FALSE(text_of(a_command(CommandForm::query, "a\nb"), 3, 1).is_whole);
}

TEST(CommandResultTexts, SayWhatPostgresAnswered) {
    EXPECT_EQ(text_of(a_result()), "succeeded: UPDATE 3, SELECT 2");
    EXPECT_EQ(text_of(a_result(CommandResult::Outcome::failed)), "failed: 23505: duplicate key");
    EXPECT_EQ(text_of(CommandResult{}), "unknown");
}

TEST(CommandResultTexts, AreOneLineHoweverMuchThereWas) {
    CommandResult result = a_result();
    result.parts.assign(500, {"UPDATE\n1", {}, {}, 0});
    const std::string text = text_of(result);
    EXPECT_LT(text.size(), 200U);
    EXPECT_TRUE(text.ends_with(", …"));
    EXPECT_EQ(text.find('\n'), std::string::npos);
}

}  // namespace
}  // namespace curfew::notify
