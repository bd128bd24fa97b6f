// A name runs only what was shown of it: prepared statements and portals.
#include <gmock/gmock.h>

#include "gated_session.hpp"

namespace curfew::postgres {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// --- Names

TEST(CommandGate, KnowsTheTextOfAStatementThatWasPreparedBefore) {
    GatedSession session;
    session.prepare("s", "DELETE FROM a WHERE b = $1");
    session.client(run_prepared("s", {"5"}) + wire::sync());
    EXPECT_THAT(session.asked_sql(), ElementsAre("DELETE FROM a WHERE b = $1"));
    session.approve();
    session.server(answers("2CZ"));
    session.client(run_prepared("s", {"6"}) + wire::sync());
    ASSERT_THAT(session.asked_sql(), ElementsAre("DELETE FROM a WHERE b = $1"));
    EXPECT_EQ(session.asked->statements[0].parameters[0].value, "6");
}

TEST(CommandGate, KeepsTheTextOfANameWhoseSecondParseFails) {
    GatedSession session;
    session.prepare("s", "DROP TABLE a");
    session.client(wire::parse("s", "SELECT 1") + wire::sync());
    session.server(report("42P05") + ready());
    session.client(run_prepared("s") + wire::sync());
    EXPECT_THAT(session.asked_sql(), ElementsAre("DROP TABLE a"));
}

TEST(CommandGate, TakesTheLastTextOfANameWithinABatch) {
    GatedSession session;
    session.prepare("s", "SELECT 1");
    session.client(close_statement("s") + wire::parse("s", "DROP TABLE a") + run_prepared("s") +
                   wire::sync());
    EXPECT_THAT(session.asked_sql(), ElementsAre("DROP TABLE a"));
    session.approve();
    session.server(answers("312CZ"));
    session.client(run_prepared("s") + wire::sync());
    EXPECT_THAT(session.asked_sql(), ElementsAre("DROP TABLE a"));
}

TEST(CommandGate, KnowsWhichOfTwoStatementsAPortalWasBoundTo) {
    GatedSession session;
    session.client(wire::parse("", "SELECT 1") + wire::bind("", "") + wire::parse("", "DROP TABLE a") +
                   wire::execute("") + wire::sync());
    EXPECT_THAT(session.asked_sql(), ElementsAre("SELECT 1"));
}

TEST(CommandGate, RefusesANameThatItHasNotSeenTheTextOf) {
    GatedSession session;
    session.client(wire::query("PREPARE s AS DROP TABLE a"));
    session.approve(true);
    session.server(complete("PREPARE") + ready());
    session.client(run_prepared("s") + wire::sync());
    EXPECT_FALSE(session.asked);
    EXPECT_THAT(session.told, HasSubstr("26000"));
    EXPECT_THAT(session.told, testing::EndsWith(ready()));
}

TEST(CommandGate, RefusesAStatementThatWasClosed) {
    GatedSession session;
    session.prepare("s", "SELECT 1");
    session.client(close_statement("s") + wire::sync());
    session.server(answers("3Z"));
    session.client(run_prepared("s") + wire::sync());
    EXPECT_THAT(session.told, HasSubstr("26000"));
}

TEST(CommandGate, ForgetsTheUnnamedStatementWithASimpleQuery) {
    GatedSession session;
    session.prepare("", "SELECT 1");
    session.client(wire::query("SELECT 2"));
    session.approve();
    session.server(answers("TDCZ"));
    session.client(run_prepared("") + wire::sync());
    EXPECT_THAT(session.told, HasSubstr("26000"));
}

TEST(CommandGate, ForgetsTheUnnamedStatementWithAParseThatFails) {
    GatedSession session;
    session.prepare("", "SELECT 1");
    session.client(wire::parse("", "nonsense") + wire::sync());
    session.server(report("42601") + ready());
    session.client(run_prepared("") + wire::sync());
    EXPECT_THAT(session.told, HasSubstr("26000"));
}

TEST(CommandGate, ForgetsWhatWasPreparedAfterACommandThatMayChangeIt) {
    for (const bool by_tag : {false, true}) {
        GatedSession session;
        session.prepare("s", "SELECT 1");
        session.client(wire::query("anything"));
        session.approve(!by_tag);
        session.server(complete(by_tag ? "DEALLOCATE" : "SELECT 1") + ready());
        session.client(run_prepared("s") + wire::sync());
        EXPECT_THAT(session.told, HasSubstr("26000")) << by_tag;
    }
}

TEST(CommandGate, ForgetsWhatWasPreparedWhenItIsToldTo) {
    GatedSession session;
    session.prepare("s", "SELECT 1");
    session.gate.forget_prepared();
    session.client(run_prepared("s") + wire::sync());
    EXPECT_THAT(session.told, HasSubstr("26000"));
}

TEST(CommandGate, SaysWhatStandsBetweenAStatementAndItsParse) {
    GatedSession session;
    session.prepare("s", "SELECT 1");
    session.client(run("DEALLOCATE s") + run("PREPARE s AS DROP TABLE a") + run_prepared("s") + wire::sync());
    ASSERT_EQ(session.asked->statements.size(), 3U);
    EXPECT_EQ(session.asked->statements[0].prepared_after, 0U);
    EXPECT_EQ(session.asked->statements[1].prepared_after, 1U);
    EXPECT_EQ(session.asked->statements[2].prepared_after, 0U) << "both may have changed what `s` is";
}

TEST(CommandGate, ShowsAPortalAgainThatOthersRanBefore) {
    GatedSession session;
    session.client(wire::parse("a", "SELECT 1") + wire::bind("c", "a") + run("CLOSE c") +
                   run("DECLARE c CURSOR FOR SELECT 2") + wire::execute("c") + wire::sync());
    EXPECT_THAT(session.asked_sql(),
                ElementsAre("SELECT 1", "CLOSE c", "DECLARE c CURSOR FOR SELECT 2", "SELECT 1"));
    EXPECT_EQ(session.asked->statements[3].prepared_after, 0U);
}

TEST(CommandGate, ForgetsPortalsWithCursorsOfTheirNames) {
    GatedSession session;
    session.client(wire::query("BEGIN"));
    session.approve();
    session.server(complete("BEGIN") + ready('T'));
    session.client(wire::parse("", "SELECT 1") + wire::bind("c", "") + wire::execute("c", 1) + wire::sync());
    session.approve();
    session.server(answers("12Ds") + ready('T'));
    session.client(wire::query("CLOSE c"));
    session.approve();
    session.server(complete("CLOSE CURSOR") + ready('T'));
    session.client(wire::execute("c", 1) + wire::sync());
    EXPECT_THAT(session.told, HasSubstr("34000"));
    EXPECT_THAT(session.told, testing::EndsWith(ready('T')));
}

}  // namespace
}  // namespace curfew::postgres
