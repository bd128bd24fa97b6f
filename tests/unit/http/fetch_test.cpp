#include "http/fetch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <future>
#include <string>
#include <thread>

namespace curfew::http {
namespace {

using namespace std::chrono_literals;
using boost::asio::ip::tcp;
using testing::HasSubstr;
using testing::Not;

// Takes one connection on the loopback, reads one request's head and answers with these bytes. With none it
// says nothing until the client has gone.
class OneAnswer {
public:
    explicit OneAnswer(std::string answer) : thread_{[this, answer = std::move(answer)] { serve(answer); }} {}
    ~OneAnswer() { thread_.join(); }

    std::string url() const {
        return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) + "/x";
    }
    // Everything that the client sent, once it has gone.
    std::string request() { return request_.get_future().get(); }
    void await_request() { came_.get_future().wait(); }

private:
    void serve(const std::string& answer) {
        tcp::socket socket = acceptor_.accept();
        std::string text;
        boost::asio::read_until(socket, boost::asio::dynamic_buffer(text), "\r\n\r\n");
        came_.set_value();
        boost::system::error_code ended;
        if (!answer.empty()) {
            boost::asio::write(socket, boost::asio::buffer(answer), ended);
            socket.shutdown(tcp::socket::shutdown_send, ended);
        }
        boost::asio::read(socket, boost::asio::dynamic_buffer(text), ended);
        request_.set_value(text);
    }

    boost::asio::io_context loop_;
    tcp::acceptor acceptor_{loop_, tcp::endpoint{boost::asio::ip::address_v4::loopback(), 0}};
    std::promise<void> came_;
    std::promise<std::string> request_;
    std::thread thread_;
};

std::string answer(const std::string& head, const std::string& body) {
    return "HTTP/1.1 " + head + "\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
}

Result<Response> get(const std::string& url, CurlFetch::Options options = {}) {
    Request request;
    request.url = url;
    return CurlFetch{std::move(options)}.fetch(request);
}

TEST(CurlFetch, GivesStatusAndBody) {
    OneAnswer server{answer("404 Not Found", "not here")};
    const auto response = get(server.url());
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->status, 404);
    EXPECT_EQ(response->body, "not here");
}

TEST(CurlFetch, PostsAFormAndShowsWhoAsks) {
    OneAnswer server{answer("200 OK", "{}")};
    Request request;
    request.url = server.url();
    request.form = Fields{{"code", "a b&c=d"}, {"name", "ä"}};
    request.authorization = Secret{"Basic Y3VyZmV3"};
    ASSERT_TRUE(CurlFetch{CurlFetch::Options{}}.fetch(request));
    const std::string sent = server.request();
    EXPECT_THAT(sent, HasSubstr("POST /x HTTP/1.1\r\n"));
    EXPECT_THAT(sent, HasSubstr("Authorization: Basic Y3VyZmV3\r\n"));
    EXPECT_THAT(sent, HasSubstr("Content-Type: application/x-www-form-urlencoded\r\n"));
    EXPECT_THAT(sent, HasSubstr("\r\n\r\ncode=a%20b%26c%3Dd&name=%C3%A4"));
}

TEST(CurlFetch, FollowsNoRedirect) {
    OneAnswer server{answer("302 Found\r\nLocation: http://127.0.0.1:1/elsewhere", "")};
    const auto response = get(server.url());
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->status, 302);
}

TEST(CurlFetch, TakesNoMoreThanItsBound) {
    CurlFetch::Options options;
    options.most_bytes = 1000;
    {
        OneAnswer server{answer("200 OK", std::string(1000, 'x'))};
        EXPECT_TRUE(get(server.url(), options));
    }
    OneAnswer server{answer("200 OK", std::string(1001, 'x'))};
    const auto response = get(server.url(), options);
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code, ErrorCode::unavailable);
    EXPECT_THAT(response.error().message, HasSubstr("longer than 1000 bytes"));
}

TEST(CurlFetch, WaitsNoLongerThanItsBound) {
    OneAnswer server{""};
    CurlFetch::Options options;
    options.timeout = 50ms;
    const auto response = get(server.url(), options);
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code, ErrorCode::unavailable);
}

TEST(CurlFetch, IsStoppedInTheMiddle) {
    OneAnswer server{""};
    CurlFetch::Options options;
    options.timeout = 1h;
    CurlFetch fetch{options};
    auto response = std::async(std::launch::async, [&] {
        Request request;
        request.url = server.url();
        return fetch.fetch(request);
    });
    server.await_request();
    fetch.stop();
    const auto outcome = response.get();
    ASSERT_FALSE(outcome);
    EXPECT_THAT(outcome.error().message, HasSubstr("being stopped"));
}

