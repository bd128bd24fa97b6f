#include "protocol/postgres/statement_scan.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace curfew::postgres {
namespace {

StatementScan scan_of(std::string_view sql) {
    StatementScan scan;
    scan.read(sql);
    scan.finish();
    return scan;
}

TEST(StatementScan, TakesForPlainWhatCannotEndATransaction) {
    for (const auto sql : {"SELECT 1", "  insert into t values (1)", "UPDATE t SET a = 1", "delete from t",
                           "WITH x AS (SELECT 1) SELECT * FROM x", "(SELECT 1) UNION (SELECT 2)",
                           "-- why\nSELECT 1", "/* a /* nested */ one */ SELECT 1", "BEGIN",
                           "COPY t FROM STDIN", "\tSAVEPOINT a", "EXPLAIN SELECT 1", "SELECT"}) {
        EXPECT_EQ(scan_of(sql).first(), Effect::plain) << sql;
        EXPECT_EQ(scan_of(sql).worst(), Effect::plain) << sql;
        EXPECT_EQ(scan_of(sql).statements(), 1U) << sql;
    }
}

TEST(StatementScan, TakesForEndingWhatHasDoneSoOnceItIsAnswered) {
    for (const auto sql :
         {"COMMIT", "commit and chain", "END", "ROLLBACK", "abort", "PREPARE TRANSACTION 'x'",
          "CREATE TABLE t (a int)", "DROP TABLE t", "ALTER ROLE r SUPERUSER", "DISCARD ALL"})
        EXPECT_EQ(scan_of(sql).worst(), Effect::ending) << sql;
}

TEST(StatementScan, DoubtsWhatMayCommitWhileItRuns) {
    for (const auto sql : {"CALL p()",
                           "call p()",
                           "DO $$ BEGIN COMMIT; END $$",
                           "VACUUM",
                           "VACUUM t",
                           "CLUSTER",
                           "REINDEX TABLE t",
                           "CREATE INDEX CONCURRENTLY i ON t (a)",
                           "DROP INDEX concurrently i",
                           "COMMIT PREPARED 'x'",
                           "ROLLBACK PREPARED 'x'",
                           "ALTER DATABASE d SET TABLESPACE s",
                           "DROP DATABASE d",
                           "DROP SUBSCRIPTION s",
                           "ANALYZE",
                           "wibble",
                           "SELECTED",
                           "selectselectselectselect",
                           "-",
                           "/ x"})
        EXPECT_EQ(scan_of(sql).worst(), Effect::doubtful) << sql;
}

TEST(StatementScan, LooksAtEachStatement) {
    const StatementScan scan = scan_of("INSERT INTO t VALUES (1); COMMIT; CALL p();");
    EXPECT_EQ(scan.first(), Effect::plain);
    EXPECT_EQ(scan.worst(), Effect::doubtful);
    EXPECT_EQ(scan.statements(), 3U);
    EXPECT_TRUE(scan.exact());
}

TEST(StatementScan, CountsNoStatementWhereThereIsNone) {
    EXPECT_EQ(scan_of("").statements(), 0U);
    EXPECT_EQ(scan_of(" ; ;\n-- nothing").statements(), 0U);
    EXPECT_EQ(scan_of("/* CALL p()").statements(), 0U) << "a comment without an end";
    EXPECT_EQ(scan_of("SELECT 1;").statements(), 1U);
    EXPECT_EQ(scan_of("SELECT 1; /* done */ ; SELECT 2 ;;").statements(), 2U);
}

TEST(StatementScan, MissesNoStatementBehindALiteralThatLooksLikeAComment) {
    const StatementScan scan = scan_of("SELECT 'a; -- b'; CALL p()");
    EXPECT_EQ(scan.worst(), Effect::doubtful);
    EXPECT_FALSE(scan.exact());
    EXPECT_EQ(scan_of("SELECT 'a; /* b'; CALL p(); SELECT '*/'").worst(), Effect::doubtful);
}

TEST(StatementScan, IsNotSureOfTheNumberWhereASemicolonMayBeHidden) {
    for (const auto sql : {"SELECT 'a;b'", "SELECT \"a;b\"", "SELECT 1 -- ;\n", "SELECT 1 /* ; */",
                           "SELECT $$;$$", "CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2)",
                           "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END"})
        EXPECT_FALSE(scan_of(sql).exact()) << sql;
    EXPECT_TRUE(scan_of("SELECT 1 - 2, f(3) * 4; SELECT 2").exact());
}

TEST(StatementScan, ReadsTheSameInPieces) {
    const std::string sql = "-- c\nINSERT INTO t VALUES (1); /* x */ DROP INDEX CONCURRENTLY i; COMMIT";
    const StatementScan whole = scan_of(sql);
    for (std::size_t first = 0; first <= sql.size(); ++first) {
        StatementScan scan;
        scan.read(std::string_view{sql}.substr(0, first));
        scan.read(std::string_view{sql}.substr(first));
        scan.finish();
        EXPECT_EQ(scan.first(), whole.first()) << first;
        EXPECT_EQ(scan.worst(), whole.worst()) << first;
        EXPECT_EQ(scan.statements(), whole.statements()) << first;
        EXPECT_EQ(scan.exact(), whole.exact()) << first;
    }
}

TEST(StatementScan, DoubtsWhatItWillNotRead) {
    StatementScan scan;
    scan.read("INSERT INTO t VALUES (1), (");
    scan.cut();
    EXPECT_EQ(scan.first(), Effect::plain) << "of the first statement the first word is there";
    EXPECT_EQ(scan.worst(), Effect::doubtful);
    EXPECT_FALSE(scan.exact());

    for (const auto beginning : {"", "  /* long", "SEL", "CREATE INDEX "}) {
        StatementScan other;
        other.read(beginning);
        other.cut();
        EXPECT_EQ(other.first(), Effect::doubtful) << beginning;
    }
}

}  // namespace
}  // namespace curfew::postgres
