#include "notify/slack/receipt.hpp"

#include <gtest/gtest.h>

namespace curfew::notify::slack {
namespace {

using namespace std::chrono_literals;

TEST(SlackReceipt, IsKeptAsText) {
    const Receipt full{"C0DBATEAM", "1796000000.000100", WallInstant{1'796'000'000s}, true};
    EXPECT_EQ(parse_receipt(to_text(full)), full);
    const Receipt bare{"D0BOB0001", "1796000000.000100", std::nullopt, false};
    EXPECT_EQ(parse_receipt(to_text(bare)), bare);
}

TEST(SlackReceipt, IsNoneWhereSomethingElseIsKept) {
    for (const char* text : {"", "{}", "[]", R"({"channel":"C0DBATEAM"})", R"({"channel":"x","ts":"1.1"})"})
        EXPECT_FALSE(parse_receipt(text)) << text;
}

TEST(SlackRecipient, SaysInWhichPartSomebodyIsTold) {
    using Kind = Recipient::Kind;
    for (const auto& recipient :
         {Recipient{Kind::channel, "C0DBATEAM"}, Recipient{Kind::approver, "U0BOB0001"},
          Recipient{Kind::requester, "U0BOB0001"}})
        EXPECT_EQ(parse_recipient(to_text(recipient)), recipient);
    for (const char* text : {"", "channel:", "channel:U0BOB0001", "approver:C0DBATEAM", "U0BOB0001"})
        EXPECT_FALSE(parse_recipient(text)) << text;
}

}  // namespace
}  // namespace curfew::notify::slack
