// /metrics, /healthz and /readyz.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "running_servers.hpp"

namespace curfew::test {
namespace {

using testing::HasSubstr;

class MetricsEndpoint : public testing::Test {
protected:
    explicit MetricsEndpoint(config::Endpoint address = {"127.0.0.1", 0}) {
        thread.run([&] {
            server = std::make_unique<api::MetricsServer>(
                thread.context().get_executor(), address, [this] { return not_ready_because(); },
                [this] { return exposition(); });
            server->start().value();
            port = server->port();
        });
    }
    ~MetricsEndpoint() override {
        thread.await([this] { return server->stop(); });
        thread.run([this] { server.reset(); });
    }

    HttpReply request(const char* method, const char* target) {
        return exchange(RawClient::tcp(port), method, target);
    }
    proxy::Awaitable<std::vector<std::string>> not_ready_because() { co_return reasons; }
    std::string exposition() {
        ++scrapes;
        return "curfew_scrapes " + std::to_string(scrapes) + "\n";
    }

    ControlThread thread;
    std::vector<std::string> reasons;
    std::unique_ptr<api::MetricsServer> server;
    std::uint16_t port = 0;
    int scrapes = 0;
};

class MetricsEndpointOnUnixSocket : public MetricsEndpoint {
protected:
    explicit MetricsEndpointOnUnixSocket(std::unique_ptr<TemporaryDirectory> made)
        : MetricsEndpoint{{*made / "metrics.sock", 0}}, directory{std::move(made)} {}
    MetricsEndpointOnUnixSocket() : MetricsEndpointOnUnixSocket{std::make_unique<TemporaryDirectory>()} {}

    std::unique_ptr<TemporaryDirectory> directory;
};

TEST_F(MetricsEndpoint, ServesTheExpositionAfreshForEachScrape) {
    auto reply = request("GET", "/metrics");
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.headers.at("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    EXPECT_EQ(reply.body, "curfew_scrapes 1\n");
    EXPECT_EQ(request("GET", "/metrics?x=y").body, "curfew_scrapes 2\n");
}

TEST_F(MetricsEndpoint, IsHealthyWhileItAnswers) {
    EXPECT_EQ(request("GET", "/healthz").status, 200);
    EXPECT_EQ(request("GET", "/healthz").body, "ok\n");
}

TEST_F(MetricsEndpoint, IsReadyWhenTheNodeIs) {
    EXPECT_EQ(request("GET", "/readyz").status, 200);
}

TEST_F(MetricsEndpoint, SaysWhyItIsNotReady) {
    thread.run([this] { reasons = {"the store is away", "shutting down"}; });
    const auto reply = request("GET", "/readyz");
    EXPECT_EQ(reply.status, 503);
    EXPECT_EQ(reply.body, "not ready\n- the store is away\n- shutting down\n");
}

TEST_F(MetricsEndpoint, AnswersHeadWithTheHeaderOfGetAndNoBody) {
    const auto reply = request("HEAD", "/metrics");
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.headers.at("content-length"), "17");
    EXPECT_EQ(reply.body, "");
}

TEST_F(MetricsEndpoint, RefusesOtherMethodsAndPaths) {
    const auto posted = request("POST", "/metrics");
    EXPECT_EQ(posted.status, 405);
    EXPECT_EQ(posted.headers.at("allow"), "GET, HEAD");
    EXPECT_EQ(request("GET", "/").status, 404);
    EXPECT_EQ(request("GET", "/api/v1/grants").status, 404) << "administration is not served here";
    EXPECT_EQ(scrapes, 0);
}

TEST_F(MetricsEndpointOnUnixSocket, ServesTheSame) {
    const auto reply = exchange(RawClient::unix_socket(*directory / "metrics.sock"), "GET", "/metrics");
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.body, "curfew_scrapes 1\n");
}

}  // namespace
}  // namespace curfew::test
