#include "notify/slack/command.hpp"

#include <gtest/gtest.h>

#include "examples.hpp"
#include "support/block_kit.hpp"

namespace curfew::notify::slack {
namespace {

constexpr const char* command_form =
    "token=x&team_id=T0ACME001&team_domain=acme&channel_id=C0DBATEAM&channel_name=dba&user_id=U0BOB0001&"
    "user_name=bob&command=%2Fcurfew&text=Request++LIST&api_app_id=A0&is_enterprise_install=false&"
    "response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT0%2F1%2Fabc&trigger_id=1.2.3";

TEST(SlackCommand, IsReadFromAForm) {
    const auto command = parse_command_form(command_form);
    ASSERT_TRUE(command);
    EXPECT_EQ(command->by, (SlackUser{"T0ACME001", "U0BOB0001", "T0ACME001"}));
    EXPECT_EQ(command->verb, Verb::list_requests);
    EXPECT_EQ(command->channel, "C0DBATEAM");
    EXPECT_EQ(command->response_url, "https://hooks.slack.com/commands/T0/1/abc");
}

TEST(SlackCommand, IsReadFromSocketModesObject) {
    const auto command = parse_command(example("slash_command.json"));
    ASSERT_TRUE(command);
    EXPECT_EQ(command->by.user, "U0BOB0001");
    EXPECT_EQ(command->verb, Verb::list_requests);
}

TEST(SlackCommand, KnowsItsVerbs) {
    EXPECT_EQ(parse_verb(""), Verb::help);
    EXPECT_EQ(parse_verb("  Help "), Verb::help);
    EXPECT_EQ(parse_verb("link"), Verb::link);
    EXPECT_EQ(parse_verb("unlink"), Verb::unlink);
    EXPECT_EQ(parse_verb("subscribe"), Verb::subscribe);
    EXPECT_EQ(parse_verb("Unsubscribe\n"), Verb::unsubscribe);
    EXPECT_EQ(parse_verb("request list"), Verb::list_requests);
    for (const char* text : {"requestlist", "subscribe me", "approve r-7k3mq9xd", "link alice"})
        EXPECT_EQ(parse_verb(text), Verb::unknown) << text;
    EXPECT_EQ(parse_verb(std::string(5'000, ' ') + "help"), Verb::unknown);
}

TEST(SlackCommand, IsRefusedWhereNobodyGaveIt) {
    for (const char* body : {"", "team_id=T0ACME001&text=help", "user_id=U0BOB0001&text=help",
                             "team_id=T0ACME001&user_id=bob&text=help", "user_id=%00"})
        EXPECT_FALSE(parse_command_form(body)) << body;
}

TEST(SlackCommand, IsRefusedWhereItIsTooLong) {
    const auto text = std::string(8'001, 'a');
    EXPECT_FALSE(parse_command_form("team_id=T0ACME001&user_id=U0BOB0001&text=" + text));
}

TEST(SlackCommand, IsAnsweredForTheOneWhoGaveIt) {
    const auto answer = ephemeral_answer(help_text());
    EXPECT_EQ(answer.at("response_type"), "ephemeral");
    EXPECT_EQ(answer.at("replace_original"), false);
    EXPECT_EQ(test::problems_of_message(answer), std::vector<std::string>{});
}

}  // namespace
}  // namespace curfew::notify::slack
