// What is not written down.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "recording/pipeline.hpp"
#include "transcript_fixture.hpp"

namespace curfew::recording {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

const Value left_out{Value::Form::redacted, "", 0};

Value text_of_wire(std::string_view bytes) {
    return {Value::Form::text, std::string{bytes}, bytes.size()};
}

RedactionRules with_cards() {
    RedactionRules rules;
    rules.statements = {{"(?i)into cards", {1}}};
    return rules;
}
RedactionRules with_pattern(std::string pattern) {
    RedactionRules rules;
    rules.patterns = {std::move(pattern)};
    return rules;
}

TEST(TranscriptRedaction, LeavesAPasswordOutOfAQueryAndOfItsLength) {
    Transcribed told;
    told.client(wire::query("ALTER ROLE bob PASSWORD 'hunter2'"));
    const std::string kept = "ALTER ROLE bob PASSWORD '[redacted]'";
    EXPECT_EQ(told.only<entry::Query>(), (entry::Query{kept, kept.size(), true}));
    EXPECT_EQ(told.running(), kept);
    EXPECT_EQ(told.transcript.last_statement(), kept);
}

TEST(TranscriptRedaction, LeavesOutWhatPostgresqlQuotesOfSuchAStatement) {
    Transcribed told;
    told.client(wire::query("ALTER ROLE bob PASSWORD 'hun'ter2''"));
    told.server(wire::report('N', "NOTICE", "00000", "ter2"));
    told.server(wire::error("42601", "syntax error at or near \"ter2\"", "ter2") + wire::ready('I'));
    const auto failed = told.only<entry::Failed>();
    EXPECT_EQ(failed.sqlstate, "42601");
    EXPECT_EQ(failed.message, "[redacted]");
    EXPECT_EQ(failed.detail, "[redacted]");
    EXPECT_EQ(told.only<entry::Notice>().message, "[redacted]");
}

// A secret that the cut goes through is found by no pattern.
TEST(TranscriptRedaction, LeavesOffTheEndOfWhatIsCut) {
    Transcribed told{with_pattern("[0-9]{16}")};
    const std::string sql =
        "INSERT INTO c VALUES ('" + std::string(Transcribed::limit - 33, 'x') + "4111111111111111')";
    told.client(wire::query(sql));
    const auto query = told.only<entry::Query>();
    EXPECT_EQ(query.sql, sql.substr(0, Transcribed::limit - Redactor::doubtful_end));
    EXPECT_EQ(query.size, sql.size());
    told.server(wire::error("22001", "value too long: 4111111111111111") + wire::ready('I'));
    EXPECT_EQ(told.only<entry::Failed>().message, "[redacted]") << "who knows what the rest held";
}

TEST(TranscriptRedaction, LeavesOffTheEndOfAValueThatIsCut) {
    Transcribed told{with_pattern("[0-9]{16}")};
    told.client(wire::parse("", "INSERT INTO c VALUES ($1, $2)"));
    const std::string note(Transcribed::limit, '7');
    told.client(wire::bind("", "", {"a note", std::string_view{note}}));
    const auto values = told.only<entry::Bind>().parameters;
    ASSERT_THAT(values, SizeIs(2));
    EXPECT_EQ(values[0], text_of_wire("a note")) << "it is whole";
    EXPECT_EQ(values[1].bytes.find("777"), std::string::npos);
}

TEST(TranscriptRedaction, LeavesAllParametersOutOfAStatementThatIsCut) {
    Transcribed told{with_cards()};
    told.client(wire::parse("s", std::string(Transcribed::limit, ' ') + "INSERT INTO cards VALUES ($1, $2)"));
    told.client(wire::bind("", "s", {"4111", "bob"}));
    EXPECT_THAT(told.only<entry::Bind>().parameters, ElementsAre(left_out, left_out));
}

TEST(TranscriptRedaction, LeavesParametersOutWhateverTheirForm) {
    Transcribed told{with_cards()};
    told.client(wire::parse("s", "INSERT INTO cards VALUES ($1, $2)"));
    told.client(wire::bind("", "s", {"4111", "bob"}, {1, 0}) + wire::bind("", "s", {std::nullopt, "bob"}));
    const auto binds = told.all<entry::Bind>();
    ASSERT_THAT(binds, SizeIs(2));
    EXPECT_THAT(binds[0].parameters, ElementsAre(left_out, text_of_wire("bob")));
    EXPECT_THAT(binds[1].parameters, ElementsAre(left_out, text_of_wire("bob"))) << "nor that it is NULL";
}

TEST(TranscriptRedaction, LeavesOutAParameterThatAnErrorQuotes) {
    Transcribed told{with_cards()};
    told.client(wire::parse("s", "INSERT INTO cards VALUES ($1, $2)") + wire::bind("", "s", {"4111", "bob"}) +
                wire::execute() + wire::sync());
    told.server(wire::parse_complete() + wire::bind_complete());
    told.server(wire::error("23505", "duplicate key", "Key (card)=(4111) already exists.") +
                wire::ready('I'));
    EXPECT_EQ(told.only<entry::Failed>().detail, "[redacted]");
    EXPECT_EQ(told.only<entry::Failed>().message, "[redacted]");
    told.entries.clear();
    told.client(wire::bind("", "s", {"41x1", "bob"}) + wire::execute() + wire::sync());
    told.server(wire::error("22P02", "invalid input syntax for type integer: \"41x1\"") + wire::ready('I'));
    EXPECT_EQ(told.only<entry::Failed>().message, "[redacted]") << "of the Bind, too";
}

TEST(TranscriptRedaction, LeavesOutRowsOfStatementsWithParametersThatAreLeftOut) {
    Transcribed told{with_cards(), true};
    told.client(run_extended("INSERT INTO cards VALUES ($1) RETURNING card", {"4111"}) + wire::sync());
    told.server(parsed_and_bound() + wire::data_row({"4111"}) + wire::complete("INSERT 0 1") +
                wire::ready('I'));
    EXPECT_THAT(told.only<entry::Row>().values, ElementsAre(left_out));
    told.entries.clear();
    told.client(wire::query("SELECT 1")).server(wire::row_description({"a"}) + wire::data_row({"1"}));
    EXPECT_THAT(told.only<entry::Row>().values, ElementsAre(text_of_wire("1"))) << "of others they are kept";
}

TEST(TranscriptRedaction, LeavesOutAllParametersOfAStatementThatIsNotKnown) {
    Transcribed told{with_cards()};
    told.client(wire::bind("", "prepared by SQL", {"4111", "bob"}));
    EXPECT_THAT(told.only<entry::Bind>().parameters, ElementsAre(left_out, left_out));
    Transcribed without_rules;
    without_rules.client(wire::bind("", "prepared by SQL", {"4111"}));
    EXPECT_THAT(without_rules.only<entry::Bind>().parameters, ElementsAre(text_of_wire("4111")));
}

TEST(TranscriptRedaction, AppliesTheRulesOfTheStatementThatIsRunNotOfOneThatFailed) {
    Transcribed told{with_cards()};
    told.client(wire::parse("s", "INSERT INTO cards VALUES ($1)") + wire::sync());
    told.server(wire::parse_complete() + wire::ready('I'));
    told.client(wire::parse("s", "SELECT $1") + wire::sync());
    told.server(wire::error("42P05", "already exists") + wire::ready('I'));
    told.client(wire::bind("", "s", {"4111"}));
    EXPECT_THAT(told.only<entry::Bind>().parameters, ElementsAre(left_out));
}

TEST(TranscriptRedaction, AppliesPatternsToWhateverIsText) {
    Transcribed told{with_pattern("[0-9]{4}"), true};
    told.client(run_extended("SELECT $1 -- 1234", {"card 4111 of 10"}) + wire::sync());
    told.server(parsed_and_bound() + wire::message('S', wire::text("n") + wire::text("1234")));
    told.server(wire::message('A', wire::u32(1) + wire::text("c") + wire::text("1234")));
    EXPECT_EQ(told.only<entry::Parse>().sql, "SELECT $1 -- [redacted]");
    EXPECT_THAT(told.only<entry::Bind>().parameters, ElementsAre(text_of_wire("card [redacted] of 10")));
    EXPECT_EQ(told.only<entry::ParameterChanged>().value, "[redacted]");
    EXPECT_EQ(told.only<entry::Notified>().payload, "[redacted]");
    told.server(wire::complete("SELECT 1") + wire::ready('I'));
    told.client(wire::query("SELECT card FROM t")).server(wire::row_description({"card"}));
    told.server(wire::data_row({"4111"}) + wire::error("22000", "4111 x", "y 4111"));
    EXPECT_THAT(told.only<entry::Row>().values, ElementsAre(left_out)) << "all of it matched";
    EXPECT_EQ(told.only<entry::Failed>().message, "[redacted] x");
    EXPECT_EQ(told.only<entry::Failed>().detail, "y [redacted]");
}

TEST(TranscriptRedaction, TrustsNoNameAndNoRequestBehindAGap) {
    Transcribed told{with_cards()};
    told.client(wire::parse("s", "SELECT $1") + wire::sync());
    told.server(wire::parse_complete() + wire::ready('I'));
    told.transcript.missed("a part", 100, told.now);
    told.client(wire::bind("", "s", {"4111"}));
    EXPECT_THAT(told.only<entry::Bind>().parameters, ElementsAre(left_out)) << "it may be another by now";
    told.transcript.missed("a part", 100, told.now);
    told.server(wire::error("23505", "4111"));
    EXPECT_EQ(told.only<entry::Failed>().message, "[redacted]") << "it may be of a statement that was missed";
}

TEST(TranscriptRedaction, AppliesPatternsToTheParametersOfTheStartupMessage) {
    Transcribed told{with_pattern("token=([^ ]+)")};
    entry::Started facts;
    facts.parameters = {{"options", "-c app.token=hunter2"}, {"user", "bob"}};
    told.transcript.started(facts);
    facts.parameters["options"] = "-c app.token=[redacted]";
    EXPECT_EQ(told.only<entry::Started>(), facts);
}

// So many that they are not remembered one by one.
void ask_too_much(Transcribed& told, std::string_view parameter) {
    told.client(wire::parse("s", "INSERT INTO cards VALUES ($1)"));
    for (std::size_t i = 0; i < Pipeline::most_requests; ++i)
        told.client(wire::bind("", "s", {parameter}));
}

TEST(TranscriptRedaction, LeavesOutWhatErrorsQuoteOfRequestsThatWereTooManyToRemember) {
    Transcribed told{with_cards()};
    ask_too_much(told, "4111");
    told.client(wire::sync()).server(wire::parse_complete() + wire::error("22P02", "4111"));
    EXPECT_EQ(told.only<entry::Failed>().message, "[redacted]");
    told.entries.clear();
    told.server(wire::ready('I')).client(wire::query("SELECT x")).server(wire::error("42703", "no x"));
    EXPECT_EQ(told.only<entry::Failed>().message, "no x") << "of what came afterwards it is kept";
}

TEST(TranscriptRedaction, AwaitsTheEndOfABatchOfWhichNotAllIsRemembered) {
    Transcribed told{with_cards()};
    told.client(wire::sync());
    ask_too_much(told, "4111");
    told.server(wire::ready('I') + wire::parse_complete() + wire::error("22P02", "4111"));
    EXPECT_EQ(told.only<entry::Failed>().message, "[redacted]");
}

TEST(TranscriptRedaction, LeavesOutWhatAReasonForFailingACopyQuotes) {
    Transcribed told{with_pattern("[0-9]{4}")};
    told.client(wire::query("COPY t FROM STDIN")).server(wire::copy_response('G'));
    told.client(wire::copy_fail("bad row 4111")).server(wire::error("57014", "failed: bad row 4111"));
    EXPECT_EQ(told.only<entry::CopyEnded>().failed, "bad row [redacted]");
    EXPECT_EQ(told.only<entry::Failed>().message, "failed: bad row [redacted]");
}

}  // namespace
}  // namespace curfew::recording
