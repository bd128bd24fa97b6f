// HTTP, as the command speaks it: to a real server over TLS, which answers well, slowly, too much, or in
// pieces.
#include "cli/http_exchange.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "api_stand_in.hpp"
#include "cli/api_client.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using cli::ExitCode;
using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using Transport = ApiStandIn::Transport;

cli::Server server_of(const ApiStandIn& stand_in) {
    cli::Server server;
    server.url = stand_in.url();
    server.ca_file = stand_in.ca_file();
    server.token = Secret{"cfs_token"};
    return server;
}

cli::HttpRequest get(const std::string& target = "/api/v1/me") {
    cli::HttpRequest request;
    request.target = target;
    return request;
}

cli::HttpRequest post(const std::string& key = "") {
    return {"POST", "/api/v1/requests", R"({"resource":"prod"})", key, ""};
}

TEST(HttpExchange, SpeaksToATrustedServerOverTls) {
    ApiStandIn stand_in;
    stand_in.on("GET /api/v1/me", 200, "{}", "ETag: \"7\"\r\n");
    const auto response = cli::exchange(server_of(stand_in), get());
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->status, 200U);
    EXPECT_EQ(response->body, "{}");
    EXPECT_EQ(response->etag, "\"7\"");
    EXPECT_EQ(stand_in.seen()[0].header("authorization"), "Bearer cfs_token");
}

TEST(HttpExchange, SendsNothingToAServerThatItCannotTrust) {
    ApiStandIn stand_in;
    auto server = server_of(stand_in);
    server.ca_file.clear();
    const auto response = cli::exchange(server, get());
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code, ExitCode::unreachable);
    EXPECT_THAT(response.error().message, AllOf(HasSubstr("could not show that it is the one"),
                                                HasSubstr("--ca-file"), Not(HasSubstr("cfs_token"))));
    EXPECT_TRUE(stand_in.seen().empty());
}

TEST(HttpExchange, SendsNothingToATrustedServerOfAnotherName) {
    ApiStandIn stand_in;
    auto server = server_of(stand_in);
    server.url.replace(server.url.find("localhost"), 9, "127.0.0.2");
    EXPECT_FALSE(cli::exchange(server, get()));
    EXPECT_TRUE(stand_in.seen().empty());
}

TEST(HttpExchange, FollowsNoRedirectWithItsToken) {
    ApiStandIn other;
    ApiStandIn stand_in;
    stand_in.on("GET /api/v1/me", 302, "", "Location: " + other.url() + "/api/v1/me\r\n");
    const auto response = cli::exchange(server_of(stand_in), get());
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 302U);
    EXPECT_TRUE(other.seen().empty());
}

TEST(HttpExchange, SpeaksOverAUnixSocketWithoutAToken) {
    ApiStandIn stand_in{Transport::unix_socket};
    stand_in.on("GET /api/v1/me", 200, "{}");
    cli::Server server;
    server.socket_path = stand_in.socket_path();
    EXPECT_TRUE(cli::exchange(server, get()));
    EXPECT_EQ(stand_in.seen()[0].header("authorization"), "");
}

TEST(HttpExchange, GivesUpOnASlowAnswer) {
    ApiStandIn stand_in{Transport::tls, [](Exchange& exchange) {
                            exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
                            exchange.stall();
                        }};
    cli::HttpLimits limits;
    limits.time = 300ms;
    const auto response = cli::exchange(server_of(stand_in), get(), limits);
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code, ExitCode::unreachable);
    EXPECT_THAT(response.error().message, HasSubstr("did not answer within 300ms"));
}

TEST(HttpExchange, BelievesNoAnswerThatIsTooLarge) {
    ApiStandIn stand_in;
    stand_in.on("GET /api/v1/me", 200, std::string(100'000, 'x'));
    cli::HttpLimits limits;
    limits.body = 99'999;
    const auto response = cli::exchange(server_of(stand_in), get(), limits);
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code, ExitCode::failed);
    EXPECT_THAT(response.error().message, HasSubstr("larger than is believed"));
    limits.body = 100'000;
    EXPECT_TRUE(cli::exchange(server_of(stand_in), get(), limits));
}

TEST(HttpExchange, BelievesNoHeadersThatAreTooLarge) {
    ApiStandIn stand_in;
    std::string headers;
    for (int i = 0; i < 100; ++i)
        headers += "X-Filler: " + std::string(1000, 'x') + "\r\n";
    stand_in.on("GET /api/v1/me", 200, "{}", headers);
    const auto response = cli::exchange(server_of(stand_in), get());
    ASSERT_FALSE(response);
    EXPECT_THAT(response.error().message, HasSubstr("larger than is believed"));
}

TEST(HttpExchange, SaysThatAnAnswerBrokeOff) {
    ApiStandIn stand_in{Transport::tls, [](Exchange& exchange) {
                            exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
                        }};
    const auto response = cli::exchange(server_of(stand_in), get());
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code, ExitCode::unreachable);
    EXPECT_THAT(response.error().message, HasSubstr("broke off"));
}

