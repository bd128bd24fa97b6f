#include "notify/slack/web_api_answer.hpp"

#include <gtest/gtest.h>

namespace curfew::notify::slack {
namespace {

using namespace std::chrono_literals;
using Kind = CallFailure::Kind;

CallFailure failed(int status, std::string_view body, std::string_view retry_after = "") {
    return read_answer("chat.postMessage", status, retry_after, body).error();
}

TEST(SlackAnswer, IsGivenWhereItIsOk) {
    const auto answer = read_answer("chat.postMessage", 200, "", R"({"ok":true,"ts":"1796000000.000100"})");
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->at("ts"), "1796000000.000100");
}

TEST(SlackAnswer, AsksToWait) {
    const auto failure = failed(429, R"({"ok":false,"error":"ratelimited"})", "30");
    EXPECT_EQ(failure.kind, Kind::later);
    EXPECT_EQ(failure.retry_after, 30s);
}

TEST(SlackAnswer, IsForLaterWhereSlackIsAway) {
    for (const int status : {500, 502, 503, 504})
        EXPECT_EQ(failed(status, "<html>").kind, Kind::later) << status;
    EXPECT_EQ(failed(200, R"({"ok":false,"error":"internal_error"})").kind, Kind::later);
    EXPECT_EQ(failed(200, "<html>a proxy's page</html>").kind, Kind::later);
}

TEST(SlackAnswer, IsForAnAdministratorWhereASettingIsWrong) {
    for (const char* error : {"invalid_auth", "missing_scope", "channel_not_found", "not_in_channel"}) {
        const auto failure = failed(200, std::string{R"({"ok":false,"error":")"} + error + "\"}");
        EXPECT_EQ(failure.kind, Kind::setting) << error;
        EXPECT_EQ(failure.error, error);
    }
    const auto scope = failed(200, R"({"ok":false,"error":"missing_scope","needed":"users:read.email"})");
    EXPECT_NE(scope.message.find("users:read.email"), std::string::npos);
}

TEST(SlackAnswer, IsFinalWhereTheCallItselfIsWrong) {
    EXPECT_EQ(failed(200, R"({"ok":false,"error":"invalid_blocks"})").kind, Kind::request);
    EXPECT_EQ(failed(200, R"({"ok":false,"error":"message_not_found"})").kind, Kind::request);
    EXPECT_EQ(failed(200, R"({"ok":"true"})").kind, Kind::request) << "ok is true, or it is not ok";
}

TEST(SlackAnswer, SaysItsWordOnOneLine) {
    const auto failure = failed(200, R"({"ok":false,"error":"a\nb"})");
    EXPECT_EQ(failure.error.find('\n'), std::string::npos);
}

TEST(SlackAnswer, WaitsAnHourAtMost) {
    EXPECT_EQ(parse_retry_after("1"), 1s);
    EXPECT_EQ(parse_retry_after("0"), 0s);
    EXPECT_EQ(parse_retry_after("999999999999"), 3600s);
    for (const char* text : {"", "soon", "-1", "1.5", "99999999999999999999"})
        EXPECT_EQ(parse_retry_after(text), std::nullopt) << text;
}

}  // namespace
}  // namespace curfew::notify::slack
