// Which statement an Execute runs, and with what.
#include "recording/statements.hpp"

#include <gtest/gtest.h>

namespace curfew::recording {
namespace {

Entry parsed(std::string name, std::string sql) {
    const auto size = sql.size();
    return {{}, entry::Parse{std::move(name), std::move(sql), size, false, {}}};
}

Entry bound(std::string portal, std::string statement, std::vector<Value> parameters = {}) {
    return {{}, entry::Bind{std::move(portal), std::move(statement), std::move(parameters)}};
}

std::string sql_of(const Execution& execution) {
    return execution.statement ? execution.statement->sql : "?";
}

TEST(StatementBook, FollowsAPortalToItsStatementAndParameters) {
    const std::vector<Value> parameters{Value{Value::Form::text, "42", 2}};
    StatementBook book;
    book.see(parsed("S_1", "SELECT $1"));
    book.see(parsed("S_2", "SELECT 2"));
    book.see(bound("C_1", "S_1", parameters));
    EXPECT_EQ(sql_of(book.of({"C_1", "S_1", 0})), "SELECT $1");
    EXPECT_EQ(book.of({"C_1", "S_1", 0}).parameters, parameters);
}

TEST(StatementBook, KeepsToWhatAPortalWasBoundToWhenItsStatementIsReplaced) {
    StatementBook book;
    book.see(parsed("", "SELECT 1"));
    book.see(bound("C_1", ""));
    book.see(parsed("", "SELECT 2"));
    EXPECT_EQ(sql_of(book.of({"C_1", "", 0})), "SELECT 1");
    book.see(bound("C_1", ""));
    EXPECT_EQ(sql_of(book.of({"C_1", "", 0})), "SELECT 2");
}

TEST(StatementBook, GoesByTheStatementWhereTheBindIsNotKnown) {
    StatementBook book;
    book.see(parsed("S_1", "SELECT 1"));
    EXPECT_EQ(sql_of(book.of({"C_9", "S_1", 0})), "SELECT 1");
}

TEST(StatementBook, KnowsNothingOfWhatItNeverSaw) {
    StatementBook book;
    book.see(bound("C_1", "S_1"));
    EXPECT_EQ(sql_of(book.of({"C_1", "S_1", 0})), "?");
    EXPECT_EQ(sql_of(book.of({"", "", 0})), "?");
}

TEST(StatementBook, ForgetsTheOldestOfTooMany) {
    StatementBook book;
    for (std::size_t number = 0; number <= StatementBook::most_statements; ++number)
        book.see(parsed(std::to_string(number), "SELECT " + std::to_string(number)));
    EXPECT_EQ(sql_of(book.of({"", "0", 0})), "?");
    const std::string last = std::to_string(StatementBook::most_statements);
    EXPECT_EQ(sql_of(book.of({"", last, 0})), "SELECT " + last);
}

TEST(StatementBook, ForgetsTheOldestOfTooMuch) {
    StatementBook book;
    const std::string large(StatementBook::most_bytes / 4, 'x');
    for (int number = 0; number < 6; ++number) {
        book.see(parsed(std::to_string(number), large));
        book.see(bound(std::to_string(number), std::to_string(number)));
    }
    EXPECT_EQ(sql_of(book.of({"0", "0", 0})), "?");
    EXPECT_EQ(sql_of(book.of({"5", "5", 0})).size(), large.size());
}

}  // namespace
}  // namespace curfew::recording
