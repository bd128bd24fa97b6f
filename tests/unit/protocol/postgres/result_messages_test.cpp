#include "protocol/postgres/result_messages.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "support/wire_messages.hpp"

namespace curfew::postgres {
namespace {

using namespace std::string_view_literals;
using ::testing::ElementsAre;

BodyPart answer_body(std::string_view message) {
    return BodyPart::whole(message.substr(header_size));
}

template <class Read>
void expect_every_beginning_of_an_answer(std::string_view body, Read read) {
    for (std::size_t size = 0; size < body.size(); ++size) {
        EXPECT_TRUE(read(BodyPart{body.substr(0, size), static_cast<std::uint32_t>(body.size())}).has_value())
            << "cut at " << size;
        EXPECT_FALSE(read(BodyPart::whole(body.substr(0, size))).has_value()) << "whole with " << size;
    }
    EXPECT_FALSE(read(BodyPart::whole(std::string{body} + 'x')).has_value()) << "with a byte left over";
}

TEST(RowDescriptionMessage, HoldsNamesTypesAndForms) {
    const auto bytes = "\0\1id\0\0\0\1\0\0\1\0\0\0\x17\0\4\xff\xff\xff\xff\0\1"sv;
    const auto message = parse_row_description(BodyPart::whole(bytes));
    ASSERT_TRUE(message);
    EXPECT_EQ(message->column_count, 1U);
    EXPECT_THAT(message->columns, ElementsAre(ColumnDescription{"id", 23, 1}));
    expect_every_beginning_of_an_answer(bytes, parse_row_description);
}

TEST(RowDescriptionMessage, LeavesOutAColumnThatIsNotAllThere) {
    const std::string whole = wire::row_description({"first", "second"});
    const auto body = std::string_view{whole}.substr(header_size);
    const auto message = parse_row_description({body.substr(0, 30), static_cast<std::uint32_t>(body.size())});
    ASSERT_TRUE(message);
    EXPECT_EQ(message->column_count, 2U);
    ASSERT_EQ(message->columns.size(), 1U);
    EXPECT_EQ(message->columns[0].name, "first");
}

TEST(DataRowMessage, HoldsValues) {
    const auto bytes = "\0\3\0\0\0\2ab\xff\xff\xff\xff\0\0\0\0"sv;
    const auto message = parse_data_row(BodyPart::whole(bytes));
    ASSERT_TRUE(message);
    EXPECT_THAT(message->values, ElementsAre(WireValue{false, false, "ab", 2}, WireValue{true, false, {}, 0},
                                             WireValue{false, false, "", 0}));
    expect_every_beginning_of_an_answer(bytes, parse_data_row);
}

TEST(DataRowMessage, HoldsTheBeginningOfAValueThatWasCut) {
    const auto message = parse_data_row({"\0\2\0\0\0\5abc"sv, 30});
    ASSERT_TRUE(message);
    EXPECT_EQ(message->value_count, 2U);
    EXPECT_THAT(message->values, ElementsAre(WireValue{false, false, "abc", 5}));
}

TEST(DataRowMessage, IsMalformedWithMoreValuesThanThereAre) {
    EXPECT_FALSE(parse_data_row(BodyPart::whole("\xff\xff\0\0\0\0"sv)));
    EXPECT_FALSE(parse_data_row(BodyPart::whole("\0\1\0\0\0\7ab"sv)));
}

TEST(CommandCompleteMessage, HoldsTheTag) {
    EXPECT_EQ(parse_command_complete(BodyPart::whole("INSERT 0 1\0"sv)), "INSERT 0 1");
    expect_every_beginning_of_an_answer("INSERT 0 1\0"sv, parse_command_complete);
}

TEST(ReportMessage, HoldsWhatIsSaid) {
    const auto bytes = "SFEHLER\0VERROR\0C42P01\0Mno\0Dwhy\0Hwhat\0P15\0\0"sv;
    const auto fields = parse_report(BodyPart::whole(bytes));
    ASSERT_TRUE(fields);
    EXPECT_EQ(fields->severity, "ERROR") << "not localized";
    EXPECT_EQ(fields->sqlstate, "42P01");
    EXPECT_EQ(fields->message, "no");
    EXPECT_EQ(fields->detail, "why");
    EXPECT_EQ(fields->hint, "what");
    expect_every_beginning_of_an_answer(bytes, parse_report);
}

TEST(ReportMessage, HasTheLocalizedSeverityWhereThereIsNoOther) {
    EXPECT_EQ(parse_report(BodyPart::whole("SFEHLER\0C42P01\0\0"sv))->severity, "FEHLER");
}

TEST(ReportMessage, IsReadAsFarAsItGoes) {
    const auto fields = parse_report({"SERROR\0C42P01\0Mrelation \"so lo"sv, 5000});
    ASSERT_TRUE(fields);
    EXPECT_EQ(fields->message, "relation \"so lo");
}

TEST(NotificationMessage, HoldsChannelAndPayload) {
    const auto message = parse_notification(BodyPart::whole("\0\0\0\7jobs\0done\0"sv));
    ASSERT_TRUE(message);
    EXPECT_EQ(message->process_id, 7U);
    EXPECT_EQ(message->channel, "jobs");
    EXPECT_EQ(message->payload, "done");
    expect_every_beginning_of_an_answer("\0\0\0\7jobs\0done\0"sv, parse_notification);
}

TEST(ParameterStatusMessage, HoldsNameAndValue) {
    const auto message = parse_parameter_status(BodyPart::whole("TimeZone\0UTC\0"sv));
    ASSERT_TRUE(message);
    EXPECT_EQ(message->name, "TimeZone");
    EXPECT_EQ(message->value, "UTC");
    expect_every_beginning_of_an_answer("TimeZone\0UTC\0"sv, parse_parameter_status);
}

TEST(ReadyForQueryMessage, HoldsOneOfThreeStatuses) {
    for (const char status : {'I', 'T', 'E'})
        EXPECT_EQ(parse_ready_for_query(answer_body(wire::ready(status))), status);
    EXPECT_FALSE(parse_ready_for_query(BodyPart::whole("X")));
    EXPECT_FALSE(parse_ready_for_query(BodyPart::whole("")));
    EXPECT_FALSE(parse_ready_for_query(BodyPart::whole("II")));
}

TEST(CopyResponseMessage, HoldsForms) {
    const auto message = parse_copy_response(BodyPart::whole("\1\0\2\0\1\0\1"sv));
    ASSERT_TRUE(message);
    EXPECT_TRUE(message->binary);
    EXPECT_THAT(message->column_formats, ElementsAre(1, 1));
    EXPECT_THAT(parse_copy_response(answer_body(wire::copy_response('G')))->column_formats, ElementsAre(0));
    expect_every_beginning_of_an_answer("\1\0\2\0\1\0\1"sv, parse_copy_response);
}

}  // namespace
}  // namespace curfew::postgres
