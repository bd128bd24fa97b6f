// What anybody may send to an HTTP port, and what the server does about it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "running_servers.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

TEST(HttpEdge, AnswersBytesThatAreNotHttpWithBadRequest) {
    RunningAdmin admin;
    for (const std::string& garbage :
         {std::string{"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello\r\n\r\n"},
          std::string{"\0\0\0\x08\x04\xd2\x16\x2f", 8} + "\r\n\r\n", std::string{"GET\r\n\r\n"},
          std::string{"GET / HTTP/9.9\r\n\r\n"}, std::string{"GET / HTTP/1.1\r\nno colon\r\n\r\n"},
          std::string{"POST /api/v1/reload HTTP/1.1\r\nContent-Length: -1\r\n\r\n"}}) {
        auto client = admin.connect();
        client.send(garbage);
        const auto reply = parse_reply(client.read_to_end());
        EXPECT_EQ(reply.status, 400) << garbage;
        EXPECT_EQ(reply.headers.at("connection"), "close");
    }
    EXPECT_EQ(admin.request("GET", "/api/v1/sessions").status, 200) << "the server goes on";
}

TEST(HttpEdge, AnswersMalformedJsonWithBadRequest) {
    RunningAdmin admin;
    for (const char* body : {"{", "[]", "null", "{\"subject\":", "\xff\xfe", "[[[[[[[[[[]]]]]]]]]]"}) {
        const auto reply = admin.request("POST", "/api/v1/grants", body);
        EXPECT_EQ(reply.status, 400) << body;
        EXPECT_THAT(reply.body, HasSubstr("JSON"));
    }
}

TEST(HttpEdge, RefusesABodyThatIsNotJson) {
    RunningAdmin admin;
    auto client = admin.connect();
    client.send(
        "POST /api/v1/reload HTTP/1.1\r\nConnection: close\r\nContent-Type: text/plain\r\n"
        "Content-Length: 2\r\n\r\n{}");
    const auto reply = parse_reply(client.read_to_end());
    EXPECT_EQ(reply.status, 400);
    EXPECT_THAT(reply.body, HasSubstr("application/json"));
}

TEST(HttpEdge, RefusesABodyAboveTheLimitBeforeReadingIt) {
    RunningAdmin admin;
    auto client = admin.connect();
    client.send("POST /api/v1/grants HTTP/1.1\r\nContent-Length: 65537\r\n\r\n");
    EXPECT_EQ(parse_reply(client.read_to_end()).status, 413);
}

