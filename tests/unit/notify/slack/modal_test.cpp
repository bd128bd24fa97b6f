#include "notify/slack/modal.hpp"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include "support/block_kit.hpp"

namespace curfew::notify::slack {
namespace {

using namespace std::chrono_literals;

const std::vector<std::string> nothing_wrong;

policy::Request a_request() {
    policy::Request request;
    request.id = *RequestId::parse("r-7k3mq9xd");
    request.requester = "alice";
    request.resource = "prod-postgres";
    request.duration = 2h;
    request.reason = "ticket <7> & more";
    return request;
}

ModalSubject about(Act act) {
    return {act, *RequestId::parse("r-7k3mq9xd"), "C0DBATEAM"};
}

TEST(SlackModal, IsWhatSlackTakes) {
    for (const Act act : {Act::shorten, Act::reject})
        EXPECT_EQ(test::problems_of_modal(review_modal(about(act), a_request())), nothing_wrong);
}

TEST(SlackModal, IsWhatSlackTakesHoweverLongTheTextsAre) {
    auto request = a_request();
    request.reason = std::string(2'000, '<');
    request.requester = std::string(63, '&');
    request.resource = std::string(63, '>');
    for (const Act act : {Act::shorten, Act::reject})
        EXPECT_EQ(test::problems_of_modal(review_modal(about(act), request)), nothing_wrong);
}

TEST(SlackModal, ShowsWhatItIsAboutAndHowLongItMayBe) {
    const auto modal = boost::json::serialize(review_modal(about(Act::shorten), a_request()));
    EXPECT_NE(modal.find("ticket &lt;7&gt; &amp; more"), std::string::npos);
    EXPECT_NE(modal.find("At most 2h"), std::string::npos);
}

TEST(SlackModal, CarriesWhatItIsAboutThereAndBack) {
    const auto carried = to_private_metadata(about(Act::reject));
    EXPECT_EQ(parse_private_metadata(carried), about(Act::reject));
    EXPECT_LE(carried.size(), 3'000U);
}

TEST(SlackModal, WantsAReasonToReject) {
    const auto errors = input_errors(about(Act::reject), {"", ""});
    ASSERT_TRUE(errors.contains(comment_block));
    EXPECT_TRUE(input_errors(about(Act::reject), {"", "not today"}).empty());
}

TEST(SlackModal, WantsADurationToApproveForLess) {
    for (const char* text : {"", "soon", "90", "-1h", "0m"})
        EXPECT_TRUE(input_errors(about(Act::shorten), {text, ""}).contains(duration_block)) << text;
    EXPECT_TRUE(input_errors(about(Act::shorten), {"1h30m", ""}).empty());
}

TEST(SlackModal, TakesNoLongerCommentThanARequestMayHave) {
    EXPECT_TRUE(input_errors(about(Act::shorten), {"1h", std::string(2'001, 'a')}).contains(comment_block));
    EXPECT_TRUE(input_errors(about(Act::shorten), {"1h", std::string(2'000, 'a')}).empty());
}

TEST(SlackModal, ShowsAtAnInputThatItHasWhyItWasRefused) {
    EXPECT_EQ(boost::json::serialize(refusal_answer("not yours")),
              R"({"response_action":"errors","errors":{"comment":"not yours"}})");
}

}  // namespace
}  // namespace curfew::notify::slack
