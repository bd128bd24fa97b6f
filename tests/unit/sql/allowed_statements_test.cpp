#include "sql/allowed_statements.hpp"

#include <gmock/gmock.h>

#include <string_view>

#include "sql/parse.hpp"

namespace curfew::sql {
namespace {

using testing::HasSubstr;
using testing::Optional;

ObjectPattern pattern(std::string_view text) {
    return parse_object_pattern(text).value();
}

class Allowed : public testing::Test {
protected:
    std::optional<std::string> why(std::string_view text) {
        return why_ask(parse(text).value().at(0), allowed);
    }
    const AllowedStatements allowed{{pattern("public.orders"), pattern("analytics.*"), pattern("customers")},
                                    {pattern("analytics.week_of")}};
};

TEST_F(Allowed, LetsRunWhatReadsNamedTables) {
    EXPECT_EQ(
        why("SELECT count(*) FROM public.orders JOIN analytics.daily USING (id) JOIN customers USING (id)"),
        std::nullopt);
}

TEST_F(Allowed, AsksForAnyOtherTable) {
    EXPECT_THAT(why("SELECT * FROM public.orders, public.people"),
                Optional(HasSubstr("reads public.people")));
}

TEST_F(Allowed, TakesATableWithoutItsSchemaForAnother) {
    EXPECT_THAT(why("SELECT * FROM orders"), Optional(HasSubstr("reads orders")));
    EXPECT_THAT(why("SELECT * FROM evil.customers"), Optional(HasSubstr("reads evil.customers")));
}

TEST_F(Allowed, TakesNamesAsPostgresqlKeepsThem) {
    EXPECT_EQ(why("SELECT * FROM PUBLIC.Orders"), std::nullopt);
    EXPECT_THAT(why("SELECT * FROM public.\"Orders\""), Optional(HasSubstr("reads public.Orders")));
}

TEST_F(Allowed, AsksForFunctionsThatMayDoMoreThanCompute) {
    EXPECT_EQ(why("SELECT lower(name), analytics.week_of(day) FROM customers"), std::nullopt);
    EXPECT_THAT(why("SELECT pg_terminate_backend(1)"), Optional(HasSubstr("calls pg_terminate_backend()")));
    EXPECT_THAT(why("SELECT nextval('a')"), Optional(HasSubstr("nextval")));
    EXPECT_THAT(why("SELECT evil.lower('a')"), Optional(HasSubstr("evil.lower")));
    EXPECT_THAT(why("SELECT * FROM pg_read_file('/etc/passwd')"), Optional(HasSubstr("pg_read_file")));
}

TEST_F(Allowed, LetsTransactionControlRunAlways) {
    EXPECT_EQ(why_ask(parse("COMMIT").value().at(0), {}), std::nullopt);
}

TEST_F(Allowed, LetsDriversSetWhatTheyAreShown) {
    EXPECT_EQ(why("SET extra_float_digits = 3"), std::nullopt);
    EXPECT_EQ(why("SET application_name = 'x'"), std::nullopt);
    EXPECT_EQ(why("SHOW TRANSACTION ISOLATION LEVEL"), std::nullopt);
    EXPECT_EQ(why("SET client_encoding TO 'utf-8'"), std::nullopt);
}

TEST_F(Allowed, AsksForSettingsThatChangeWhatAStatementMeans) {
    for (const std::string_view text :
         {"SET search_path = evil", "SET ROLE bob", "SET SESSION AUTHORIZATION bob",
          "SET standard_conforming_strings = off", "SET client_encoding TO 'SJIS'", "RESET ALL",
          "RESET client_encoding", "SET row_security = off"})
        EXPECT_NE(why(text), std::nullopt) << text;
}

TEST_F(Allowed, AsksForEverythingElse) {
    for (const std::string_view text : {"DELETE FROM public.orders", "SELECT * FROM public.orders FOR UPDATE",
                                        "COPY public.orders TO STDOUT", "EXPLAIN ANALYZE SELECT 1"})
        EXPECT_NE(why(text), std::nullopt) << text;
}

TEST(ObjectPatterns, AreReadAsTheyAreWritten) {
    for (const std::string_view text : {"public.orders", "analytics.*", "orders"})
        EXPECT_EQ(to_string(pattern(text)), text);
    for (const std::string_view text : {"", "*", "*.*", "a.b.c", ".a", "a.", "\"a\"", "a b", "*.a"}) {
        const auto read = parse_object_pattern(text);
        ASSERT_FALSE(read) << text;
        EXPECT_THAT(read.error().message, HasSubstr("public.orders"));
    }
}

}  // namespace
}  // namespace curfew::sql
