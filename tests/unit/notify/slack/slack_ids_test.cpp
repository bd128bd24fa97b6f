#include "notify/slack/slack_ids.hpp"

#include <gtest/gtest.h>

namespace curfew::notify::slack {
namespace {

TEST(SlackIds, HaveAKindAndCapitals) {
    EXPECT_TRUE(is_slack_id("U0BOB0001", user_kinds));
    EXPECT_TRUE(is_slack_id("W012A3CDE", user_kinds));
    EXPECT_TRUE(is_slack_id("E0ORG", team_kinds));
    for (const char* text : {"", "U", "T0ACME001", "u0bob0001", "U0bob", "U0 1", "U0123456789012345678901"})
        EXPECT_FALSE(is_slack_id(text, user_kinds)) << text;
}

TEST(SlackIds, OfAMessageAreItsTime) {
    EXPECT_TRUE(is_message_time("1796000000.000100"));
    for (const char* text : {"", "1796000000", "1796000000.", ".1", "1.2.3", "1e5.0"})
        EXPECT_FALSE(is_message_time(text)) << text;
}

TEST(SlackUrl, IsOneOfSlacksOwnHostsOverHttps) {
    EXPECT_TRUE(is_slack_url("https://hooks.slack.com/actions/T0/1/abc", ""));
    EXPECT_TRUE(is_slack_url("https://hooks.slack-gov.com/commands/T0/1/abc", ""));
    for (const char* url :
         {"http://hooks.slack.com/actions/T0", "https://hooks.slack.com",
          "https://hooks.slack.com.evil.example/a", "https://hooks.slack.com@evil.example/a",
          "https://hooks.slack.com:444/a", "https://hooks.slack.com\\@evil.example/",
          "https://HOOKS.slack.com/a", "https://slack.com/a", "https://hooks.slack.com/a b",
          "https://hooks.slack.com/a#b", "https://hooks.slack.com/a\n", "//hooks.slack.com/a", ""})
        EXPECT_FALSE(is_slack_url(url, "")) << url;
}

TEST(SlackUrl, IsTheConfiguredOriginAndNoOtherWhereThereIsOne) {
    constexpr const char* own = "https://127.0.0.1:8443";
    EXPECT_TRUE(is_slack_url("https://127.0.0.1:8443/actions/1", own));
    EXPECT_FALSE(is_slack_url("https://127.0.0.1:84430/actions/1", own));
    EXPECT_FALSE(is_slack_url("https://127.0.0.1:8444/actions/1", own));
    EXPECT_FALSE(is_slack_url("https://hooks.slack.com/actions/1", own));
}

TEST(SlackUrl, IsNotLongerThanSlackWritesThem) {
    EXPECT_FALSE(is_slack_url("https://hooks.slack.com/" + std::string(1'000, 'a'), ""));
}

}  // namespace
}  // namespace curfew::notify::slack
