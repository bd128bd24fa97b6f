#include "protocol/postgres/statement_messages.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "support/wire_messages.hpp"

namespace curfew::postgres {
namespace {

using namespace std::string_view_literals;
using ::testing::ElementsAre;

// The body of a message that is whole, or its first bytes.
BodyPart body_of(std::string_view message) {
    return BodyPart::whole(message.substr(header_size));
}
BodyPart beginning_of(std::string_view body, std::size_t bytes) {
    return {body.substr(0, bytes), static_cast<std::uint32_t>(body.size())};
}

// Each beginning of a body is either read as far as it goes or, as a whole message, malformed.
template <class Read>
void expect_every_beginning_to_be_read(std::string_view body, Read read) {
    for (std::size_t size = 0; size < body.size(); ++size) {
        EXPECT_TRUE(read(beginning_of(body, size)).has_value()) << "cut at " << size;
        EXPECT_FALSE(read(BodyPart::whole(body.substr(0, size))).has_value()) << "whole with " << size;
    }
    EXPECT_FALSE(read(BodyPart::whole(std::string{body} + 'x')).has_value()) << "with a byte left over";
}

TEST(QueryMessage, HoldsTheSqlWithoutItsZero) {
    const auto message = parse_query(BodyPart::whole("SELECT 1\0"sv));
    ASSERT_TRUE(message);
    EXPECT_EQ(message->sql, "SELECT 1");
    EXPECT_EQ(message->size, 8U);
}

TEST(QueryMessage, IsReadAsFarAsItGoes) {
    const auto message = parse_query(beginning_of("SELECT 1\0"sv, 6));
    ASSERT_TRUE(message);
    EXPECT_EQ(message->sql, "SELECT");
    EXPECT_EQ(message->size, 8U);
    expect_every_beginning_to_be_read("SELECT 1\0"sv, parse_query);
}

TEST(QueryMessage, HoldsNoZero) {
    EXPECT_FALSE(parse_query(BodyPart::whole("SELECT\0DROP\0"sv)));
    EXPECT_FALSE(parse_query(beginning_of("SELECT\0DROP\0"sv, 9)));
    EXPECT_FALSE(parse_query(BodyPart::whole({})));
}

TEST(ParseMessage, HoldsNameSqlAndTypes) {
    const auto bytes = "s1\0SELECT $1\0\0\2\0\0\0\x17\0\0\0\0"sv;
    EXPECT_EQ(bytes, wire::parse("s1", "SELECT $1", {23, 0}).substr(header_size));
    const auto message = parse_parse(BodyPart::whole(bytes));
    ASSERT_TRUE(message);
    EXPECT_EQ(message->statement, "s1");
    EXPECT_EQ(message->sql, "SELECT $1");
    EXPECT_EQ(message->size, 9U);
    EXPECT_THAT(message->parameter_types, ElementsAre(23U, 0U));
    expect_every_beginning_to_be_read(bytes, parse_parse);
}

TEST(ParseMessage, SaysOfSqlThatWasCutThatThereIsMore) {
    const std::string message = wire::parse("s1", "SELECT 123456789");
    const auto parsed = parse_parse(beginning_of(std::string_view{message}.substr(header_size), 9));
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->sql, "SELECT");
    EXPECT_GE(parsed->size, 16U);
}

TEST(ParseMessage, IsMalformedWithMoreTypesThanThereAre) {
    EXPECT_FALSE(parse_parse(BodyPart::whole("\0SELECT\0\xff\xff\0\0\0\x17"sv)));
}

TEST(BindMessage, HoldsNamesAndValues) {
    const auto bytes =
        "p\0s\0"
        "\0\1\0\1"
        "\0\2\0\0\0\2\x01\x02\xff\xff\xff\xff"
        "\0\1\0\0"sv;
    const auto message = parse_bind(BodyPart::whole(bytes));
    ASSERT_TRUE(message);
    EXPECT_EQ(message->portal, "p");
    EXPECT_EQ(message->statement, "s");
    EXPECT_EQ(message->parameter_count, 2U);
    EXPECT_THAT(message->parameters,
                ElementsAre(WireValue{false, true, "\x01\x02", 2}, WireValue{true, true, {}, 0}));
    EXPECT_FALSE(message->result_formats.binary_at(0));
    expect_every_beginning_to_be_read(bytes, parse_bind);
}

TEST(BindMessage, HasTextWhereNoFormIsNamed) {
    const std::string bytes = wire::bind("", "", {"42"});
    const auto message = parse_bind(body_of(bytes));
    ASSERT_TRUE(message);
    EXPECT_THAT(message->parameters, ElementsAre(WireValue{false, false, "42", 2}));
}

TEST(BindMessage, MayNameAFormForEachValue) {
    const std::string bytes = wire::bind("", "", {"a", "b"}, {0, 1}, {1, 0});
    const auto message = parse_bind(body_of(bytes));
    ASSERT_TRUE(message);
    EXPECT_FALSE(message->parameters[0].binary);
    EXPECT_TRUE(message->parameters[1].binary);
    EXPECT_TRUE(message->result_formats.binary_at(0));
    EXPECT_FALSE(message->result_formats.binary_at(1));
}

TEST(BindMessage, IsMalformedWithFormsThatFitNoValues) {
    EXPECT_FALSE(parse_bind(body_of(wire::bind("", "", {"a", "b", "c"}, {0, 1}))));
}

TEST(BindMessage, IsMalformedWithALengthBeyondItsEnd) {
    EXPECT_FALSE(parse_bind(BodyPart::whole("\0\0\0\0\0\1\0\0\0\7abc\0\0"sv)));
    EXPECT_FALSE(parse_bind(BodyPart::whole("\0\0\0\0\0\1\xff\xff\xff\xfe\0\0"sv)))
        << "no length but -1 is below 0";
    EXPECT_FALSE(parse_bind({"\0\0\0\0\0\1\x7f\xff\xff\xff"sv, 100})) << "nor where the rest was cut off";
    EXPECT_FALSE(parse_bind(BodyPart::whole("\0\0\0\0\xff\xff"sv)));
}

TEST(BindMessage, HoldsTheBeginningOfAValueThatWasCut) {
    const std::string message = wire::bind("", "", {"short", std::string_view{"0123456789"}, "third"});
    const auto body = std::string_view{message}.substr(header_size);
    const auto parsed = parse_bind(beginning_of(body, 2 + 2 + 2 + 9 + 4 + 3));
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->parameter_count, 3U);
    EXPECT_THAT(parsed->parameters,
                ElementsAre(WireValue{false, false, "short", 5}, WireValue{false, false, "012", 10}));
    EXPECT_TRUE(parsed->result_formats.binary_at(5)) << "not known, so not taken for text";
}

