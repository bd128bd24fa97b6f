// Where a batch fails, is flushed, or turns into a COPY.
#include <gmock/gmock.h>

#include "gated_session.hpp"

namespace curfew::postgres {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// --- Errors

TEST(CommandGate, FollowsPostgreSqlThatSkipsARestOfABatchToItsSync) {
    GatedSession session;
    session.client(wire::parse("s", "nonsense") + wire::parse("t", "SELECT 1") + wire::sync());
    session.server(report("42601"));
    session.server(ready());
    EXPECT_FALSE(session.gate.lost());
    session.client(run_prepared("t") + wire::sync());
    EXPECT_THAT(session.told, HasSubstr("26000")) << "it was skipped";
}

TEST(CommandGate, DropsWhatFollowsAFailureBehindAFlushUpToTheSync) {
    GatedSession session;
    session.client(run("nonsense") + wire::flush());
    session.approve();
    session.client(run("DROP TABLE a") + wire::flush());
    session.server(report("42601"));
    EXPECT_FALSE(session.asked);
    session.take_passed();
    session.client(run("DROP TABLE b") + wire::query("DROP TABLE c") + wire::sync());
    EXPECT_FALSE(session.asked);
    EXPECT_EQ(session.passed, wire::sync());
    EXPECT_EQ(session.told, "");
    session.server(ready());
    session.client(wire::query("SELECT 1"));
    EXPECT_TRUE(session.asked);
}

TEST(CommandGate, IsLostWhereAnAnswerIsNoneToWhatWasAsked) {
    for (const char* unasked : {"1", "2", "3", "C", "Z", "T"}) {
        GatedSession session;
        session.server(answers(unasked));
        EXPECT_TRUE(session.gate.lost()) << unasked;
    }
    GatedSession session;
    session.client(wire::parse("s", "SELECT 1") + wire::sync());
    session.server(answers("2"));
    EXPECT_TRUE(session.gate.lost());
}

TEST(CommandGate, TakesWhatPostgreSqlSaysAtAnyTime) {
    GatedSession session;
    const std::string parameter =
        wire::message('S', wire::cstring("client_encoding") + wire::cstring("SJIS"));
    session.server(wire::message('N') + parameter + wire::message('A') + report("57P01"));
    EXPECT_FALSE(session.gate.lost());
    EXPECT_EQ(session.gate.client_encoding(), "SJIS");
    session.client(wire::query("SELECT 1"));
    session.approve();
    session.server(wire::message('N') + answers("T") + wire::message('A') + answers("DCZ"));
    EXPECT_FALSE(session.gate.lost());
}

// --- Flush

TEST(CommandGate, DecidesWhatFollowsAFlushOnceAllBeforeIsAnswered) {
    GatedSession session;
    session.client(run("SELECT 1") + wire::flush());
    session.approve();
    session.client(run("SELECT 2") + wire::sync());
    session.server(answers("12"));
    EXPECT_FALSE(session.asked);
    session.server(answers("C"));
    ASSERT_THAT(session.asked_sql(), ElementsAre("SELECT 2"));
    EXPECT_TRUE(session.asked->mid_batch);
}

TEST(CommandGate, RefusesBehindAFlushUpToTheSync) {
    GatedSession session;
    session.client(run("DELETE FROM a") + wire::flush());
    session.refuse();
    EXPECT_EQ(session.told, held_error);
    session.client(run("DELETE FROM b") + wire::flush() + wire::sync());
    EXPECT_FALSE(session.asked);
    EXPECT_EQ(session.told, held_error + ready());
    EXPECT_EQ(session.passed, "");
}

TEST(CommandGate, LetsTheSyncOfARefusedBatchEndWhatPassedBeforeIt) {
    GatedSession session;
    session.client(run("SELECT 1") + wire::flush());
    session.approve();
    session.server(answers("12C"));
    session.take_passed();
    session.client(run("DELETE FROM a") + wire::sync());
    session.refuse();
    EXPECT_EQ(session.told, held_error);
    EXPECT_EQ(session.passed, wire::sync());
    session.server(ready());
    EXPECT_FALSE(session.gate.lost());
}

// --- COPY

TEST(CommandGate, PassesCopyDataWhilePostgreSqlTakesIt) {
    GatedSession session;
    session.client(wire::query("COPY a FROM STDIN"));
    session.approve();
    session.take_passed();
    const std::string data = wire::copy_data("1\n") + wire::copy_data("2\n") + wire::copy_done();
    session.client(data);
    EXPECT_EQ(session.passed, "") << "it has not asked for any";
    session.server(copy_in);
    EXPECT_EQ(session.passed, data);
    session.server(complete("COPY 2") + ready());
    ASSERT_EQ(session.outcomes.size(), 1U);
    EXPECT_EQ(session.outcomes[0].completed[0].tag, "COPY 2");
}

TEST(CommandGate, DropsCopyDataThatNothingAskedFor) {
    GatedSession session;
    session.client(wire::copy_data("1\n") + wire::copy_done() + wire::query("SELECT 1"));
    EXPECT_EQ(session.passed, "");
    EXPECT_TRUE(session.asked);
}

TEST(CommandGate, LetsTheSyncPassThatACopyOfABatchNeeds) {
    GatedSession session;
    session.client(run("COPY a FROM STDIN") + wire::sync());
    session.approve();
    session.server(answers("12") + copy_in);
    session.take_passed();
    const std::string rest = wire::copy_data("1\n") + wire::copy_done() + wire::sync();
    session.client(rest);
    EXPECT_EQ(session.passed, rest) << "the Sync of the batch was ignored";
    session.server(complete("COPY 1") + ready());
    EXPECT_FALSE(session.gate.lost());
    session.client(wire::query("SELECT 1"));
    EXPECT_TRUE(session.asked);
}

TEST(CommandGate, TakesEitherAnswerToASyncThatMayHaveBeenReadAsCopyData) {
    for (const bool ignored : {true, false}) {
        GatedSession session;
        session.client(run("COPY a FROM STDIN") + wire::sync());
        session.approve();
        session.server(answers("12") + copy_in + report("P0001"));
        if (!ignored) session.server(ready());
        session.client(wire::sync());
        session.server(ready());
        EXPECT_FALSE(session.gate.lost()) << ignored;
        session.client(wire::query("SELECT 1"));
        EXPECT_TRUE(session.asked) << ignored;
    }
}

TEST(CommandGate, HoldsAQueryThatIsSentIntoACopy) {
    GatedSession session;
    session.client(wire::query("COPY a FROM STDIN"));
    session.approve();
    session.server(copy_in);
    session.take_passed();
    session.client(wire::query("DROP TABLE a") + wire::copy_data("1\n"));
    EXPECT_EQ(session.passed, "");
    EXPECT_FALSE(session.asked);
}

TEST(CommandGate, PassesBothWaysOfReplication) {
    GatedSession session;
    session.client(wire::query("START_REPLICATION 0/0"));
    session.approve();
    session.take_passed();
    session.server(wire::message('W', std::string("\0\0\0", 3)) + wire::copy_data("wal"));
    session.client(wire::copy_data("status") + wire::copy_done());
    EXPECT_EQ(session.passed, wire::copy_data("status") + wire::copy_done());
    session.server(wire::copy_data("wal") + wire::copy_done() + complete("COPY 0") + ready());
    EXPECT_FALSE(session.gate.lost());
}

TEST(CommandGate, WaitsForTheEndOfACopyOut) {
    GatedSession session;
    session.client(wire::query("COPY a TO STDOUT") + wire::query("SELECT 1"));
    session.approve();
    session.server(wire::message('H', std::string("\0\0\0", 3)) + wire::copy_data("1\n") + wire::copy_done());
    EXPECT_FALSE(session.asked);
    session.server(complete("COPY 1") + ready());
    EXPECT_TRUE(session.asked);
}

}  // namespace
}  // namespace curfew::postgres
