// The words of requests, as the store, the API and people write them.
#include "policy/request.hpp"

#include <gtest/gtest.h>

namespace curfew::policy {
namespace {

TEST(RequestStatus, IsOneOfFiveInCapitals) {
    std::vector<std::string_view> words;
    for (const auto status : {RequestStatus::pending, RequestStatus::approved, RequestStatus::rejected,
                              RequestStatus::revoked, RequestStatus::executed}) {
        words.push_back(to_string(status));
        EXPECT_EQ(parse_request_status(to_string(status)), status);
    }
    EXPECT_EQ(words,
              (std::vector<std::string_view>{"PENDING", "APPROVED", "REJECTED", "REVOKED", "EXECUTED"}));
    EXPECT_FALSE(parse_request_status("pending"));
    EXPECT_FALSE(parse_request_status(""));
}

TEST(Decision, IsReadAsItIsWritten) {
    for (const auto decision :
         {Decision::none, Decision::reviewed, Decision::force_approved, Decision::review_skipped,
          Decision::administrator, Decision::break_glass, Decision::review_timed_out, Decision::cancelled,
          Decision::revoked, Decision::right_lost, Decision::window_passed, Decision::signed_offline,
          Decision::command_run, Decision::not_run}) {
        EXPECT_FALSE(to_string(decision).empty());
        EXPECT_EQ(parse_decision(to_string(decision)), decision);
    }
    EXPECT_EQ(to_string(Decision::review_timed_out), "review_timed_out");
    EXPECT_FALSE(parse_decision("maybe"));
}

TEST(RequestKind, IsReadAsItIsWritten) {
    EXPECT_EQ(parse_request_kind("access"), RequestKind::access);
    EXPECT_EQ(parse_request_kind("extension"), RequestKind::extension);
    EXPECT_EQ(to_string(RequestKind::extension), "extension");
    EXPECT_FALSE(parse_request_kind("Access"));
}

TEST(RequestType, IsReadAsItIsWritten) {
    EXPECT_EQ(parse_request_type("jit"), RequestType::jit);
    EXPECT_EQ(parse_request_type("command"), RequestType::command);
    EXPECT_EQ(to_string(RequestType::command), "command");
    EXPECT_FALSE(parse_request_type("both"));
}

TEST(Verdict, IsReadAsItIsWritten) {
    EXPECT_EQ(parse_verdict("approve"), Verdict::approve);
    EXPECT_EQ(parse_verdict("reject"), Verdict::reject);
    EXPECT_EQ(to_string(Verdict::reject), "reject");
    EXPECT_FALSE(parse_verdict("approved"));
}

}  // namespace
}  // namespace curfew::policy
