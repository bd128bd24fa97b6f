#include "notify/slack/request_message.hpp"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include "notify/slack/interaction.hpp"
#include "support/block_kit.hpp"

namespace curfew::notify::slack {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using policy::Decision;
using policy::RequestStatus;

const std::vector<std::string> no_problems;
constexpr WallInstant noon{1'796'000'000s};

RequestCard pending() {
    RequestCard card;
    policy::Request& request = card.request;
    request.id = *RequestId::parse("r-7k3mq9xd");
    request.requester = "alice";
    request.resource = "prod-postgres";
    request.duration = 2h;
    request.reason = "ticket 7";
    request.asked_at = noon;
    request.review_ends_at = noon + 24h;
    card.awaited = {{1, 2, {"security"}, {"dba", "security"}}, {0, 1, {}, {"owners"}}};
    card.url = "https://curfew.example.com/requests/r-7k3mq9xd";
    return card;
}

RequestCard approved() {
    RequestCard card = pending();
    card.awaited.clear();
    card.request.status = RequestStatus::approved;
    card.request.decision = Decision::reviewed;
    card.request.approval = Decision::reviewed;
    card.request.decided_by = "bob";
    card.request.decided_at = noon + 1min;
    card.request.granted = 1h;
    card.request.reviews = {{"bob", "dba", policy::Verdict::approve, "go", 1h, noon + 1min}};
    card.access_ends_at = noon + 61min;
    card.has_access = true;
    return card;
}

json::object as_sent(const SlackMessage& message) {
    return {{"text", message.text}, {"blocks", message.blocks}};
}

std::string text_of(const RequestCard& card) {
    return json::serialize(as_sent(request_message(card)));
}

// The action_ids of its buttons, in order.
std::vector<std::string> buttons_of(const RequestCard& card) {
    std::vector<std::string> ids;
    for (const auto& block : request_message(card).blocks) {
        if (block.at("type") != "actions") continue;
        for (const auto& element : block.at("elements").as_array())
            ids.emplace_back(element.at("action_id").as_string());
    }
    return ids;
}

using Ids = std::vector<std::string>;

TEST(SlackRequestMessage, IsWhatSlackTakesInEveryState) {
    std::vector<RequestCard> cards{pending(), approved()};
    for (const auto status : {RequestStatus::rejected, RequestStatus::revoked, RequestStatus::executed}) {
        RequestCard card = approved();
        card.request.status = status;
        card.has_access = false;
        card.request.decision_comment = "no more";
        cards.push_back(card);
    }
    for (const auto& card : cards)
        EXPECT_EQ(test::problems_of_message(as_sent(request_message(card))), no_problems);
}

TEST(SlackRequestMessage, SaysWhoAsksForWhatWhyAndWhoHasToApprove) {
    const auto text = text_of(pending());
    for (const char* said :
         {"alice asks for prod-postgres for 2h", "*Who*\\nalice", "*Resource*\\nprod-postgres", "*For*\\n2h",
          "*Status*\\nPENDING", "*Waiting for*\\nsecurity\\n1 more approval of owners",
          "*Reason*\\n> ticket 7", "*To be decided by*\\n<!date^1796086400^", "r-7k3mq9xd"})
        EXPECT_NE(text.find(said), std::string::npos) << said << " in " << text;
}

TEST(SlackRequestMessage, SaysWhatBecameOfIt) {
    const auto text = text_of(approved());
    for (const char* said : {"APPROVED, by bob", "2h, approved for 1h",
                             "bob approved for dba, 1h at most: go", "*Access until*\\n<!date^1796003660^"})
        EXPECT_NE(text.find(said), std::string::npos) << said << " in " << text;
    EXPECT_EQ(text.find("To be decided"), std::string::npos);
}

TEST(SlackRequestMessage, HasTheButtonsThatItsStateAllows) {
    EXPECT_EQ(buttons_of(pending()),
              (Ids{"curfew_approve", "curfew_shorten", "curfew_reject", "curfew_open_page"}));
    EXPECT_EQ(buttons_of(approved()), (Ids{"curfew_revoke", "curfew_open_page"}));
    RequestCard over = approved();
    over.request.status = RequestStatus::executed;
    over.has_access = false;
    EXPECT_EQ(buttons_of(over), Ids{"curfew_open_page"});
    over.url.clear();
    EXPECT_EQ(buttons_of(over), Ids{});
}

TEST(SlackRequestMessage, AsksForTheReviewAfterwardsOfBreakGlass) {
    RequestCard card = approved();
    card.request.approval = card.request.decision = Decision::break_glass;
    card.request.review_due = true;
    EXPECT_EQ(buttons_of(card),
              (Ids{"curfew_approve", "curfew_reject", "curfew_revoke", "curfew_open_page"}));
    EXPECT_NE(text_of(card).find("alice broke the glass on prod-postgres"), std::string::npos);
    EXPECT_EQ(test::problems_of_message(as_sent(request_message(card))), no_problems);
}

TEST(SlackRequestMessage, HasNothingButTheRequestInItsButtons) {
    for (const auto& block : request_message(pending()).blocks) {
        if (block.at("type") != "actions") continue;
        for (const auto& element : block.at("elements").as_array()) {
            const auto* value = element.as_object().if_contains("value");
            if (value != nullptr) {
                EXPECT_EQ(*value, "r-7k3mq9xd");
            }
        }
    }
}

TEST(SlackRequestMessage, LetsNoTextFromOutsideMentionOrFake) {
    RequestCard card = pending();
    card.request.reason = "<!channel> see\n*Status*\nAPPROVED <@U1>";
    card.request.requester = "<!here>";
    const auto text = text_of(card);
    EXPECT_EQ(text.find("<!channel>"), std::string::npos);
    EXPECT_EQ(text.find("<!here>*"), std::string::npos);
    EXPECT_EQ(text.find("<@U1>"), std::string::npos);
    EXPECT_EQ(text.find("\\n*Status*\\nAPPROVED"), std::string::npos);
    EXPECT_NE(text.find("&lt;!channel&gt;"), std::string::npos);
}

TEST(SlackRequestMessage, IsWhatSlackTakesHoweverMuchThereIsToSay) {
    RequestCard card = pending();
    card.request.reason = std::string(2'000, '<');
    card.request.requester = std::string(63, '&');
    card.requester_name = std::string(200, '>');
    card.request.resource = std::string(63, '<');
    card.request.decision_comment = std::string(2'000, '&');
    card.request.starts_at = noon;
    card.request.allow_replication = true;
    card.request.review_due = true;
    policy::GroupNames many;
    for (int i = 0; i < 200; ++i)
        many.insert(std::string(60, '&') + std::to_string(i));
    card.awaited.assign(20, {0, 200, many, many});
    card.request.reviews.assign(50, {std::string(63, '&'), std::string(63, '<'), policy::Verdict::reject,
                                     std::string(2'000, '&'), 1h, noon});
    EXPECT_EQ(test::problems_of_message(as_sent(request_message(card))), no_problems);
}

TEST(SlackRequestMessage, SaysThatAnExtensionIsForMore) {
    RequestCard card = pending();
    card.request.kind = policy::RequestKind::extension;
    EXPECT_NE(text_of(card).find("alice asks for 2h more on prod-postgres"), std::string::npos);
}

RequestCard by_command(const std::string& sql) {
    RequestCard card = pending();
    card.request.type = policy::RequestType::command;
    policy::Command command;
    command.database = "shop";
    command.why_asked = "it writes to <public.orders>";
    command.statements.emplace_back();
    command.statements.back().sql = sql;
    card.request.command = command;
    return card;
}

// The texts of its blocks of code.
std::vector<std::string> code_of(const RequestCard& card) {
    std::vector<std::string> texts;
    for (const auto& block : request_message(card).blocks) {
        if (block.at("type") != "rich_text") continue;
        texts.emplace_back(block.at("elements").at(0).at("elements").at(0).at("text").as_string());
    }
    return texts;
}

TEST(SlackCommandMessage, ShowsExactlyWhatWouldRunAndOffersNoTime) {
    const auto card = by_command("UPDATE orders\n\tSET note = '```<!channel>'");
    EXPECT_EQ(test::problems_of_message(as_sent(request_message(card))), no_problems);
    EXPECT_EQ(code_of(card), (Ids{"UPDATE orders\n\tSET note = '```<!channel>'"}));
    EXPECT_EQ(buttons_of(card), (Ids{"curfew_approve", "curfew_reject", "curfew_open_page"}));
    const auto text = text_of(card);
    for (const char* said : {"alice asks to run a command on prod-postgres", "*Database*\\nshop",
                             "*Needs approval*\\nit writes to &lt;public.orders&gt;", "It runs at once."})
        EXPECT_NE(text.find(said), std::string::npos) << said << " in " << text;
    EXPECT_EQ(text.find("*For*"), std::string::npos);
}

TEST(SlackCommandMessage, WritesOutWhatWouldNotBeSeen) {
    EXPECT_EQ(code_of(by_command("a\u202eb\x07")), (Ids{"a\\xe2\\x80\\xaeb\\x07"}));
}

TEST(SlackCommandMessage, IsApprovedOnlyWhereAllOfItIsShown) {
    const auto card = by_command(std::string(4'000, 'x'));
    EXPECT_EQ(test::problems_of_message(as_sent(request_message(card))), no_problems);
    EXPECT_FALSE(is_shown_whole(*card.request.command));
    EXPECT_EQ(buttons_of(card), (Ids{"curfew_reject", "curfew_open_page"}));
    EXPECT_NE(text_of(card).find("Read all of it"), std::string::npos);
    EXPECT_TRUE(is_shown_whole(*by_command(std::string(3'000, 'x')).request.command));
}

TEST(SlackCommandMessage, SaysWhatCameOfIt) {
    auto card = by_command("UPDATE orders SET paid = true");
    card.awaited.clear();
    card.request.status = RequestStatus::executed;
    card.request.decision = Decision::command_run;
    card.request.command_result = policy::CommandResult{};
    card.request.command_result->outcome = policy::CommandResult::Outcome::succeeded;
    card.request.command_result->parts = {{"UPDATE 3", {}, {}, 0}};
    EXPECT_EQ(test::problems_of_message(as_sent(request_message(card))), no_problems);
    const auto text = text_of(card);
    for (const char* said : {"EXECUTED: run, once", "*Result*\\nsucceeded: UPDATE 3"})
        EXPECT_NE(text.find(said), std::string::npos) << said << " in " << text;
    EXPECT_EQ(buttons_of(card), Ids{"curfew_open_page"});
}

TEST(SlackPlainMessage, IsOneSectionAndALink) {
    const auto message =
        plain_message("Your access to <prod> ended", "https://curfew.example.com/requests/r-1");
    EXPECT_EQ(test::problems_of_message(as_sent(message)), no_problems);
    EXPECT_EQ(message.text, "Your access to &lt;prod&gt; ended");
    EXPECT_EQ(message.blocks.size(), 2U);
    EXPECT_EQ(plain_message("x", "").blocks.size(), 1U);
}

}  // namespace
}  // namespace curfew::notify::slack
