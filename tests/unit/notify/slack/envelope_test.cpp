#include "notify/slack/envelope.hpp"

#include <gtest/gtest.h>

#include "examples.hpp"

namespace curfew::notify::slack {
namespace {

TEST(SlackEnvelope, CarriesACommand) {
    const auto envelope = parse_envelope(example_text("socket_envelope.json"));
    ASSERT_TRUE(envelope);
    EXPECT_EQ(envelope->kind, Envelope::Kind::slash_command);
    EXPECT_EQ(envelope->id, "dbdd0ef3-1543-4f94-bfb4-133d0e6c1545");
    EXPECT_TRUE(envelope->takes_an_answer);
    EXPECT_EQ(envelope->payload.at("user_id"), "U0BOB0001");
}

TEST(SlackEnvelope, IsAboutTheConnection) {
    const auto hello =
        parse_envelope(R"({"type":"hello","num_connections":1,"connection_info":{"app_id":"A0"}})");
    ASSERT_TRUE(hello);
    EXPECT_EQ(hello->kind, Envelope::Kind::hello);
    const auto leaving =
        parse_envelope(R"({"type":"disconnect","reason":"refresh_requested","debug_info":{}})");
    ASSERT_TRUE(leaving);
    EXPECT_EQ(leaving->kind, Envelope::Kind::disconnect);
    EXPECT_EQ(leaving->reason, "refresh_requested");
}

TEST(SlackEnvelope, OfAnotherSortIsToBeAcknowledged) {
    const auto envelope = parse_envelope(R"({"type":"events_api","envelope_id":"e1","payload":{}})");
    ASSERT_TRUE(envelope);
    EXPECT_EQ(envelope->kind, Envelope::Kind::other);
    EXPECT_EQ(envelope->id, "e1");
}

TEST(SlackEnvelope, IsRefusedWhereItCannotBeAcknowledged) {
    for (const char* text :
         {"", "[]", "{}", R"({"type":"interactive"})", R"({"type":"interactive","envelope_id":1})"})
        EXPECT_FALSE(parse_envelope(text)) << text;
    EXPECT_FALSE(
        parse_envelope(R"({"type":"interactive","envelope_id":")" + std::string(101, 'x') + R"("})"));
}

TEST(SlackEnvelope, IsAcknowledgedByItsIdentifier) {
    EXPECT_EQ(acknowledgement("e1", {}), R"({"envelope_id":"e1"})");
    EXPECT_EQ(acknowledgement("e1", {{"text", "hi"}}), R"({"envelope_id":"e1","payload":{"text":"hi"}})");
}

}  // namespace
}  // namespace curfew::notify::slack