TEST(HttpEdge, RefusesAChunkedBodyOnceItPassesTheLimit) {
    RunningAdmin admin;
    auto client = admin.connect();
    client.send("POST /api/v1/grants HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
    const std::string chunk = "4000\r\n" + std::string(0x4000, ' ') + "\r\n";
    for (int i = 0; i < 5; ++i)
        client.send(chunk);
    EXPECT_EQ(parse_reply(client.read_to_end()).status, 413);
}

TEST(HttpEdge, TakesABodyUpToTheLimit) {
    RunningAdmin admin;
    const std::string body = R"({"subject":"alice","resource":"prod","for":"1h"})";
    EXPECT_EQ(admin.request("POST", "/api/v1/grants", body + std::string(65'536 - body.size(), ' ')).status,
              201);
}

TEST(HttpEdge, RefusesAHeaderAboveTheLimit) {
    RunningAdmin admin;
    auto client = admin.connect();
    client.send("GET /api/v1/status HTTP/1.1\r\nX: " + std::string(9000, 'x') + "\r\n\r\n");
    EXPECT_EQ(parse_reply(client.read_to_end()).status, 431);
}

TEST(HttpEdge, DisconnectsAClientThatIsTooSlow) {
    api::HttpLimits limits;
    limits.timeout = 50ms;
    RunningAdmin admin{limits};
    auto silent = admin.connect();
    auto half_a_header = admin.connect();
    half_a_header.send("GET /api/v1/st");
    auto half_a_body = admin.connect();
    half_a_body.send("POST /api/v1/reload HTTP/1.1\r\nContent-Length: 10\r\n\r\n{");
    EXPECT_EQ(silent.read_to_end(), "");
    EXPECT_EQ(half_a_header.read_to_end(), "");
    EXPECT_EQ(half_a_body.read_to_end(), "");
}

TEST(HttpEdge, KeepsAConnectionOpenForFurtherRequests) {
    RunningAdmin admin;
    auto client = admin.connect();
    for (int i = 0; i < 3; ++i) {
        client.send("GET /api/v1/sessions HTTP/1.1\r\nHost: curfew\r\n\r\n");
        EXPECT_THAT(client.read_until("{\"items\":[],\"next\":null}\n"), StartsWith("HTTP/1.1 200 OK\r\n"));
    }
}

TEST(HttpEdge, AnswersPipelinedRequestsInOrder) {
    RunningAdmin admin;
    auto client = admin.connect();
    client.send(
        "GET /api/v1/sessions HTTP/1.1\r\n\r\n"
        "GET /api/v1/me HTTP/1.1\r\nConnection: close\r\n\r\n");
    const auto answers = client.read_to_end();
    const auto first = answers.find("{\"items\":[],\"next\":null}");
    ASSERT_NE(first, std::string::npos);
    EXPECT_NE(answers.find("\"administrator\":true", first), std::string::npos);
}

TEST(HttpEdge, LetsAClientWaitForPermissionToSendItsBody) {
    RunningAdmin admin;
    auto client = admin.connect();
    client.send(
        "POST /api/v1/reload HTTP/1.1\r\nConnection: close\r\nExpect: 100-continue\r\n"
        "Content-Length: 2\r\n\r\n");
    EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("{}");
    EXPECT_EQ(parse_reply(client.read_to_end()).status, 200);
}

TEST(HttpEdge, AnswersWhatItDoesNotServeWithNotFound) {
    RunningAdmin admin;
    for (const char* target :
         {"/nothing", "/api/v1", "/api/v1/", "/v1/grants", "/api/v2/grants", "/api/v1/grants/",
          "/api/v1/grants//revoke", "*", "/api/v1/grants/../status", "http://curfew/api/v1/status"}) {
        EXPECT_EQ(admin.request("GET", target).status, 404) << target;
    }
}

TEST(HttpEdge, NamesTheMethodsThatAPathTakes) {
    RunningAdmin admin;
    const auto reply = admin.request("DELETE", "/api/v1/grants");
    EXPECT_EQ(reply.status, 405);
    EXPECT_EQ(reply.headers.at("allow"), "POST, GET, HEAD, OPTIONS");
}

TEST(HttpEdge, TurnsAwayConnectionsAboveTheLimitAndRecovers) {
    api::HttpLimits limits;
    limits.connections = 3;
    RunningAdmin admin{limits};
    {
        std::vector<RawClient> open;
        for (int i = 0; i < 3; ++i) {
            open.push_back(admin.connect());
            open.back().send("GET /api/v1/status HTTP/1.1\r\n\r\n");
            open.back().read_until("\r\n\r\n");
        }
        const auto turned_away = parse_reply(admin.connect().read_to_end());
        EXPECT_EQ(turned_away.status, 503);
    }
    // The three are closed: there is room again as soon as the server has seen it.
    int status = 503;
    for (const auto patience = std::chrono::steady_clock::now() + 10s;
         status == 503 && std::chrono::steady_clock::now() < patience;) {
        status = parse_reply([&] {
                     auto client = admin.connect();
                     client.send("GET /api/v1/status HTTP/1.1\r\nConnection: close\r\n\r\n");
                     return client.read_to_end();
                 }())
                     .status;
    }
    EXPECT_EQ(status, 200);
}

TEST(HttpEdge, SaysNoStoreOfWhatItAnswers) {
    RunningAdmin admin;
    EXPECT_EQ(admin.request("GET", "/api/v1/status").headers.at("cache-control"), "no-store");
}

TEST(HttpEdge, SurvivesAClientThatLeavesBeforeItsAnswer) {
    RunningAdmin admin;
    for (int i = 0; i < 50; ++i)
        admin.connect().send("GET /api/v1/status HTTP/1.1\r\n\r\n");
    EXPECT_EQ(admin.request("GET", "/api/v1/status").status, 200);
}

}  // namespace
}  // namespace curfew::test