TEST(CurlFetch, ShowsNoSecretWhereNobodyAnswers) {
    Request request;
    request.url = "http://127.0.0.1:1/token?code=secret";
    request.authorization = Secret{"Basic secret"};
    const auto response = CurlFetch{CurlFetch::Options{}}.fetch(request);
    ASSERT_FALSE(response);
    EXPECT_THAT(response.error().message, HasSubstr("http://127.0.0.1:1/token"));
    EXPECT_THAT(response.error().message, Not(HasSubstr("secret")));
}

TEST(CurlFetch, SpeaksNothingButHttpsToOthers) {
    for (const char* url : {"http://192.0.2.1/", "file:///etc/passwd", "ftp://localhost/"}) {
        const auto response = get(url);
        ASSERT_FALSE(response) << url;
        EXPECT_THAT(response.error().message, HasSubstr("only https"));
    }
}

TEST(CurlFetch, PostsContentWithItsHeaders) {
    OneAnswer server{answer("202 Accepted", "")};
    Request request;
    request.url = server.url();
    request.content = Content{"application/json; charset=utf-8", R"({"a":1})"};
    request.headers = {{"Curfew-Delivery", "d-12345678"}, {"X-Empty", ""}};
    ASSERT_TRUE(CurlFetch{CurlFetch::Options{}}.fetch(request));
    const std::string sent = server.request();
    EXPECT_THAT(sent, HasSubstr("POST /x HTTP/1.1\r\n"));
    EXPECT_THAT(sent, HasSubstr("Content-Type: application/json; charset=utf-8\r\n"));
    EXPECT_THAT(sent, HasSubstr("Curfew-Delivery: d-12345678\r\n"));
    EXPECT_THAT(sent, HasSubstr("X-Empty:\r\n"));
    EXPECT_THAT(sent, Not(HasSubstr("Expect:")));
    EXPECT_THAT(sent, HasSubstr("\r\n\r\n{\"a\":1}"));
}

TEST(CurlFetch, UsesTheMethodThatIsAskedFor) {
    OneAnswer server{answer("200 OK", "")};
    Request request;
    request.url = server.url();
    request.method = "PUT";
    request.content = Content{"text/plain", "x"};
    ASSERT_TRUE(CurlFetch{CurlFetch::Options{}}.fetch(request));
    EXPECT_THAT(server.request(), HasSubstr("PUT /x HTTP/1.1\r\n"));
}

TEST(CurlFetch, GivesTheHeadersOfTheAnswer) {
    OneAnswer server{answer("429 Too Many Requests\r\nRetry-After:  17 \r\nX-Empty:", "")};
    const auto response = get(server.url());
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->header("retry-after"), "17");
    EXPECT_EQ(response->header("x-empty"), "");
    EXPECT_EQ(response->header("never-came"), "");
}

TEST(CurlFetch, SendsNoHeaderThatWouldBeTwo) {
    const Fields broken{{"A", "1\r\nB: 2"}, {"A\r\nB", "1"}, {"A", "1\nB: 2"},
                        {"", "1"},          {"A:", "1"},     {"A b", "1"}};
    for (const auto& [name, value] : broken) {
        Request request;
        request.url = "http://127.0.0.1:1/x";
        request.headers = {{name, value}};
        const auto response = CurlFetch{CurlFetch::Options{}}.fetch(request);
        ASSERT_FALSE(response);
        EXPECT_THAT(response.error().message, HasSubstr("line break")) << name;
    }
}

TEST(CurlFetch, ConnectsToNoAddressThatIsNotAllowed) {
    // Nobody answers there, and nobody is asked: it is refused before.
    OneAnswer server{answer("200 OK", "{}")};
    CurlFetch::Options options;
    options.destinations = Destinations::public_and({});
    for (const std::string host : {"127.0.0.1", "localhost", "[::1]"}) {
        const auto response = get("http://" + host + ":1/x", options);
        ASSERT_FALSE(response) << host;
        EXPECT_EQ(response.error().code, ErrorCode::unavailable);
        EXPECT_THAT(response.error().message, HasSubstr("'allowed_networks'")) << host;
    }
    const auto refused = get(server.url(), options);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("'allowed_networks'"));
    options.destinations = Destinations::public_and({IpNetwork::parse("127.0.0.0/8").value()});
    const auto response = get(server.url(), options);
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->status, 200);
}

TEST(CurlFetch, ShowsNothingOfASecretUrlButItsOrigin) {
    CurlFetch::Options options;
    options.is_url_secret = true;
    options.peer = "Teams";
    const auto response = get("http://127.0.0.1:1/workflows/capability?sig=secret", options);
    ASSERT_FALSE(response);
    EXPECT_THAT(response.error().message, HasSubstr("Teams gave no answer at http://127.0.0.1:1:"));
    EXPECT_THAT(response.error().message, Not(HasSubstr("capability")));
    EXPECT_THAT(response.error().message, Not(HasSubstr("secret")));
}

}  // namespace
}  // namespace curfew::http
