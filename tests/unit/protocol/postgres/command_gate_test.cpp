// What a client sends is held until it is decided, and PostgreSQL executes nothing else.
#include <gmock/gmock.h>

#include "gated_session.hpp"

namespace curfew::postgres {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// --- Simple requests

TEST(CommandGate, HoldsASimpleQueryUntilItIsDecided) {
    GatedSession session;
    session.client(wire::query("DELETE FROM a; SELECT 1"));
    EXPECT_EQ(session.passed, "");
    ASSERT_TRUE(session.asked);
    EXPECT_EQ(session.asked->form, HeldUnit::Form::query);
    EXPECT_THAT(session.asked_sql(), ElementsAre("DELETE FROM a; SELECT 1"));
    session.approve();
    EXPECT_EQ(session.passed, wire::query("DELETE FROM a; SELECT 1"));
    EXPECT_EQ(session.told, "");
}

TEST(CommandGate, AnswersARefusedQueryWithTheErrorAndTheStatusOfTheTransaction) {
    for (const char status : {'I', 'T', 'E'}) {
        GatedSession session;
        session.client(wire::query("BEGIN"));
        session.approve();
        session.server(complete("BEGIN") + ready(status));
        session.client(wire::query("DELETE FROM a"));
        session.refuse();
        EXPECT_EQ(session.told, held_error + ready(status));
        EXPECT_EQ(session.passed, wire::query("BEGIN"));
    }
}

TEST(CommandGate, GoesOnAfterARefusal) {
    GatedSession session;
    session.client(wire::query("DELETE FROM a"));
    session.refuse();
    session.client(wire::query("SELECT 1"));
    session.approve();
    EXPECT_EQ(session.passed, wire::query("SELECT 1"));
}

TEST(CommandGate, DecidesTheNextQueryOnlyOnceTheLastIsAnswered) {
    GatedSession session;
    session.client(wire::query("SELECT 1") + wire::query("SELECT 2"));
    session.approve();
    EXPECT_FALSE(session.asked);
    session.server(answers("TDC"));
    EXPECT_FALSE(session.asked);
    session.server(ready());
    EXPECT_THAT(session.asked_sql(), ElementsAre("SELECT 2"));
}

TEST(CommandGate, ShowsWhichFunctionACallIsOf) {
    GatedSession session;
    session.client(wire::message(
        'F', wire::int32(1299) + wire::int16(0) + wire::int16(1) + wire::int32(2) + "ab" + wire::int16(0)));
    ASSERT_TRUE(session.asked);
    EXPECT_EQ(session.asked->form, HeldUnit::Form::function);
    EXPECT_EQ(session.asked->function, 1299U);
    ASSERT_EQ(session.asked->statements.size(), 1U);
    EXPECT_EQ(session.asked->statements[0].parameters[0].value, "ab");
    session.approve();
    session.server(answers("VZ"));
    session.client(wire::query("SELECT 1"));
    EXPECT_TRUE(session.asked);
}

// --- The extended protocol

TEST(CommandGate, ShowsAStatementWithItsValues) {
    GatedSession session;
    const std::string parse = wire::message(
        'P', wire::cstring("") + wire::cstring("UPDATE a SET b = $1") + wire::int16(1) + wire::int32(23));
    session.client(parse + wire::bind("", "", {"5"}) + wire::execute("") + wire::sync());
    ASSERT_TRUE(session.asked);
    EXPECT_EQ(session.asked->form, HeldUnit::Form::extended);
    ASSERT_THAT(session.asked_sql(), ElementsAre("UPDATE a SET b = $1"));
    const auto& parameters = session.asked->statements[0].parameters;
    ASSERT_EQ(parameters.size(), 1U);
    EXPECT_EQ(parameters[0].value, "5");
    EXPECT_EQ(parameters[0].type, 23U);
    EXPECT_FALSE(parameters[0].binary);
}

TEST(CommandGate, ShowsWhichValuesAreBinaryAndWhichAreNull) {
    GatedSession session;
    const std::string bind = wire::message(
        'B', wire::cstring("") + wire::cstring("") + wire::int16(2) + wire::int16(1) + wire::int16(0) +
                 wire::int16(2) + wire::int32(1) + "\x07" + wire::int32(0xFFFFFFFF) + wire::int16(0));
    session.client(wire::parse("", "SELECT $1, $2") + bind + wire::execute("") + wire::sync());
    ASSERT_TRUE(session.asked);
    const auto& parameters = session.asked->statements[0].parameters;
    ASSERT_EQ(parameters.size(), 2U);
    EXPECT_TRUE(parameters[0].binary);
    EXPECT_EQ(parameters[0].value, "\x07");
    EXPECT_FALSE(parameters[1].binary);
    EXPECT_EQ(parameters[1].value, std::nullopt);
}

TEST(CommandGate, DecidesWhatComesUpToASyncAsOne) {
    GatedSession session;
    session.client(run("BEGIN") + run("DELETE FROM a"));
    EXPECT_FALSE(session.asked);
    session.client(wire::sync());
    EXPECT_THAT(session.asked_sql(), ElementsAre("BEGIN", "DELETE FROM a"));
    session.approve();
    EXPECT_EQ(session.passed, run("BEGIN") + run("DELETE FROM a") + wire::sync());
}

TEST(CommandGate, LetsPassWhatExecutesNothing) {
    GatedSession session;
    const std::string bytes =
        wire::parse("s", "SELECT 1") + describe_statement("s") + close_statement("s") + wire::sync();
    session.client(bytes);
    EXPECT_EQ(session.passed, bytes);
    EXPECT_FALSE(session.asked);
    session.server(wire::message('1') + wire::message('t', wire::int16(0)) + answers("n3Z"));
    EXPECT_FALSE(session.gate.lost());
    session.client(wire::sync() + wire::flush());
    EXPECT_FALSE(session.asked);
}

TEST(CommandGate, AsksForABindThoughNothingIsExecuted) {
    GatedSession session;
    session.client(wire::parse("", "SELECT f()") + wire::bind("", "") + wire::flush());
    EXPECT_THAT(session.asked_sql(), ElementsAre("SELECT f()")) << "planning may call functions";
}

TEST(CommandGate, DoesNotAskAgainForWhatIsExecutedOfAPortalThatWasDecided) {
    GatedSession session;
    session.client(wire::query("BEGIN"));
    session.approve();
    session.server(complete("BEGIN") + ready('T'));
    session.client(wire::parse("", "SELECT 1") + wire::bind("c", "") + wire::execute("c", 10) + wire::sync());
    session.approve();
    session.server(answers("12Ds") + ready('T'));
    session.client(wire::execute("c", 10) + wire::sync());
    EXPECT_FALSE(session.asked);
    EXPECT_THAT(session.passed, testing::EndsWith(wire::execute("c", 10) + wire::sync()));
}

TEST(CommandGate, ForgetsPortalsAtTheEndOfTheirTransaction) {
    GatedSession session;
    session.client(wire::parse("", "SELECT 1") + wire::bind("c", "") + wire::execute("c", 10) + wire::sync());
    session.approve();
    session.server(answers("12sZ"));
    session.client(wire::execute("c", 10) + wire::sync());
    EXPECT_THAT(session.told, HasSubstr("34000"));
}

TEST(CommandGate, RefusesABatchAndIsReadyAtItsSync) {
    GatedSession session;
    session.client(run("DELETE FROM a") + wire::sync());
    session.refuse();
    EXPECT_EQ(session.told, held_error + ready());
    EXPECT_EQ(session.passed, "");
}

TEST(CommandGate, DecidesEachBatchOfAPipelineInItsTurn) {
    GatedSession session;
    session.client(run("INSERT 1") + wire::sync() + run("INSERT 2") + wire::sync() + run("INSERT 3") +
                   wire::sync());
    EXPECT_THAT(session.asked_sql(), ElementsAre("INSERT 1"));
    session.approve();
    session.server(answers("12CZ"));
    EXPECT_THAT(session.asked_sql(), ElementsAre("INSERT 2"));
    session.refuse();
    EXPECT_THAT(session.asked_sql(), ElementsAre("INSERT 3"));
    session.approve();
    EXPECT_EQ(session.told, held_error + ready());
    EXPECT_EQ(session.passed, run("INSERT 1") + wire::sync() + run("INSERT 3") + wire::sync());
}

// --- What cannot pass

TEST(CommandGate, RefusesMalformedMessages) {
    const std::string no_limit = wire::message('E', wire::cstring(""));
    const std::string extra =
        wire::message('P', wire::cstring("") + wire::cstring("SELECT 1") + wire::int16(0) + "x");
    const std::string counts = wire::message('B', wire::cstring("") + wire::cstring("") + wire::int16(0) +
                                                      wire::int16(2) + wire::int32(1) + "a" + wire::int16(0));
    for (const std::string& bad : {no_limit, extra, counts}) {
        GatedSession session;
        session.prepare("", "SELECT 1");
        session.client(wire::bind("", "") + bad + wire::sync());
        EXPECT_THAT(session.told, HasSubstr("08P01")) << bad;
        EXPECT_EQ(session.passed, "");
    }
    GatedSession session;
    session.client(wire::message('Q', "SELECT 1"));
    EXPECT_THAT(session.told, HasSubstr("08P01"));
}

TEST(CommandGate, RefusesAQueryWithinABatch) {
    GatedSession session;
    session.client(run("SELECT 1") + wire::query("SELECT 2"));
    EXPECT_FALSE(session.asked);
    EXPECT_THAT(session.told, HasSubstr("08P01"));
    EXPECT_EQ(session.passed, "");
}

TEST(CommandGate, IsBrokenByWhatNoClientSends) {
    for (const std::string& bytes : {std::string("Q\0\0\0\3", 5), wire::message('z'), wire::message('p'),
                                     wire::message('S', "x"), wire::message('H', "x")}) {
        GatedSession session;
        session.client(bytes);
        EXPECT_TRUE(session.gate.broken());
        EXPECT_EQ(session.passed, "");
    }
}

TEST(CommandGate, LetsTerminatePassAndNothingBehindIt) {
    GatedSession session;
    session.client(run("DROP TABLE a") + wire::terminate() + wire::sync() + wire::query("DROP TABLE a"));
    EXPECT_EQ(session.passed, wire::terminate());
    EXPECT_FALSE(session.asked);
}

// --- Bounds

TEST(CommandGate, RefusesAUnitThatIsTooLongAndGoesOn) {
    CommandLimits limits;
    limits.unit_bytes = 1000;
    GatedSession session{limits};
    session.client_byte_by_byte(wire::query(std::string(2000, 'x')));
    EXPECT_THAT(session.take_told(), HasSubstr("54000"));
    session.client(run(std::string(600, 'x')) + run(std::string(600, 'y')) + wire::sync());
    EXPECT_THAT(session.told, HasSubstr("54000"));
    EXPECT_THAT(session.told, testing::EndsWith(ready()));
    EXPECT_FALSE(session.asked);
    session.client(wire::query("SELECT 1"));
    EXPECT_TRUE(session.asked);
}

TEST(CommandGate, CountsATextAsOftenAsItIsExecuted) {
    CommandLimits limits;
    limits.command_bytes = 1000;
    GatedSession session{limits};
    session.prepare("s", std::string(300, 'x'));
    std::string batch;
    for (int i = 0; i < 4; ++i)
        batch += run_prepared("s");
    session.client(batch + wire::sync());
    EXPECT_FALSE(session.asked);
    EXPECT_THAT(session.told, HasSubstr("54000"));
}

TEST(CommandGate, RemembersABoundedNumberOfNames) {
    CommandLimits limits;
    limits.names = 2;
    GatedSession session{limits};
    session.prepare("a", "SELECT 1");
    session.prepare("b", "SELECT 1");
    session.client(wire::parse("c", "SELECT 1") + wire::sync());
    EXPECT_THAT(session.take_told(), HasSubstr("54000"));
    session.client(close_statement("a") + wire::sync());
    session.server(answers("3Z"));
    session.client(wire::parse("c", "SELECT 1") + wire::sync());
    EXPECT_EQ(session.told, "");
}

TEST(CommandGate, RemembersABoundedNumberOfBytes) {
    CommandLimits limits;
    limits.remembered_bytes = 2000;
    GatedSession session{limits};
    session.prepare("a", std::string(1000, 'x'));
    session.client(wire::parse("b", std::string(1000, 'y')) + wire::sync());
    EXPECT_THAT(session.told, HasSubstr("54000"));
}

// --- Wind-down

TEST(CommandGate, RefusesWhatWouldBeginATransactionWithoutAsking) {
    GatedSession session;
    session.gate.refuse_transactions(no_transaction);
    session.client(wire::query("SELECT 1") + run("SELECT 2") + wire::sync());
    EXPECT_FALSE(session.asked);
    EXPECT_EQ(session.told, no_transaction + ready() + no_transaction + ready());
    session.gate.allow_transactions();
    session.client(wire::query("SELECT 1"));
    EXPECT_TRUE(session.asked);
}

TEST(CommandGate, AsksInAnOpenTransactionWhenNoOtherMayBegin) {
    GatedSession session;
    session.client(wire::query("BEGIN"));
    session.approve();
    session.server(complete("BEGIN") + ready('T'));
    session.gate.refuse_transactions(no_transaction);
    session.client(wire::query("COMMIT"));
    EXPECT_THAT(session.asked_sql(), ElementsAre("COMMIT"));
}

// --- What came of it

TEST(CommandGate, SaysWhatCameOfAQuery) {
    GatedSession session;
    session.client(wire::query("SELECT 1; DELETE FROM a"));
    session.approve();
    session.server(answers("TDDD") + complete("SELECT 3") + complete("DELETE 7"));
    EXPECT_THAT(session.outcomes, IsEmpty());
    session.server(ready());
    ASSERT_EQ(session.outcomes.size(), 1U);
    const UnitOutcome& outcome = session.outcomes[0];
    EXPECT_TRUE(outcome.answered);
    ASSERT_EQ(outcome.completed.size(), 2U);
    EXPECT_EQ(outcome.completed[0].tag, "SELECT 3");
    EXPECT_EQ(outcome.completed[0].rows, 3U);
    EXPECT_EQ(outcome.completed[1].tag, "DELETE 7");
    EXPECT_EQ(outcome.completed[1].rows, 0U);
}

TEST(CommandGate, SaysWhichErrorCameOfABatch) {
    GatedSession session;
    session.client(run("DELETE FROM a") + run("DELETE FROM b") + wire::sync());
    session.approve();
    session.server(answers("12") + complete("DELETE 1") + answers("12") +
                   report("23503", "still referenced") + ready());
    ASSERT_EQ(session.outcomes.size(), 1U);
    EXPECT_EQ(session.outcomes[0].completed.size(), 1U);
    EXPECT_EQ(session.outcomes[0].sqlstate, "23503");
    EXPECT_EQ(session.outcomes[0].message, "still referenced");
}

TEST(CommandGate, SaysAtTheEndWhatIsKnownOfAUnitThatIsNotAnswered) {
    GatedSession session;
    session.client(wire::query("DELETE FROM a"));
    session.approve();
    const auto known = session.gate.take_what_is_known();
    ASSERT_TRUE(known);
    EXPECT_FALSE(known->answered);
    EXPECT_FALSE(session.gate.take_what_is_known());
}

TEST(CommandGate, DoesTheSameForBytesThatComeOneByOne) {
    const std::string sent = wire::parse("s", "SELECT $1") + wire::sync() + run_prepared("s", {"5"}) +
                             wire::sync() + wire::query("COPY a FROM STDIN") + wire::copy_data("1\n") +
                             wire::copy_done() + wire::query("SELECT 2") + wire::terminate();
    std::vector<std::string> passed;
    for (const bool by_byte : {false, true}) {
        GatedSession session;
        by_byte ? session.client_byte_by_byte(sent) : session.client(sent);
        const auto server = [&](std::string_view bytes) {
            for (const char& byte : bytes)
                if (by_byte) session.server({&byte, 1});
            if (!by_byte) session.server(bytes);
        };
        server(answers("1Z"));
        session.approve();
        server(answers("2DCZ"));
        session.approve();
        server(copy_in);
        server(complete("COPY 1") + ready());
        EXPECT_THAT(session.asked_sql(), ElementsAre("SELECT 2"));
        session.refuse();
        EXPECT_EQ(session.told, held_error + ready());
        passed.push_back(session.passed);
    }
    EXPECT_EQ(passed[0], passed[1]);
    EXPECT_THAT(passed[0], testing::EndsWith(wire::copy_done() + wire::terminate()));
}

}  // namespace
}  // namespace curfew::postgres
