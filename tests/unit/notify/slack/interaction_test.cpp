#include "notify/slack/interaction.hpp"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>
#include <functional>

#include "examples.hpp"

namespace curfew::notify::slack {
namespace {

namespace json = boost::json;

// The documented example, with something changed.
Result<Interaction> changed(const std::string& name, const std::function<void(json::object&)>& change) {
    auto payload = example(name);
    change(payload);
    return parse_interaction(json::serialize(payload));
}

template <class T>
T parsed(const Result<Interaction>& interaction) {
    return std::get<T>(interaction.value());
}

TEST(SlackInteraction, IsTheButtonThatSomebodyPressed) {
    const auto pressed = parsed<ButtonPressed>(parse_interaction(example_text("block_actions.json")));
    EXPECT_EQ(pressed.by, (SlackUser{"T0ACME001", "U0BOB0001", "T0ACME001"}));
    EXPECT_EQ(pressed.act, Act::approve);
    EXPECT_EQ(pressed.request.text(), "r-7k3mq9xd");
    EXPECT_EQ(pressed.channel, "C0DBATEAM");
    EXPECT_TRUE(pressed.trigger_id.starts_with("1234567890."));
    EXPECT_TRUE(is_slack_url(pressed.response_url, ""));
}

TEST(SlackInteraction, TellsThatSomebodyIsOfAnotherWorkspace) {
    const auto outcome = changed("block_actions.json", [](json::object& payload) {
        payload["user"].as_object()["team_id"] = "T0OTHER01";
    });
    EXPECT_EQ(parsed<ButtonPressed>(outcome).by, (SlackUser{"T0ACME001", "U0BOB0001", "T0OTHER01"}));
}

TEST(SlackInteraction, IsNothingToDoWhereALinkWasFollowed) {
    const auto outcome = changed("block_actions.json", [](json::object& payload) {
        payload["actions"].as_array()[0].as_object()["action_id"] = "curfew_open_page";
        payload["actions"].as_array()[0].as_object().erase("value");
    });
    EXPECT_TRUE(std::holds_alternative<NothingToDo>(outcome.value()));
}

TEST(SlackInteraction, IsNothingToDoWhereItIsOfAnotherSort) {
    EXPECT_TRUE(std::holds_alternative<NothingToDo>(parse_interaction(R"({"type":"shortcut"})").value()));
    const auto foreign = changed("view_submission.json", [](json::object& payload) {
        payload["view"].as_object()["callback_id"] = "somebody_elses";
    });
    EXPECT_TRUE(std::holds_alternative<NothingToDo>(foreign.value()));
}

TEST(SlackInteraction, IsRefusedWhereAnythingIsNotAsCurfewsMessagesHaveIt) {
    using Change = std::function<void(json::object&)>;
    const auto action = [](json::object& payload) -> json::object& {
        return payload["actions"].as_array()[0].as_object();
    };
    const std::vector<Change> changes{
        [&](json::object& payload) { action(payload)["value"] = "r-7k3mq9xd; DROP TABLE"; },
        [&](json::object& payload) { action(payload)["value"] = 5; },
        [&](json::object& payload) { action(payload)["action_id"] = "approve"; },
        [&](json::object& payload) { action(payload)["type"] = "static_select"; },
        [](json::object& payload) { payload["actions"].as_array().clear(); },
        [](json::object& payload) {
            auto& actions = payload["actions"].as_array();
            actions.push_back(actions[0]);
        },
        [](json::object& payload) { payload.erase("user"); },
        [](json::object& payload) { payload["user"].as_object()["id"] = "bob"; },
        [](json::object& payload) { payload["team"].as_object()["id"] = ""; },
        [](json::object& payload) { payload["team"] = json::object{}; },
        [](json::object& payload) { payload["user"].as_object()["team_id"] = "nowhere"; },
        [](json::object& payload) { payload.erase("trigger_id"); }};
    for (std::size_t i = 0; i < changes.size(); ++i) {
        const auto outcome = changed("block_actions.json", changes[i]);
        ASSERT_FALSE(outcome) << i;
        EXPECT_EQ(outcome.error().code, ErrorCode::invalid) << i;
    }
}

TEST(SlackInteraction, IsWhatSomebodyEnteredInTheModal) {
    const auto sent = parsed<ModalSent>(parse_interaction(example_text("view_submission.json")));
    EXPECT_EQ(sent.by.user, "U0BOB0001");
    EXPECT_EQ(sent.subject, (ModalSubject{Act::shorten, *RequestId::parse("r-7k3mq9xd"), "C0DBATEAM"}));
    EXPECT_EQ(sent.input.duration, "30m") << "blanks around it are nobody's intention";
    EXPECT_EQ(sent.input.comment, "");
}

TEST(SlackInteraction, IsRefusedWhereTheModalIsAboutNothingThatCurfewWrote) {
    for (const char* carried :
         {"", "{}", "[]", R"({"act":"curfew_approve","request":"r-7k3mq9xd","channel":""})",
          R"({"act":"curfew_reject","request":"g-7k3mq9xd","channel":""})",
          R"({"act":"curfew_reject","request":"r-7k3mq9xd","channel":"","more":1})"}) {
        const auto outcome = changed("view_submission.json", [&](json::object& payload) {
            payload["view"].as_object()["private_metadata"] = carried;
        });
        EXPECT_FALSE(outcome) << carried;
    }
}

TEST(SlackInteraction, ComesAsAFormWithOnePayload) {
    const std::string payload = "%7B%22type%22%3A%22shortcut%22%7D";
    EXPECT_TRUE(parse_interaction_form("payload=" + payload));
    for (const std::string body : {"", "payload=", "payload=%7B", "Payload=%7B%7D"})
        EXPECT_FALSE(parse_interaction_form(body)) << body;
    EXPECT_FALSE(parse_interaction_form("payload=" + payload + "&more=1"));
}

TEST(SlackInteraction, IsRefusedWhereItIsNestedWithoutEnd) {
    EXPECT_FALSE(parse_interaction("{\"a\":" + std::string(5'000, '[')));
}

}  // namespace
}  // namespace curfew::notify::slack
