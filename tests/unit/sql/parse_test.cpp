#include "sql/parse.hpp"

#include <gmock/gmock.h>

#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace curfew::sql {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

Statement only(std::string_view text) {
    const auto statements = parse(text);
    EXPECT_TRUE(statements) << text;
    if (!statements || statements->size() != 1) {
        ADD_FAILURE() << "not one statement: " << text;
        return {};
    }
    return statements->front();
}

StatementKind kind_of(std::string_view text) {
    return only(text).kind;
}

TEST(Parse, TellsStatementsApartWithTheirPlaces) {
    const std::string_view text = "SELECT ';' ; -- a ; comment\n COMMIT;";
    const auto statements = parse(text);
    ASSERT_TRUE(statements);
    ASSERT_EQ(statements->size(), 2U);
    EXPECT_EQ(text.substr((*statements)[0].offset, (*statements)[0].size), "SELECT ';' ");
    EXPECT_THAT(std::string{text.substr((*statements)[1].offset, (*statements)[1].size)},
                HasSubstr("COMMIT"));
    EXPECT_EQ((*statements)[1].kind, StatementKind::transaction_control);
}

TEST(Parse, TellsWhatMayChangePreparedStatements) {
    for (const std::string_view text :
         {"PREPARE a AS SELECT 1", "EXECUTE a", "DEALLOCATE a", "DEALLOCATE ALL", "DISCARD ALL",
          "DISCARD PLANS", "DO 'BEGIN END'", "CALL a()"})
        EXPECT_TRUE(only(text).changes_prepared) << text;
    for (const std::string_view text : {"SELECT 1", "BEGIN", "SET timezone = 'UTC'", "DELETE FROM a"})
        EXPECT_FALSE(only(text).changes_prepared) << text;
}

TEST(Parse, TellsWhatMayChangeCursors) {
    for (const std::string_view text :
         {"DECLARE a CURSOR FOR SELECT 1", "CLOSE ALL", "DISCARD ALL", "DO 'BEGIN END'"})
        EXPECT_TRUE(only(text).changes_cursors) << text;
    for (const std::string_view text : {"SELECT 1", "BEGIN", "FETCH a", "DELETE FROM a"})
        EXPECT_FALSE(only(text).changes_cursors) << text;
}

TEST(Parse, SaysWhatItIsInsteadAsPeopleCallIt) {
    EXPECT_EQ(only("UPDATE a SET b = 1").why_not, "it is no SELECT but UPDATE");
    EXPECT_EQ(only("CREATE TABLE a AS SELECT 1").why_not, "it is no SELECT but CREATE TABLE AS");
}

TEST(Parse, TellsWhatHasAPlan) {
    for (const std::string_view text :
         {"SELECT 1", "VALUES (1)", "SELECT pg_sleep(1)", "SELECT * FROM a FOR UPDATE",
          "INSERT INTO a VALUES (1)", "UPDATE a SET b = f()", "DELETE FROM a",
          "MERGE INTO a USING b ON a.c = b.c WHEN MATCHED THEN DELETE"})
        EXPECT_TRUE(only(text).has_plan) << text;
    for (const std::string_view text :
         {"BEGIN", "COMMIT", "SET a.b = 1", "SHOW ALL", "EXPLAIN SELECT 1", "CREATE TABLE a (b int)",
          "DO 'BEGIN END'", "CALL a()", "VACUUM a", "COPY a TO STDOUT", "EXECUTE a"})
        EXPECT_FALSE(only(text).has_plan) << text;
}

TEST(Parse, LetsWhatOnlyChangesRowsBeRunDry) {
    for (const std::string_view text :
         {"SELECT count(*) FROM a", "INSERT INTO a VALUES (1, DEFAULT)",
          "INSERT INTO s.a (b) SELECT c FROM d WHERE e < now() RETURNING *",
          "INSERT INTO a (b) VALUES (1) ON CONFLICT (b) DO UPDATE SET c = excluded.c WHERE a.c IS NULL",
          "UPDATE a SET (b, c) = (SELECT 1, lower(d) FROM e) FROM f WHERE a.g = f.g",
          "WITH x AS (SELECT 1) DELETE FROM a USING x WHERE a.b = $1 RETURNING a.b",
          "MERGE INTO a USING b ON a.c = b.c WHEN MATCHED THEN UPDATE SET d = b.d "
          "WHEN NOT MATCHED THEN INSERT VALUES (b.c, b.d)"})
        EXPECT_EQ(only(text).why_not_dry, "") << text;
}