TEST(HttpExchange, SaysThatWhatAnswersIsNoHttp) {
    ApiStandIn stand_in{Transport::tls, [](Exchange& exchange) { exchange.send("SSH-2.0-OpenSSH_9.2\r\n"); }};
    EXPECT_FALSE(cli::exchange(server_of(stand_in), get()));
}

// What is said the first time is dropped with the connection, what is said the second time is answered.
ApiStandIn::Handler drop_the_first() {
    auto count = std::make_shared<std::atomic<int>>(0);
    return [count](Exchange& exchange) {
        if ((*count)++ > 0) exchange.answer(201, "{}");
    };
}

TEST(HttpExchange, RepeatsWithTheSameKeyWhereTheConnectionBreaksOff) {
    ApiStandIn stand_in{Transport::tls, drop_the_first()};
    const auto response = cli::exchange(server_of(stand_in), post("key-1"));
    ASSERT_TRUE(response) << response.error().message;
    const auto seen = stand_in.seen();
    ASSERT_EQ(seen.size(), 2U);
    EXPECT_EQ(seen[0].header("idempotency-key"), "key-1");
    EXPECT_EQ(seen[1].header("idempotency-key"), "key-1");
    EXPECT_EQ(seen[1].body, seen[0].body);
}

TEST(HttpExchange, NeverRepeatsWhatCouldBeDoneTwice) {
    ApiStandIn stand_in{Transport::tls, drop_the_first()};
    EXPECT_FALSE(cli::exchange(server_of(stand_in), post()));
    EXPECT_EQ(stand_in.seen().size(), 1U);
}

TEST(HttpExchange, SaysThatThereIsNoSuchHost) {
    cli::Server server;
    server.url = "https://curfew.invalid";
    const auto response = cli::exchange(server, get());
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code, ExitCode::unreachable);
    EXPECT_THAT(response.error().message, HasSubstr("curfew.invalid"));
}

TEST(ApiClient, GivesEachCreationAKeyOfItsOwn) {
    ApiStandIn stand_in;
    stand_in.on("POST /api/v1/requests", 201, "{}");
    const cli::ApiClient client{server_of(stand_in)};
    ASSERT_TRUE(client.create("/requests", {}));
    ASSERT_TRUE(client.create("/requests", {}));
    const auto seen = stand_in.seen();
    EXPECT_THAT(seen[0].header("idempotency-key"), MatchesRegex("[0-9a-f]{32}"));
    EXPECT_NE(seen[0].header("idempotency-key"), seen[1].header("idempotency-key"));
}

TEST(ApiClient, PutsThePagesOfAListTogether) {
    ApiStandIn stand_in;
    stand_in.on("GET /api/v1/rules?limit=1000", 200, R"({"items":[1,2],"next":"a b"})");
    stand_in.on("GET /api/v1/rules?limit=1000&after=a%20b", 200, R"({"items":[3],"next":null})");
    const auto answer = cli::ApiClient{server_of(stand_in)}.get_all("/rules");
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->text, "{\"items\":[1,2,3],\"next\":null}\n");
}

TEST(ApiClient, AsksForNoMoreThanIsWanted) {
    ApiStandIn stand_in;
    stand_in.on("GET /api/v1/requests?view=all&limit=2", 200, R"({"items":[1,2],"next":"x"})");
    const auto answer = cli::ApiClient{server_of(stand_in)}.get_all("/requests?view=all", 2);
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(stand_in.seen().size(), 1U);
    EXPECT_EQ(answer->document.at("next").as_string(), "x");
}

TEST(ApiClient, SaysThatAnAnswerIsNotCurfews) {
    ApiStandIn stand_in;
    stand_in.on("GET /api/v1/me", 200, "<html>Welcome to nginx</html>");
    const auto answer = cli::ApiClient{server_of(stand_in)}.get("/me");
    ASSERT_FALSE(answer);
    EXPECT_THAT(answer.error().message, HasSubstr("is not curfewd"));
}

TEST(AnswerFailure, TellsEachProblemInALineOfItsOwn) {
    const auto failure = cli::answer_failure(
        400,
        R"({"detail":"The rule is not good","problems":[{"member":"max_duration","detail":"'2x' is none"},)"
        R"({"member":"","detail":"It covers nothing"}]})");
    EXPECT_EQ(failure.code, ExitCode::usage);
    EXPECT_EQ(failure.message, "The rule is not good\n  max_duration: '2x' is none\n  It covers nothing");
}

TEST(AnswerFailure, HasACodeForEachKind) {
    const std::map<unsigned, ExitCode> codes{{400, ExitCode::usage},     {401, ExitCode::not_signed_in},
                                             {403, ExitCode::forbidden}, {404, ExitCode::not_found},
                                             {409, ExitCode::conflict},  {412, ExitCode::conflict},
                                             {413, ExitCode::usage},     {429, ExitCode::unreachable},
                                             {500, ExitCode::failed},    {503, ExitCode::unreachable}};
    for (const auto& [status, code] : codes)
        EXPECT_EQ(cli::answer_failure(status, R"({"detail":"no"})").code, code) << status;
}

}  // namespace
}  // namespace curfew::test
