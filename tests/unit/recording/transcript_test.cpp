// What is written down of what is asked and answered.
#include "recording/transcript.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>

#include "recording/pipeline.hpp"
#include "transcript_fixture.hpp"

namespace curfew::recording {
namespace {

using namespace std::chrono_literals;
using namespace std::string_view_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Value text_value(std::string_view bytes) {
    return {Value::Form::text, std::string{bytes}, bytes.size()};
}

TEST(Transcript, WritesAQueryAndHowItWent) {
    Transcribed told;
    told.after(1ms).client(wire::query("SELECT 1"));
    told.after(2ms).server(wire::row_description({"?column?"}) + wire::data_row({"1"}) +
                           wire::data_row({"22"}));
    told.after(3ms).server(wire::complete("SELECT 2") + wire::ready('I'));
    const entry::Completed completed{"SELECT 2", false, 2, 7 + 8, 0, 5ms};
    EXPECT_THAT(told.entries, ElementsAre(Entry{1ms, entry::Query{"SELECT 1", 8, false}},
                                          Entry{6ms, completed}, Entry{6ms, entry::Ready{'I'}}));
}

TEST(Transcript, WritesWhatItIsStartedWith) {
    Transcribed told;
    entry::Started facts;
    facts.user = "bob";
    told.transcript.started(facts);
    EXPECT_THAT(told.entries, ElementsAre(Entry{0us, facts}));
}

TEST(Transcript, WritesParseBindAndExecute) {
    Transcribed told;
    told.client(wire::parse("s1", "SELECT $1, $2", {23, 0}) + wire::bind("p1", "s1", {"42", std::nullopt}) +
                wire::execute("p1", 10) + wire::sync());
    EXPECT_EQ(told.only<entry::Parse>(), (entry::Parse{"s1", "SELECT $1, $2", 13, false, {23, 0}}));
    EXPECT_EQ(told.only<entry::Bind>(), (entry::Bind{"p1", "s1", {text_value("42"), Value{}}}));
    EXPECT_EQ(told.only<entry::Execute>(), (entry::Execute{"p1", "s1", 10}));
}

TEST(Transcript, NamesTheStatementThatAPortalWasBoundTo) {
    Transcribed told;
    told.client(wire::parse("s1", "SELECT 1") + wire::parse("s2", "SELECT 2") + wire::bind("", "s1") +
                wire::bind("p", "s2") + wire::execute() + wire::execute("p"));
    const auto executes = told.all<entry::Execute>();
    ASSERT_THAT(executes, SizeIs(2));
    EXPECT_EQ(executes[0].statement, "s1");
    EXPECT_EQ(executes[1].statement, "s2");
    EXPECT_EQ(told.transcript.last_statement(), "SELECT 2");
}

TEST(Transcript, KeepsABinaryValueAsItCame) {
    Transcribed told;
    told.client(wire::bind("", "", {"\0\0\0\7"sv, "text"}, {1, 0}));
    EXPECT_THAT(told.only<entry::Bind>().parameters,
                ElementsAre(Value{Value::Form::binary, std::string{"\0\0\0\7"sv}, 4}, text_value("text")));
}

TEST(Transcript, SaysHowLongAStatementWasThatIsCut) {
    Transcribed told;
    const std::string sql = "SELECT '" + std::string(Transcribed::limit * 2, 'x') + "'";
    told.client(wire::query(sql));
    const auto query = told.only<entry::Query>();
    EXPECT_EQ(query.sql, sql.substr(0, Transcribed::limit));
    EXPECT_EQ(query.size, sql.size());
}

TEST(Transcript, SaysWhichValuesOfABindAreBeyondTheBound) {
    Transcribed told;
    const std::string large(Transcribed::limit, 'x');
    told.client(wire::bind("", "", {"short", large, "third"}));
    const auto parameters = told.only<entry::Bind>().parameters;
    ASSERT_THAT(parameters, SizeIs(2));
    EXPECT_EQ(parameters[1].size, large.size());
    EXPECT_LT(parameters[1].bytes.size(), large.size());
    EXPECT_THAT(told.only<entry::Gap>().what, ::testing::StartsWith("1 of 3 values of a Bind"));
}

TEST(Transcript, WritesAFunctionCallAndItsAnswer) {
    Transcribed told;
    told.client(wire::function_call(1598, {"1"}));
    EXPECT_EQ(told.only<entry::FunctionCall>(), (entry::FunctionCall{1598, {text_value("1")}}));
    EXPECT_EQ(told.running(), "(function 1598)");
    told.after(4us).server(wire::message('V', wire::u32(0xFFFFFFFFU)) + wire::ready('I'));
    EXPECT_EQ(told.only<entry::Completed>(), (entry::Completed{"FUNCTION CALL", false, 0, 0, 0, 4us}));
}

TEST(Transcript, WritesAnErrorWithWhatItSays) {
    Transcribed told;
    told.client(wire::query("INSERT INTO t VALUES (1)"));
    told.after(7us).server(wire::error("23505", "duplicate key", "Key (id)=(1) already exists.") +
                           wire::ready('I'));
    EXPECT_EQ(told.only<entry::Failed>(),
              (entry::Failed{"ERROR", "23505", "duplicate key", "Key (id)=(1) already exists.", "", 7us}));
}

TEST(Transcript, WritesWhatComesUnasked) {
    Transcribed told;
    told.server(wire::report('N', "NOTICE", "00000", "hello"));
    told.server(wire::message('A', wire::u32(7) + wire::text("jobs") + wire::text("done")));
    told.server(wire::message('S', wire::text("TimeZone") + wire::text("UTC")));
    EXPECT_EQ(told.only<entry::Notice>(), (entry::Notice{"NOTICE", "00000", "hello", false}));
    EXPECT_EQ(told.only<entry::Notified>(), (entry::Notified{"jobs", "done"}));
    EXPECT_EQ(told.only<entry::ParameterChanged>(), (entry::ParameterChanged{"TimeZone", "UTC"}));
}

TEST(Transcript, WritesWhatCurfewSaysAndMissesItself) {
    Transcribed told;
    told.after(1ms).transcript.said("NOTICE", "01000", "5 minutes left", told.now);
    told.transcript.cancel_asked(told.now);
    told.transcript.missed("a part", 12, told.now);
    EXPECT_THAT(told.entries,
                ElementsAre(Entry{1ms, entry::Notice{"NOTICE", "01000", "5 minutes left", true}},
                            Entry{1ms, entry::CancelAsked{}}, Entry{1ms, entry::Gap{"a part", 12}}));
}

TEST(Transcript, EndsWithWhatWasAskedForLast) {
    Transcribed told;
    told.client(wire::query("SELECT 1"));
    entry::Ended ending;
    ending.outcome = policy::TransactionOutcome::unknown;
    told.transcript.ended(ending, told.now);
    EXPECT_EQ(told.only<entry::Ended>().last_statement, "SELECT 1");
}

TEST(Transcript, TellsASuspendedPortalAndAnEmptyQuery) {
    Transcribed told;
    told.client(run_extended("SELECT 1") + wire::sync()).server(parsed_and_bound() + wire::data_row({"1"}));
    told.server(wire::message('s') + wire::ready('T'));
    EXPECT_EQ(told.only<entry::Completed>(), (entry::Completed{"", true, 1, 7, 0, 0us}));
    told.entries.clear();
    told.client(wire::query("")).server(wire::message('I') + wire::ready('T'));
    EXPECT_EQ(told.only<entry::Completed>(), (entry::Completed{"", false, 0, 0, 0, 0us}));
    EXPECT_EQ(told.only<entry::Ready>(), entry::Ready{'T'});
}

// --- What runs now

TEST(Transcript, KnowsWhatRunsNowAndSinceWhen) {
    Transcribed told;
    EXPECT_EQ(told.running(), "nothing");
    told.after(1ms).client(wire::query("SELECT pg_sleep(9)"));
    const BootInstant asked = told.now;
    told.after(2ms).server(wire::row_description({"pg_sleep"}));
    EXPECT_EQ(told.running(), "SELECT pg_sleep(9)");
    EXPECT_EQ(told.transcript.running()->since, asked);
    told.server(wire::data_row({""}) + wire::complete("SELECT 1") + wire::ready('I'));
    EXPECT_EQ(told.running(), "nothing");
    EXPECT_EQ(told.transcript.last_statement(), "SELECT pg_sleep(9)");
}

TEST(Transcript, KnowsWhichOfAPipelineRuns) {
    Transcribed told;
    told.client(run_extended("SELECT 1") + run_extended("SELECT 2") + wire::sync());
    EXPECT_EQ(told.running(), "SELECT 1");
    told.server(parsed_and_bound() + wire::complete("SELECT 1"));
    EXPECT_EQ(told.running(), "SELECT 2");
    told.server(parsed_and_bound() + wire::complete("SELECT 1"));
    EXPECT_EQ(told.running(), "nothing");
}

TEST(Transcript, ShowsNoMoreOfAStatementThanIsShown) {
    Transcribed told;
    const std::string sql = std::string(Transcript::longest_shown - 1, 'x') + "\xc3\xa9";
    told.client(wire::query(sql));
    EXPECT_EQ(told.running(), sql.substr(0, Transcript::longest_shown - 1)) << "not half a character";
}

// --- Pipelines

TEST(Transcript, MeasuresEachStatementOfAPipeline) {
    Transcribed told;
    told.client(run_extended("SELECT 1")).after(1ms).client(run_extended("SELECT 2") + wire::sync());
    told.after(1ms).server(parsed_and_bound() + wire::complete("SELECT 1"));
    told.after(5ms).server(parsed_and_bound() + wire::complete("SELECT 1") + wire::ready('I'));
    const auto completed = told.all<entry::Completed>();
    ASSERT_THAT(completed, SizeIs(2));
    EXPECT_EQ(completed[0].took, 2ms);
    EXPECT_EQ(completed[1].took, 6ms);
}

TEST(Transcript, SkipsAsPostgresqlDoesWhatFollowsAnErrorUpToSync) {
    Transcribed told;
    told.client(run_extended("SELECT 1") + run_extended("SELECT 2") + wire::sync() +
                run_extended("SELECT 3") + wire::sync());
    told.server(parsed_and_bound() + wire::error("22012", "division by zero"));
    EXPECT_EQ(told.running(), "SELECT 3");
    told.server(wire::ready('I') + parsed_and_bound() + wire::complete("SELECT 1"));
    EXPECT_EQ(told.running(), "nothing");
}

TEST(Transcript, SkipsWhatIsSentBetweenAnErrorAndSync) {
    Transcribed told;
    told.client(run_extended("SELECT 1") + wire::flush()).server(wire::error("42601", "syntax error"));
    told.client(run_extended("SELECT 2"));
    EXPECT_EQ(told.running(), "nothing");
    told.client(wire::sync() + run_extended("SELECT 3") + wire::sync());
    EXPECT_EQ(told.running(), "SELECT 3");
    told.server(wire::ready('I'));
    EXPECT_EQ(told.running(), "SELECT 3");
}

TEST(Transcript, KeepsWhatANameStoodForWhereItsParseFailed) {
    Transcribed told;
    told.client(wire::parse("s", "DROP TABLE t") + wire::sync());
    told.server(wire::parse_complete() + wire::ready('I'));
    told.client(wire::parse("s", "SELECT 1") + wire::sync());
    told.server(wire::error("42P05", "prepared statement \"s\" already exists") + wire::ready('I'));
    told.client(wire::bind("", "s") + wire::execute() + wire::sync());
    EXPECT_EQ(told.running(), "DROP TABLE t") << "PostgreSQL runs that";
}

TEST(Transcript, KeepsWhatANameStoodForWhereItsParseWasSkipped) {
    Transcribed told;
    told.client(wire::parse("s", "DROP TABLE t") + wire::sync());
    told.server(wire::parse_complete() + wire::ready('I'));
    told.client(wire::close('S', "x") + wire::describe('S', "y") + wire::close('S', "s") +
                wire::parse("s", "SELECT 1") + wire::sync());
    told.server(wire::close_complete() + wire::error("26000", "does not exist") + wire::ready('I'));
    told.client(wire::bind("", "s") + wire::execute() + wire::sync());
    EXPECT_EQ(told.running(), "DROP TABLE t");
}

TEST(Transcript, ForgetsAClosedStatement) {
    Transcribed told;
    told.client(wire::parse("s", "SELECT 1") + wire::close('S', "s") + wire::bind("", "s") + wire::execute());
    EXPECT_EQ(told.only<entry::Execute>().statement, "s");
    EXPECT_THAT(told.running(), ::testing::HasSubstr("not known"));
}

TEST(Transcript, CutsNamesAsPostgresqlDoes) {
    Transcribed told;
    const std::string name(80, 'n');
    told.client(wire::parse(name, "SELECT 1") + wire::bind("", name.substr(0, 63)) + wire::execute());
    EXPECT_EQ(told.running(), "SELECT 1");
}

TEST(Transcript, ForgetsTheOldestOfTooManyStatements) {
    Transcribed told;
    for (std::size_t i = 0; i <= Pipeline::most_names; ++i) {
        told.client(wire::parse("s" + std::to_string(i), "SELECT 1") + wire::sync());
        told.server(wire::parse_complete() + wire::ready('I'));
    }
    told.client(wire::bind("", "s0") + wire::execute() + wire::sync());
    EXPECT_THAT(told.running(), ::testing::HasSubstr("not known"));
    told.server(wire::bind_complete() + wire::complete("SELECT 1") + wire::ready('I'));
    told.client(wire::bind("", "s5") + wire::execute() + wire::sync());
    EXPECT_EQ(told.running(), "SELECT 1");
}

TEST(Transcript, GoesOnBehindAPipelineThatIsTooLong) {
    Transcribed told;
    const std::size_t many = Pipeline::most_requests + 5;
    for (std::size_t i = 0; i < many; ++i)
        told.client(wire::query("SELECT 1"));
    EXPECT_EQ(told.running(), "nothing") << "nothing is known any more";
    for (std::size_t i = 0; i < many; ++i)
        told.server(wire::complete("SELECT 1") + wire::ready('I'));
    EXPECT_THAT(told.all<entry::Completed>(), SizeIs(many)) << "but everything is written";
    told.client(wire::query("SELECT 2"));
    EXPECT_EQ(told.running(), "SELECT 2");
}

// --- COPY

TEST(Transcript, CountsWhatIsCopiedIn) {
    Transcribed told;
    told.client(wire::query("COPY t FROM STDIN")).server(wire::copy_response('G'));
    told.client(wire::copy_data("1\n") + wire::copy_data("22\n") + wire::copy_done());
    told.server(wire::complete("COPY 2") + wire::ready('I'));
    using Direction = entry::CopyStarted::Direction;
    EXPECT_EQ(told.only<entry::CopyStarted>().direction, Direction::in);
    EXPECT_EQ(told.only<entry::CopyEnded>(), (entry::CopyEnded{Direction::in, 5, 2, ""}));
    EXPECT_EQ(told.only<entry::Completed>().tag, "COPY 2");
}

TEST(Transcript, CountsWhatIsCopiedOut) {
    Transcribed told;
    told.client(wire::query("COPY t TO STDOUT")).server(wire::copy_response('H'));
    told.server(wire::copy_data("1\n") + wire::copy_done() + wire::complete("COPY 1") + wire::ready('I'));
    EXPECT_EQ(told.only<entry::CopyEnded>(),
              (entry::CopyEnded{entry::CopyStarted::Direction::out, 2, 1, ""}));
}

TEST(Transcript, CountsBothWaysOfAReplication) {
    Transcribed told;
    told.client(wire::query("START_REPLICATION SLOT s LOGICAL 0/0")).server(wire::copy_response('W'));
    told.server(wire::copy_data("abc")).client(wire::copy_data("de") + wire::copy_done());
    told.server(wire::copy_done() + wire::complete("COPY 0") + wire::ready('I'));
    EXPECT_EQ(told.only<entry::CopyEnded>(),
              (entry::CopyEnded{entry::CopyStarted::Direction::both, 5, 2, ""}));
}

TEST(Transcript, SaysWhyAClientFailedItsCopy) {
    Transcribed told;
    told.client(wire::query("COPY t FROM STDIN")).server(wire::copy_response('G'));
    told.client(wire::copy_data("1\n") + wire::copy_fail("no more"));
    told.server(wire::error("57014", "COPY from stdin failed") + wire::ready('I'));
    EXPECT_EQ(told.only<entry::CopyEnded>().failed, "no more");
    EXPECT_EQ(told.only<entry::Failed>().sqlstate, "57014");
}

TEST(Transcript, CountsDataThatWasSentBeforeTheCopyBegan) {
    Transcribed told;
    told.client(run_extended("COPY t FROM STDIN") + wire::copy_data("1\n") + wire::copy_done() +
                wire::sync());
    told.server(parsed_and_bound() + wire::copy_response('G') + wire::complete("COPY 1") + wire::ready('I'));
    EXPECT_EQ(told.only<entry::CopyEnded>().bytes, 2U);
    EXPECT_EQ(told.running(), "nothing");
}

TEST(Transcript, IgnoresASyncWithinACopyAsPostgresqlDoes) {
    Transcribed told;
    told.client(run_extended("COPY t FROM STDIN") + wire::sync());
    told.server(parsed_and_bound() + wire::copy_response('G'));
    told.client(wire::sync() + wire::copy_data("1\n") + wire::copy_done() + wire::sync());
    told.server(wire::complete("COPY 1") + wire::ready('I'));
    told.client(wire::query("SELECT 1"));
    EXPECT_EQ(told.running(), "SELECT 1");
}

TEST(Transcript, EndsACopyWithTheSession) {
    Transcribed told;
    told.client(wire::query("COPY t FROM STDIN")).server(wire::copy_response('G'));
    told.client(wire::copy_data("1\n") + wire::copy_done());
    told.transcript.ended({}, told.now);
    EXPECT_EQ(told.only<entry::CopyEnded>().messages, 1U);
}

// --- In full

TEST(Transcript, WritesRowsInFull) {
    Transcribed told{{}, true};
    told.client(wire::query("SELECT 1, NULL"));
    told.server(wire::row_description({"a", "b"}) + wire::data_row({"1", std::nullopt}));
    told.server(wire::complete("SELECT 1") + wire::ready('I'));
    EXPECT_THAT(told.only<entry::Columns>().names, ElementsAre("a", "b"));
    EXPECT_THAT(told.only<entry::Row>().values, ElementsAre(text_value("1"), Value{}));
    EXPECT_EQ(told.only<entry::Completed>().rows_kept, 1U);
}

TEST(Transcript, CountsTheRowsBeyondTheBound) {
    Transcribed told{{}, true};
    const std::string row = wire::data_row({std::string(94, 'x')});  // a body of 100 bytes
    told.client(wire::query("SELECT")).server(wire::row_description({"a"}) + row + row + row + row);
    told.server(wire::complete("SELECT 4") + wire::ready('I'));
    const auto completed = told.only<entry::Completed>();
    EXPECT_EQ(completed.rows, 4U);
    EXPECT_EQ(completed.row_bytes, 400U);
    EXPECT_EQ(completed.rows_kept, 2U);
    const auto rows = told.all<entry::Row>();
    ASSERT_THAT(rows, SizeIs(2));
    EXPECT_EQ(rows[1].values[0].size, 94U);
    EXPECT_LT(rows[1].values[0].bytes.size(), 94U) << "the second is cut";
}

TEST(Transcript, KnowsTheFormOfColumns) {
    Transcribed told{{}, true};
    told.client(wire::parse("", "SELECT 1, 2") + wire::bind("", "", {}, {}, {1, 0}) + wire::execute() +
                wire::sync());
    told.server(parsed_and_bound() + wire::data_row({"\0\0\0\1"sv, "2"}) + wire::complete("SELECT 1"));
    told.server(wire::ready('I'));
    const auto values = told.only<entry::Row>().values;
    ASSERT_THAT(values, SizeIs(2));
    EXPECT_EQ(values[0].form, Value::Form::binary);
    EXPECT_EQ(values[1].form, Value::Form::text);
    told.entries.clear();
    told.client(wire::query("FETCH c")).server(wire::row_description({"a"}, 1) + wire::data_row({"\0\1"sv}));
    EXPECT_EQ(told.only<entry::Row>().values[0].form, Value::Form::binary);
}

// --- Whatever comes

TEST(Transcript, GoesOnBehindAGap) {
    Transcribed told;
    told.client(wire::query("SELECT 1"));
    told.transcript.missed("a part", 100, told.now);
    EXPECT_EQ(told.running(), "nothing");
    told.server(wire::ready('I')).client(wire::query("SELECT 2"));
    EXPECT_EQ(told.running(), "SELECT 2");
    told.server(wire::complete("SELECT 1") + wire::ready('I'));
    EXPECT_EQ(told.running(), "nothing");
}

TEST(Transcript, SaysThatAMessageIsNotWellFormed) {
    Transcribed told;
    told.client(wire::message('Q', "no zero") + wire::message('B', "\0\0\0\1"sv));
    const auto gaps = told.all<entry::Gap>();
    ASSERT_THAT(gaps, SizeIs(2));
    EXPECT_EQ(gaps[0], (entry::Gap{"a Query message that is not well-formed", 7}));
    told.server(wire::fatal("08P01"));
    EXPECT_EQ(told.only<entry::Failed>().message, "[redacted]") << "it may quote what was not understood";
}

TEST(Transcript, WritesTheSameHoweverTheBytesAreCut) {
    const std::string client = run_extended("SELECT $1", {"42"}) + wire::sync() + wire::query("SELECT 2");
    const std::string server = parsed_and_bound() + wire::data_row({"42"}) + wire::complete("SELECT 1") +
                               wire::ready('I') + wire::row_description({"a"}) + wire::data_row({"2"}) +
                               wire::complete("SELECT 1") + wire::ready('I');
    Transcribed whole{{}, true};
    whole.client(client).server(server);
    for (std::size_t size = 1; size < 30; ++size) {
        Transcribed told{{}, true};
        for (std::size_t at = 0; at < client.size(); at += size)
            told.client(std::string_view{client}.substr(at, size));
        for (std::size_t at = 0; at < server.size(); at += size)
            told.server(std::string_view{server}.substr(at, size));
        EXPECT_EQ(told.entries, whole.entries) << size;
    }
}

TEST(Transcript, SurvivesWhateverComes) {
    std::mt19937 random{5};
    std::uniform_int_distribution<int> byte{0, 255};
    constexpr std::string_view types = "QPBEDCSHFdcfX123CDEGHINSTVWZnstA";
    std::uniform_int_distribution<std::size_t> which{0, types.size() - 1};
    for (int round = 0; round < 500; ++round) {
        Transcribed told{{}, true};
        for (int i = 0; i < 40; ++i) {
            std::string body(static_cast<std::size_t>(byte(random)) % 30U, '\0');
            for (char& c : body)
                c = static_cast<char>(byte(random) % 5 == 0 ? byte(random) : 0);
            const std::string message = wire::message(types[which(random)], body);
            byte(random) % 2 == 0 ? told.client(message) : told.server(message);
            told.running();
        }
        told.transcript.ended({}, told.now);
    }
}

}  // namespace
}  // namespace curfew::recording
