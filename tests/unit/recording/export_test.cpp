// A recording as an SQL script and as a screen recording: nothing that was recorded gets out of its place.
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "recording/cast.hpp"
#include "recording/sql_export.hpp"
#include "some_entries.hpp"

namespace curfew::recording {
namespace {

using namespace std::chrono_literals;
using test::query_at;
using testing::Test;

template <class Export>
std::string exported(const std::vector<Entry>& entries) {
    Export it;
    std::string out;
    for (const Entry& entry : entries)
        it.add(entry, out);
    if constexpr (requires { it.finish(out); }) it.finish(out);
    return out;
}

std::string sql_of(const std::vector<Entry>& entries) {
    return exported<SqlExport>(entries);
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

Entry completed_at(Offset at, std::string tag, Offset took) {
    return {at, entry::Completed{std::move(tag), false, 0, 0, 0, took}};
}

Entry failed_at(Offset at, std::string message, Offset took) {
    return {at, entry::Failed{"ERROR", "42601", std::move(message), "", "", took}};
}

Entry ready_at(Offset at) {
    return {at, entry::Ready{'I'}};
}

Entry parse_at(Offset at, std::string name, std::string sql) {
    const auto size = sql.size();
    return {at, entry::Parse{std::move(name), std::move(sql), size, false, {}}};
}

Entry execute_at(Offset at, std::string portal, std::string statement) {
    return {at, entry::Execute{std::move(portal), std::move(statement), 0}};
}

// The lines that psql would run.
std::string run_by_psql(const std::string& script) {
    std::string run;
    for (std::size_t begin = 0; begin < script.size();) {
        const auto end = std::min(script.find('\n', begin), script.size());
        const std::string line = script.substr(begin, end - begin);
        if (!line.empty() && !line.starts_with("--")) run += line + "\n";
        begin = end + 1;
    }
    return run;
}

TEST(SqlExport, WritesWhatWasRunWithItsTimeAndOutcome) {
    const std::string script = sql_of({test::one_of_each().front(), query_at(1s, "INSERT INTO t VALUES (1)"),
                                       completed_at(1s + 2ms, "INSERT 0 1", 2ms), ready_at(1s + 3ms)});
    EXPECT_TRUE(has(script, "-- Session s-00000001 of ada@example.com on prod-postgres"));
    EXPECT_TRUE(has(script, "\n-- 2026-11-29T14:00:01.250Z: INSERT 0 1, 2.0 ms\nINSERT INTO t VALUES (1);\n"))
        << script;
}

TEST(SqlExport, CommentsOutWhatFailed) {
    const std::string script = sql_of({query_at(1ms, "SELEC 1;\nSELECT 2"),
                                       failed_at(2ms, "syntax error\nDROP TABLE t;", 1ms), ready_at(3ms)});
    EXPECT_EQ(run_by_psql(script), "");
    EXPECT_TRUE(has(script, "failed after 1.0 ms: ERROR 42601: syntax error"));
    EXPECT_TRUE(has(script, "-- SELEC 1;\n-- SELECT 2\n"));
}

TEST(SqlExport, CommentsOutWhatHasNoAnswer) {
    const std::string script = sql_of({query_at(1ms, "SELECT 1 \\! reboot"), test::ended_at(2ms)});
    EXPECT_EQ(run_by_psql(script), "");
    EXPECT_TRUE(has(script, "what became of it is not known"));
    EXPECT_TRUE(has(script, "the session ended (client_closed); its last transaction: committed"));
}

TEST(SqlExport, CommentsOutWhatIsNotWhole) {
    for (const entry::Query& query :
         {entry::Query{"SELECT 'x'", 100, false}, entry::Query{"SELECT 'x'", 10, true}}) {
        const std::string script = sql_of({{1ms, query}, completed_at(2ms, "SELECT 1", 1ms), ready_at(3ms)});
        EXPECT_EQ(run_by_psql(script), "");
        EXPECT_TRUE(has(script, "Not to be run as it stands here")) << script;
    }
}

TEST(SqlExport, CommentsOutACopyWhoseDataWouldFollow) {
    const std::string script =
        sql_of({query_at(1ms, "COPY t FROM STDIN"),
                {2ms, entry::CopyStarted{entry::CopyStarted::Direction::in}},
                {3ms, entry::CopyEnded{entry::CopyStarted::Direction::in, 1000, 10, ""}},
                completed_at(4ms, "COPY 10", 3ms),
                ready_at(5ms)});
    EXPECT_EQ(run_by_psql(script), "");
    EXPECT_TRUE(has(script, "COPY in of 1000 bytes in 10 messages"));
}

TEST(SqlExport, EndsEachStatementWhateverCommentItEndsWith) {
    const std::string script =
        sql_of({query_at(1ms, "SELECT 1 -- one;"), completed_at(2ms, "SELECT 1", 1ms), ready_at(3ms),
                query_at(4ms, "SELECT 2;"), completed_at(5ms, "SELECT 1", 1ms), ready_at(6ms)});
    EXPECT_EQ(run_by_psql(script), "SELECT 1 -- one;\n;\nSELECT 2;\n");
}

TEST(SqlExport, PutsParametersIntoAComment) {
    const entry::Bind bind{"",
                           "S_1",
                           {Value{Value::Form::text, "O'Brien\nDROP TABLE t;", 21}, Value{},
                            Value{Value::Form::redacted, "", 5}}};
    const std::string script = sql_of({parse_at(1ms, "S_1", "INSERT INTO t VALUES ($1, $2, $3)"),
                                       {2ms, bind},
                                       execute_at(3ms, "", "S_1"),
                                       completed_at(4ms, "INSERT 0 1", 1ms)});
    EXPECT_TRUE(has(script, "-- $1 = 'O''Brien\\x0aDROP TABLE t;', $2 = NULL, $3 = (redacted)\n")) << script;
    EXPECT_EQ(run_by_psql(script), "INSERT INTO t VALUES ($1, $2, $3);\n");
}

TEST(SqlExport, GivesEachOfAPipelineItsOwnOutcome) {
    const std::string script =
        sql_of({parse_at(1ms, "", "SELECT 1"), execute_at(1ms, "", ""), parse_at(2ms, "", "SELECT broken"),
                execute_at(2ms, "", ""), parse_at(3ms, "", "SELECT 3"), execute_at(3ms, "", ""),
                completed_at(5ms, "SELECT 1", 4ms), failed_at(6ms, "no column", 4ms), ready_at(7ms),
                parse_at(8ms, "", "SELECT 4"), execute_at(8ms, "", ""), completed_at(9ms, "SELECT 1", 1ms)});
    EXPECT_EQ(run_by_psql(script), "SELECT 1;\nSELECT 4;\n") << script;
    EXPECT_TRUE(has(script, "PostgreSQL passed over it after an error"));
}

TEST(SqlExport, ShowsAStatementThatCouldNotEvenBePrepared) {
    const std::string script = sql_of({parse_at(1ms, "", "SELEC 1"), failed_at(2ms, "syntax error", 0ms)});
    EXPECT_TRUE(has(script, "-- SELEC 1\n")) << script;
    EXPECT_EQ(run_by_psql(script), "");
}

TEST(SqlExport, RunsNothingThatCameFromOutsideAStatement) {
    test::RandomEntries random{99};
    std::vector<Entry> entries;
    for (int number = 0; number < 5000; ++number) {
        Entry entry = random.next();
        const bool asks = std::holds_alternative<entry::Query>(entry.content) ||
                          std::holds_alternative<entry::Execute>(entry.content);
        if (!asks) entries.push_back(std::move(entry));
    }
    EXPECT_EQ(run_by_psql(sql_of(entries)), "");
}

TEST(SqlExport, SaysWhereSomethingIsNotRecorded) {
    EXPECT_TRUE(has(sql_of({{1ms, entry::Gap{"the ring was full", 77}}}),
                    "NOT RECORDED: the ring was full (77 bytes)"));
}

std::vector<boost::json::value> lines_of(const std::string& text) {
    std::vector<boost::json::value> lines;
    for (std::size_t begin = 0; begin < text.size();) {
        const auto end = text.find('\n', begin);
        lines.push_back(boost::json::parse(text.substr(begin, end - begin)));
        begin = end + 1;
    }
    return lines;
}

std::string screen_of(const std::vector<Entry>& entries) {
    std::string screen;
    for (const auto& line : lines_of(exported<CastExport>(entries))) {
        if (line.is_array()) screen += std::string{line.at(2).as_string()};
    }
    return screen;
}

TEST(CastExport, BeginsWithItsHeader) {
    const auto lines = lines_of(exported<CastExport>(test::one_of_each()));
    EXPECT_EQ(lines[0].at("version").as_int64(), 2);
    EXPECT_EQ(lines[0].at("width").to_number<int>(), 120);
    EXPECT_EQ(lines[0].at("timestamp").to_number<std::int64_t>(), 1795960800);
    EXPECT_EQ(lines[0].at("title").as_string(), "ada@example.com on prod-postgres, session s-00000001");
}

TEST(CastExport, HasLinesOfOutputWhoseTimesDoNotFall) {
    double latest = 0;
    test::RandomEntries random{5};
    std::vector<Entry> entries;
    for (int number = 0; number < 500; ++number)
        entries.push_back(random.next());
    for (const auto& line : lines_of(exported<CastExport>(entries))) {
        if (!line.is_array()) continue;
        EXPECT_GE(line.at(0).to_number<double>(), latest);
        latest = line.at(0).to_number<double>();
        EXPECT_EQ(line.at(1).as_string(), "o");
    }
    EXPECT_GT(latest, 0);
}

TEST(CastExport, ShowsStatementsAndTheirAnswersAsPsqlDoes) {
    const std::string screen = screen_of({test::one_of_each().front(),
                                          query_at(1ms, "SELECT a,\n b FROM t"),
                                          {2ms, entry::Columns{{"a", "b"}}},
                                          {2ms, entry::Row{{Value{Value::Form::text, "1", 1}, Value{}}}},
                                          {3ms, entry::Completed{"SELECT 1", false, 1, 10, 1, 2ms}}});
    EXPECT_TRUE(has(screen, "shop=>\x1b[0m SELECT a,\r\n")) << screen;
    EXPECT_TRUE(has(screen, "shop->\x1b[0m  b FROM t\r\n"));
    EXPECT_TRUE(has(screen, " a | b \r\n---+---\r\n 1 | NULL \r\nSELECT 1 (1 row)\r\n"));
}

TEST(CastExport, MarksTheStateOfATransactionInItsPrompt) {
    const std::string screen = screen_of({query_at(1ms, "BEGIN"),
                                          {2ms, entry::Ready{'T'}},
                                          query_at(3ms, "SELECT 1"),
                                          {4ms, entry::Ready{'E'}},
                                          query_at(5ms, "ROLLBACK")});
    EXPECT_TRUE(has(screen, "postgres=>\x1b[0m BEGIN"));
    EXPECT_TRUE(has(screen, "postgres=*>\x1b[0m SELECT 1"));
    EXPECT_TRUE(has(screen, "postgres=!>\x1b[0m ROLLBACK"));
}

TEST(CastExport, DoesNothingToATerminalThatWasRecorded) {
    const std::string evil = "\x1b]0;title\x07 \x1b[2J \x9b";
    const Value value{Value::Form::text, evil, evil.size()};
    std::string screen = screen_of({query_at(1ms, evil),
                                    {2ms, entry::Columns{{evil}}},
                                    {3ms, entry::Row{{value}}},
                                    failed_at(4ms, evil, 1ms),
                                    {5ms, entry::Notice{evil, evil, evil, false}},
                                    {6ms, entry::Gap{evil, 1}},
                                    {7ms, entry::Notified{evil, evil}},
                                    completed_at(8ms, evil, 1ms)});
    for (const std::string_view ours : {"\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[31m"}) {
        for (auto at = screen.find(ours); at != std::string::npos; at = screen.find(ours))
            screen.erase(at, ours.size());
    }
    EXPECT_EQ(screen.find('\x1b'), std::string::npos);
    EXPECT_EQ(screen.find('\x07'), std::string::npos);
    EXPECT_EQ(screen.find('\x9b'), std::string::npos);
}

}  // namespace
}  // namespace curfew::recording