TEST(Parse, LetsNothingBeRunDryThatMightLeaveSomethingBehind) {
    for (const std::string_view text : {"SELECT pg_terminate_backend(1)",
                                        "SELECT nextval('a')",
                                        "INSERT INTO a VALUES (nextval('s'))",
                                        "UPDATE a SET b = f()",
                                        "UPDATE a SET b = s.lower('x')",
                                        "DELETE FROM a WHERE b = pg_sleep(1)::text",
                                        "DELETE FROM a WHERE b OPERATOR(s.=) 1",
                                        "UPDATE a SET b = '1'::s.t",
                                        "SELECT * INTO a FROM b",
                                        "SELECT * FROM a FOR UPDATE",
                                        "DELETE FROM a WHERE CURRENT OF c",
                                        "WITH x AS (DELETE FROM a RETURNING *) SELECT * FROM x",
                                        "WITH x AS (SELECT f()) UPDATE a SET b = 1",
                                        "INSERT INTO a SELECT f()",
                                        "INSERT INTO a VALUES (1) ON CONFLICT (f(b)) DO NOTHING",
                                        "DELETE FROM a RETURNING f(b)",
                                        "MERGE INTO a USING b ON f(a.c) WHEN MATCHED THEN DELETE",
                                        "COMMIT",
                                        "TRUNCATE a",
                                        "COPY a TO PROGRAM 'x'",
                                        "CREATE TABLE a (b int)",
                                        "DO 'BEGIN END'",
                                        "NOTIFY a",
                                        "EXPLAIN SELECT 1"})
        EXPECT_NE(only(text).why_not_dry, "") << text;
}

TEST(Parse, FindsNothingInSpaceAndComments) {
    for (const std::string_view text : {"", " \n", "-- nothing", "/* SELECT 1; */", ";;"}) {
        const auto statements = parse(text);
        ASSERT_TRUE(statements) << text;
        EXPECT_THAT(*statements, IsEmpty()) << text;
    }
}

TEST(Parse, SaysWhereTextIsNoSql) {
    const auto statements = parse("SELEC 1");
    ASSERT_FALSE(statements);
    EXPECT_EQ(statements.error().code, ErrorCode::invalid);
    EXPECT_THAT(statements.error().message, HasSubstr("at character 1"));
}

TEST(Parse, LooksIntoNothingThatIsTooLong) {
    const auto statements = parse("SELECT '" + std::string(longest_parsed, 'x') + "'");
    ASSERT_FALSE(statements);
    EXPECT_THAT(statements.error().message, HasSubstr("longer than 8192 bytes"));
}

TEST(Parse, RefusesWhatIsNotUtf8) {
    EXPECT_FALSE(parse("SELECT '\xa5\\'"));
    EXPECT_FALSE(parse(std::string_view{"SELECT 1\0; DROP TABLE a", 23}));
}

TEST(Parse, SurvivesTheDeepestNestingThatItTakes) {
    const std::size_t levels = (longest_parsed - 8) / 2;
    std::string nested = "SELECT " + std::string(levels, '(') + "1" + std::string(levels, ')');
    std::string sum = "SELECT 1";
    while (sum.size() + 2 <= longest_parsed)
        sum += "+1";
    std::string negations = "SELECT 1 WHERE ";
    while (negations.size() + 5 <= longest_parsed)
        negations += "NOT ";
    negations += "a";
    std::thread thread{[&] {  // whose stack is what the threads of a program have
        for (const std::string& text : {nested, sum, negations})
            static_cast<void>(parse(text));
    }};
    thread.join();
}

TEST(Parse, LooksIntoNothingThatIsNestedTooDeeply) {
    std::string sum = "SELECT 1";
    for (int i = 0; i < 100; ++i)
        sum += "+1";
    EXPECT_TRUE(parse(sum));
    for (int i = 0; i < 1000; ++i)
        sum += "+1";
    const auto statements = parse(sum);
    ASSERT_FALSE(statements);
    EXPECT_THAT(statements.error().message, HasSubstr("nested too deeply"));
}

TEST(Parse, KnowsTransactionControl) {
    for (const std::string_view text : {"BEGIN", "START TRANSACTION READ ONLY", "COMMIT AND CHAIN", "END",
                                        "ROLLBACK", "ABORT", "SAVEPOINT a", "RELEASE a", "ROLLBACK TO a"})
        EXPECT_EQ(kind_of(text), StatementKind::transaction_control) << text;
}

TEST(Parse, TakesPreparedTransactionsForMoreThanTransactionControl) {
    for (const std::string_view text :
         {"PREPARE TRANSACTION 'a'", "COMMIT PREPARED 'a'", "ROLLBACK PREPARED 'a'"}) {
        EXPECT_EQ(kind_of(text), StatementKind::other) << text;
        EXPECT_THAT(only(text).why_not, HasSubstr("outlives"));
    }
}

TEST(Parse, FindsEveryTableThatASelectReads) {
    const auto statement = only(
        "WITH recent AS (SELECT * FROM public.orders o JOIN customers USING (id)) "
        "SELECT (SELECT max(x) FROM s.a), r.* FROM recent r WHERE EXISTS (SELECT FROM b) "
        "UNION ALL (TABLE c) ORDER BY 1");
    EXPECT_EQ(statement.kind, StatementKind::select);
    EXPECT_THAT(
        statement.relations,
        UnorderedElementsAre(ObjectReference{"public", "orders"}, ObjectReference{"", "customers"},
                             ObjectReference{"s", "a"}, ObjectReference{"", "b"}, ObjectReference{"", "c"}));
    EXPECT_THAT(statement.functions, ElementsAre(ObjectReference{"", "max"}));
}

