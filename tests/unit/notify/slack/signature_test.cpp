#include "notify/slack/signature.hpp"

#include <gtest/gtest.h>

namespace curfew::notify::slack {
namespace {

using namespace std::chrono_literals;

// The worked example of Slack's documentation.
const Secret documented_secret{"8f742231b10e8888abcd99yyyzzz85a5"};
constexpr std::string_view documented_timestamp = "1531420618";
constexpr std::string_view documented_body =
    "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_"
    "name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%"
    "3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id="
    "398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
constexpr std::string_view documented_signature =
    "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";
constexpr WallInstant documented_now{1531420618s};

Result<void> verified(const SignedCall& call, WallInstant now = documented_now) {
    return verify_signature(call, documented_secret, now);
}

TEST(SlackSignature, IsThatOfTheDocumentedExample) {
    EXPECT_EQ(signature_of(documented_timestamp, documented_body, documented_secret), documented_signature);
    EXPECT_TRUE(verified({documented_timestamp, documented_signature, documented_body}));
}

TEST(SlackSignature, IsRefusedWhereAnyByteOfTheBodyDiffers) {
    std::string body{documented_body};
    body[10] ^= 1;
    const auto outcome = verified({documented_timestamp, documented_signature, body});
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, ErrorCode::forbidden);
    EXPECT_FALSE(verified({documented_timestamp, documented_signature, std::string{documented_body} + "&"}));
}

TEST(SlackSignature, IsRefusedWhereTheTimestampIsNotTheSignedOne) {
    EXPECT_FALSE(verified({"1531420619", documented_signature, documented_body}));
}

TEST(SlackSignature, IsRefusedWhereItIsCutOrOfAnotherVersion) {
    for (const std::string signature :
         {"", "v0=", "v0=a2114d57", "v1=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
          "a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
          "v0=A2114D57B48EAC39B9AD189DD8316235A7B4A8D21A10BD27519666489C69B503"})
        EXPECT_FALSE(verified({documented_timestamp, signature, documented_body})) << signature;
}

TEST(SlackSignature, IsGoodForFiveMinutesEitherWay) {
    const SignedCall call{documented_timestamp, documented_signature, documented_body};
    EXPECT_TRUE(verified(call, documented_now + 5min));
    EXPECT_TRUE(verified(call, documented_now - 5min));
    const auto late = verified(call, documented_now + 5min + 1ms);
    ASSERT_FALSE(late);
    EXPECT_NE(late.error().message.find("five minutes"), std::string::npos);
    EXPECT_FALSE(verified(call, documented_now - 5min - 1ms));
}

TEST(SlackSignature, IsRefusedWhereTheSignedTimestampIsNoTime) {
    for (const std::string timestamp :
         {"", "now", "+1531420618", " 1531420618", "1531420618.0", "-1", "15314206180000000000000000"}) {
        const auto signature = signature_of(timestamp, documented_body, documented_secret);
        EXPECT_FALSE(verified({timestamp, signature, documented_body})) << timestamp;
    }
}

TEST(SlackSignature, IsNeverGoodWithoutASecret) {
    const auto signature = signature_of(documented_timestamp, documented_body, Secret{});
    EXPECT_FALSE(
        verify_signature({documented_timestamp, signature, documented_body}, Secret{}, documented_now));
}

TEST(SlackSignature, TellsOneCallFromAnotherForReplays) {
    const SignedCall call{documented_timestamp, documented_signature, documented_body};
    EXPECT_EQ(replay_key(call), replay_key({documented_timestamp, documented_signature, "another body"}))
        << "the signature stands for the body";
    EXPECT_NE(replay_key(call), replay_key({"1531420619", documented_signature, documented_body}));
}

}  // namespace
}  // namespace curfew::notify::slack
