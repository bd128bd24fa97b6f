// A recording as a person reads it, and at which pace.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/replay.hpp"
#include "cli/replay_view.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
namespace entry = recording::entry;

class ReplayView : public testing::Test {
protected:
    cli::ReplayView view{cli::Terminal{}};
    recording::Offset now{};

    std::string show(entry::Content content) {
        now += 1500ms;
        return view.show({now, std::move(content)});
    }
    static entry::Parse parse(const std::string& name, const std::string& sql) {
        entry::Parse parse;
        parse.statement = name;
        parse.sql = sql;
        parse.size = sql.size();
        return parse;
    }
    static entry::Completed completed(const std::string& tag) {
        entry::Completed completed;
        completed.tag = tag;
        completed.took = 3200us;
        return completed;
    }
    static recording::Value text(const std::string& bytes) {
        return {recording::Value::Form::text, bytes, bytes.size()};
    }
};

TEST_F(ReplayView, ShowsAStatementWithItsTimeAndItsOutcome) {
    EXPECT_EQ(show(entry::Query{"SELECT 1", 8, false}), "00:01.500   SELECT 1\n");
    EXPECT_EQ(show(completed("SELECT 1")), "              SELECT 1, 3.2 ms\n");
}

TEST_F(ReplayView, KeepsTheLinesOfAStatementTogether) {
    EXPECT_EQ(show(entry::Query{"SELECT 1,\n\t2", 12, false}), "00:01.500   SELECT 1,\n                2\n");
}

TEST_F(ReplayView, SaysWhatIsNotWhole) {
    EXPECT_THAT(show(entry::Query{"SELECT", 5'000'000, true}),
                AllOf(HasSubstr("redacted"), HasSubstr("6 of its 5000000 bytes")));
}

TEST_F(ReplayView, ShowsWhatAPreparedStatementRunsWith) {
    EXPECT_EQ(show(parse("find", "SELECT $1, $2")), "");
    EXPECT_EQ(show(entry::Bind{"", "find", {text("O'Brien"), {}}}), "");
    EXPECT_EQ(show(entry::Execute{"", "find", 0}),
              "00:04.500   SELECT $1, $2\n              $1 = 'O''Brien'\n              $2 = NULL\n");
}

TEST_F(ReplayView, ShowsAStatementThatCouldNotBePrepared) {
    EXPECT_EQ(show(parse("", "SELEKT 1")), "");
    entry::Failed failed;
    failed.severity = "ERROR";
    failed.sqlstate = "42601";
    failed.message = "syntax error";
    failed.hint = "Write SELECT.";
    EXPECT_THAT(show(failed), AllOf(HasSubstr("(prepared) SELEKT 1"), HasSubstr("ERROR 42601: syntax error"),
                                    HasSubstr("HINT: Write SELECT.")));
}

TEST_F(ReplayView, ShowsAStatementThatWasPreparedAlone) {
    show(parse("later", "SELECT 1"));
    EXPECT_THAT(show(entry::Ready{'I'}), HasSubstr("(prepared later) SELECT 1"));
}

TEST_F(ReplayView, TellsWhereTransactionsBeginAndEnd) {
    EXPECT_EQ(show(entry::Ready{'I'}), "");
    EXPECT_THAT(show(entry::Ready{'T'}), HasSubstr("in a transaction"));
    EXPECT_EQ(show(entry::Ready{'T'}), "");
    EXPECT_THAT(show(entry::Ready{'E'}), HasSubstr("failed"));
    EXPECT_THAT(show(entry::Ready{'I'}), HasSubstr("no transaction"));
}

TEST_F(ReplayView, LetsNothingOutThatActsOnATerminal) {
    EXPECT_THAT(show(entry::Query{"SELECT '\x1b]0;owned\x07'", 21, false}), Not(HasSubstr("\x1b")));
    EXPECT_THAT(show(entry::Notice{"NOTICE", "00000", "\x1b[2J", false}), Not(HasSubstr("\x1b")));
    EXPECT_THAT(show(entry::Row{{text("\x1b[2J"), {}}}), AllOf(Not(HasSubstr("\x1b")), HasSubstr(" | NULL")));
}

TEST_F(ReplayView, TellsOfGapsAndOfTheEnd) {
    EXPECT_THAT(show(entry::Gap{"the disk was full", 1200}),
                HasSubstr("not recorded: the disk was full, 1.2 kB"));
    entry::Ended ended;
    ended.cause = policy::EndCause::grant_expired;
    ended.outcome = policy::TransactionOutcome::rolled_back;
    EXPECT_THAT(show(ended), HasSubstr("ended: grant_expired; its last transaction: rolled_back"));
}

TEST(Offsets, AreShownAsOneReadsThem) {
    EXPECT_EQ(cli::format_offset(4250ms), "00:04.250");
    EXPECT_EQ(cli::format_offset(3604250ms), "1:00:04.250");
}

TEST(Pauses, AreScaledAndNeverLongerThanWanted) {
    EXPECT_EQ(cli::pause_between(1s, 2s, 1, 2s), 1s);
    EXPECT_EQ(cli::pause_between(1s, 2s, 2, 2s), 500ms);
    EXPECT_EQ(cli::pause_between(1s, 3601s, 1, 2s), 2s);
    EXPECT_EQ(cli::pause_between(1s, 3601s, 0.01, 2s), 2s);
    EXPECT_EQ(cli::pause_between(2s, 1s, 1, 2s), 0s);
}

}  // namespace
}  // namespace curfew::test