TEST(Parse, TakesATableForACommonOneOnlyWhereThatIsInSight) {
    EXPECT_THAT(only("SELECT * FROM (WITH secrets AS (SELECT 1) SELECT * FROM secrets) a, secrets").relations,
                ElementsAre(ObjectReference{"", "secrets"}));
    EXPECT_THAT(only("WITH a AS (SELECT * FROM b), b AS (SELECT 1) SELECT * FROM a, b").relations,
                ElementsAre(ObjectReference{"", "b"}));
    EXPECT_THAT(only("WITH RECURSIVE a AS (SELECT * FROM b), b AS (SELECT 1) SELECT * FROM a, b").relations,
                IsEmpty());
    EXPECT_THAT(only("WITH a AS (SELECT 1) SELECT * FROM public.a").relations,
                ElementsAre(ObjectReference{"public", "a"}));
}

TEST(Parse, TakesWhatMayChangeSomethingForNoSelect) {
    for (const std::string_view text :
         {"SELECT 1 INTO t", "SELECT * FROM a FOR UPDATE", "SELECT * FROM a FOR KEY SHARE",
          "WITH d AS (DELETE FROM a RETURNING *) SELECT * FROM d",
          "SELECT * FROM (SELECT * FROM a FOR SHARE) b", "SELECT 1 OPERATOR(evil.+) 2",
          "SELECT 1 = ANY (SELECT 1) FROM a ORDER BY a USING OPERATOR(evil.<)", "SELECT 'x'::evil.type",
          "SELECT 'x'::evil", "SELECT * FROM a TABLESAMPLE evil(1)", "SELECT * FROM other_db.s.t",
          "SELECT xmlelement(name a)"})
        EXPECT_EQ(kind_of(text), StatementKind::other) << text;
}

TEST(Parse, TakesOrdinaryExpressionsForReading) {
    EXPECT_EQ(kind_of("SELECT current_user, extract(year FROM now()), x[1], ARRAY[1,2], (a).b, "
                      "CASE WHEN true THEN 1 END, a IS NULL, b::int, 'x'::regclass, GREATEST(1,2), "
                      "1 IN (SELECT 2), count(*) FILTER (WHERE a) OVER (PARTITION BY b), ROW(1,2), "
                      "'1' COLLATE \"C\", INTERVAL '1 day', a AT TIME ZONE 'UTC', a LIKE 'b%', $1::text, "
                      "a BETWEEN 1 AND 2, NOT a, a IS NOT DISTINCT FROM b "
                      "FROM ONLY s.t AS q(a) LEFT JOIN LATERAL (VALUES (1)) v ON true "
                      "WINDOW w AS (ORDER BY z)"),
              StatementKind::select);
    EXPECT_EQ(kind_of("SELECT a FROM b GROUP BY ROLLUP(a) HAVING count(*) > 1 ORDER BY 1 DESC NULLS LAST "
                      "LIMIT 5 OFFSET 2"),
              StatementKind::select);
}

TEST(Parse, NamesWhatIsNoSelect) {
    EXPECT_THAT(only("DELETE FROM a").why_not, HasSubstr("DELETE"));
    for (const std::string_view text :
         {"INSERT INTO a VALUES (1)", "UPDATE a SET b = 1", "DROP TABLE a", "CALL p()", "DO $$BEGIN END$$",
          "COPY a FROM STDIN", "DECLARE c CURSOR FOR SELECT 1", "EXECUTE p", "DISCARD ALL", "LOCK a",
          "EXPLAIN ANALYZE SELECT 1", "EXPLAIN DELETE FROM a", "LISTEN a", "VACUUM"})
        EXPECT_EQ(kind_of(text), StatementKind::other) << text;
}

TEST(Parse, ReadsAnExplainAsWhatItExplains) {
    const auto statement = only("EXPLAIN SELECT * FROM a");
    EXPECT_EQ(statement.kind, StatementKind::select);
    EXPECT_THAT(statement.relations, ElementsAre(ObjectReference{"", "a"}));
}

TEST(Parse, NamesTheParameterOfASetting) {
    EXPECT_EQ(only("SET DateStyle = ISO").parameter, "datestyle");
    EXPECT_EQ(only("SET client_encoding TO 'LATIN1'").value, "LATIN1");
    EXPECT_EQ(only("SET LOCAL work_mem TO DEFAULT").parameter, "work_mem");
    EXPECT_EQ(only("RESET search_path").parameter, "search_path");
    EXPECT_EQ(kind_of("RESET ALL"), StatementKind::other);
    EXPECT_EQ(kind_of("SET SESSION AUTHORIZATION bob"), StatementKind::setting);
    EXPECT_EQ(kind_of("SET ROLE bob"), StatementKind::setting);
}

}  // namespace
}  // namespace curfew::sql
