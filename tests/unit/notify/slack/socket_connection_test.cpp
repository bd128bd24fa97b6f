#include "notify/slack/socket_connection.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <thread>

#include "support/awaiting.hpp"
#include "support/test_ca.hpp"

namespace curfew::notify::slack {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

// Takes one connection, and greets whoever gets as far as a WebSocket.
class TlsServer {
public:
    explicit TlsServer(const test::CertificateFiles& files) {
        tls_.use_certificate_chain_file(files.certificate.string());
        tls_.use_private_key_file(files.key.string(), asio::ssl::context::pem);
        thread_ = std::thread{[this] { serve(); }};
    }
    ~TlsServer() { thread_.join(); }

    std::string url(const std::string& host) const {
        return "wss://" + host + ":" + std::to_string(acceptor_.local_endpoint().port()) + "/link/?ticket=1";
    }

private:
    void serve() {
        boost::system::error_code error;
        asio::ip::tcp::socket socket{context_};
        acceptor_.accept(socket, error);
        asio::ssl::stream<asio::ip::tcp::socket> secure{std::move(socket), tls_};
        secure.handshake(asio::ssl::stream_base::server, error);
        if (error) return;
        boost::beast::websocket::stream<asio::ssl::stream<asio::ip::tcp::socket>> web{std::move(secure)};
        web.accept(error);
        if (!error) web.write(asio::buffer(std::string{R"({"type":"hello"})"}), error);
    }

    asio::io_context context_;
    asio::ip::tcp::acceptor acceptor_{context_, {asio::ip::make_address("127.0.0.1"), 0}};
    asio::ssl::context tls_{asio::ssl::context::tls_server};
    std::thread thread_;
};

Result<std::string> greeting_from(const std::string& url, SocketOptions options) {
    asio::io_context context{1};
    const auto nobody_asks = [](const std::shared_ptr<SocketConnection>&) {};
    auto connected =
        test::finish(context, connect_socket(context.get_executor(), url, std::move(options), nobody_asks));
    if (!connected) return connected.error();
    return test::finish(context, (*connected)->read());
}

SocketOptions trusting(const test::TestCa& ca) {
    SocketOptions options;
    options.root_certificate_file = ca.certificate().string();
    return options;
}

TEST(SlackSocketConnection, ReadsWhatComesOverTls) {
    test::TestCa ca;
    const TlsServer server{ca.issue_server()};
    EXPECT_EQ(greeting_from(server.url("localhost"), trusting(ca)).value(), R"({"type":"hello"})");
}

TEST(SlackSocketConnection, IsNoneWhereNobodyVouchesForTheServer) {
    test::TestCa ca;
    const test::TestCa other{"Another CA"};
    const TlsServer server{ca.issue_server()};
    const auto outcome = greeting_from(server.url("localhost"), trusting(other));
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().message.find("ticket"), std::string::npos) << "the ticket is a secret";
}

TEST(SlackSocketConnection, IsNoneWhereTheServerIsSomebodyElse) {
    test::TestCa ca;
    const TlsServer server{ca.issue_server("slack.example", "DNS:slack.example")};
    EXPECT_FALSE(greeting_from(server.url("localhost"), trusting(ca)));
}

TEST(SlackSocketConnection, IsNotMadeInPlaintextButOnThisMachine) {
    for (const char* url :
         {"ws://slack.example/link", "https://slack.example/link", "wss://", "wss://a b/",
          "wss://slack.example:0/", "wss://slack.example/a b", "wss://me@slack.example/", ""}) {
        const auto outcome = greeting_from(url, {});
        ASSERT_FALSE(outcome) << url;
        EXPECT_EQ(outcome.error().code, ErrorCode::invalid) << url;
    }
}

TEST(SlackSocketConnection, IsGivenUpAtOnceWhereItIsClosedWhileItIsBeingMade) {
    // Takes connections, and says nothing.
    asio::io_context context{1};
    asio::ip::tcp::acceptor silent{context, {asio::ip::make_address("127.0.0.1"), 0}};
    std::shared_ptr<SocketConnection> begun;
    const auto keep = [&](const std::shared_ptr<SocketConnection>& connection) { begun = connection; };
    const auto url = "wss://127.0.0.1:" + std::to_string(silent.local_endpoint().port()) + "/";
    auto connecting = test::start(context, connect_socket(context.get_executor(), url, {}, keep));
    asio::ip::tcp::socket taken{context};
    while (!begun)
        context.run_one_for(test::patience);
    silent.accept(taken);
    begun->close();
    EXPECT_FALSE(test::finish(context, connecting));
}

}  // namespace
}  // namespace curfew::notify::slack