TEST(ExecuteMessage, HoldsPortalAndRows) {
    const auto message = parse_execute(BodyPart::whole("p\0\0\0\1\0"sv));
    ASSERT_TRUE(message);
    EXPECT_EQ(message->portal, "p");
    EXPECT_EQ(message->max_rows, 256U);
    expect_every_beginning_to_be_read("p\0\0\0\1\0"sv, parse_execute);
}

TEST(NamedObject, IsAStatementOrAPortal) {
    EXPECT_EQ(parse_named_object(BodyPart::whole("Ss1\0"sv))->kind, 'S');
    EXPECT_EQ(parse_named_object(BodyPart::whole("Pp1\0"sv))->name, "p1");
    EXPECT_FALSE(parse_named_object(BodyPart::whole("Xp1\0"sv)));
    EXPECT_FALSE(parse_named_object(BodyPart::whole("S"sv)));
    EXPECT_FALSE(parse_named_object(BodyPart::whole(""sv)));
}

TEST(FunctionCallMessage, HoldsFunctionAndArguments) {
    const std::string bytes = wire::function_call(1598, {"1", std::nullopt});
    const auto message = parse_function_call(body_of(bytes));
    ASSERT_TRUE(message);
    EXPECT_EQ(message->function, 1598U);
    EXPECT_THAT(message->arguments,
                ElementsAre(WireValue{false, false, "1", 1}, WireValue{true, false, {}, 0}));
    expect_every_beginning_to_be_read(std::string_view{bytes}.substr(header_size), parse_function_call);
}

TEST(CopyFailMessage, HoldsTheReason) {
    EXPECT_EQ(parse_copy_fail(BodyPart::whole("no more\0"sv)), "no more");
    EXPECT_FALSE(parse_copy_fail(BodyPart::whole("no more"sv)));
}

}  // namespace
}  // namespace curfew::postgres
