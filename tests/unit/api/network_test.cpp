// The API over TCP: TLS, other people's pages, and what every answer carries.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include "contract.hpp"
#include "known_people.hpp"
#include "support/test_ca.hpp"

namespace curfew::test {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;

class Network : public testing::Test {
protected:
    RunningAdmin admin{[](api::ApiServerOptions& options) {
        serve_known_people(options);
        options.api.public_url = "http://curfew.example.com:8432";
    }};

    int reload(const Headers& headers) {
        return admin.request_by_tcp("POST", "/api/v1/reload", "", headers).status;
    }
    std::vector<std::string> calls() {
        return admin.with_control([](FakeControl& control) { return control.calls; });
    }
};

Headers ann_by_cookie(Headers more = {}) {
    more.emplace_back("Cookie", "curfew=ann-cookie");
    return more;
}

TEST_F(Network, TakesACookieFromItsOwnPages) {
    EXPECT_EQ(reload(ann_by_cookie({{"Sec-Fetch-Site", "same-origin"}})), 200);
    EXPECT_EQ(reload(ann_by_cookie({{"Origin", "http://curfew.example.com:8432"}})), 200);
}

TEST_F(Network, RefusesACookieWithWhichAnotherPageWouldChangeSomething) {
    EXPECT_EQ(reload(ann_by_cookie({{"Sec-Fetch-Site", "cross-site"}})), 403);
    EXPECT_EQ(reload(ann_by_cookie({{"Sec-Fetch-Site", "same-site"}})), 403);
    EXPECT_EQ(reload(ann_by_cookie({{"Origin", "https://evil.example"}})), 403);
    EXPECT_EQ(reload(ann_by_cookie({{"Origin", "null"}})), 403);
    EXPECT_EQ(reload(ann_by_cookie()), 403) << "a browser that says nothing";
    EXPECT_THAT(calls(), IsEmpty());
}

TEST_F(Network, TakesATokenFromAnywhere) {
    auto headers = headers_of("ann by token with admin");
    EXPECT_EQ(reload(headers), 200);
    headers.emplace_back("Origin", "https://elsewhere.example");
    EXPECT_EQ(reload(headers), 200) << "no page has a token that it was not given";
}

TEST_F(Network, LetsNoOtherPageReadAnything) {
    const auto reply = admin.request_by_tcp("OPTIONS", "/api/v1/grants", "",
                                            {{"Origin", "https://evil.example"},
                                             {"Access-Control-Request-Method", "POST"},
                                             {"Access-Control-Request-Headers", "authorization"}});
    EXPECT_EQ(reply.status, 204);
    for (const auto& [name, value] : reply.headers)
        EXPECT_NE(name.substr(0, 14), "access-control") << name;
}

TEST_F(Network, GoesByNoNameButItsOwn) {
    for (const auto& [host, status] : std::map<std::string, int>{{"curfew.example.com:8432", 200},
                                                                 {"127.0.0.1", 200},
                                                                 {"evil.example", 421},
                                                                 {"evil.example:8432", 421}}) {
        EXPECT_EQ(admin.request_by_tcp("GET", "/api/v1/openapi.yaml", "", {{"Host", host}}).status, status)
            << host;
    }
    auto client = RawClient::tcp(admin.port());
    client.send("GET /api/v1/openapi.yaml HTTP/1.1\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(parse_reply(client.read_to_end()).status, 421);
}

TEST_F(Network, HardensEveryAnswer) {
    for (const char* target : {"/api/v1/openapi.json", "/api/v1/me", "/nothing", "/api/v1/me?x=1"}) {
        const auto headers = admin.request_by_tcp("GET", target).headers;
        EXPECT_EQ(headers.at("content-security-policy"), "default-src 'none'; frame-ancestors 'none'")
            << target;
        EXPECT_EQ(headers.at("x-content-type-options"), "nosniff") << target;
        EXPECT_EQ(headers.at("cache-control"), "no-store") << target;
        EXPECT_EQ(headers.at("referrer-policy"), "no-referrer") << target;
        EXPECT_EQ(headers.at("cross-origin-resource-policy"), "same-origin") << target;
        EXPECT_EQ(headers.count("strict-transport-security"), 0U) << "there is no TLS here";
        EXPECT_EQ(headers.count("server"), 0U) << target;
    }
}

TEST(NetworkWithoutPeople, AdmitsNobodyBeyondWhatIsForAnyone) {
    RunningAdmin admin{[](api::ApiServerOptions& options) {
        options.network = api::NetworkListener{{"127.0.0.1", 0}, std::nullopt};
    }};
    EXPECT_EQ(admin.request_by_tcp("GET", "/api/v1/me", "", {{"Authorization", "Bearer x"}}).status, 401);
    EXPECT_EQ(admin.request_by_tcp("GET", "/api/v1/openapi.json").status, 200);
}

// --- TLS
// -----------------------------------------------------------------------------------------------------

// One exchange with a server whose certificate `authority` has signed.
class TlsClient {
public:
    explicit TlsClient(const TestCa& authority) {
        tls.load_verify_file(authority.certificate());
        tls.set_verify_mode(asio::ssl::verify_peer);
    }

    HttpReply exchange(std::uint16_t port, const std::string& target, const Headers& headers = {}) {
        asio::io_context context;
        asio::ssl::stream<asio::ip::tcp::socket> stream{context, tls};
        stream.next_layer().connect({asio::ip::make_address("127.0.0.1"), port});
        stream.handshake(asio::ssl::stream_base::client);
        const unsigned char* protocol = nullptr;
        unsigned length = 0;
        SSL_get0_alpn_selected(stream.native_handle(), &protocol, &length);
        alpn.assign(reinterpret_cast<const char*>(protocol), length);
        certificate_serial =
            ASN1_INTEGER_get(X509_get0_serialNumber(SSL_get0_peer_certificate(stream.native_handle())));
        asio::write(stream, asio::buffer(request_text("GET", target, "", headers)));
        std::string answer;
        asio::read(stream, asio::dynamic_buffer(answer), error);
        return parse_reply(answer);
    }

    asio::ssl::context tls{asio::ssl::context::tls_client};
    boost::system::error_code error;  // how the last answer ended
    std::string alpn;
    long certificate_serial = 0;
};

class Tls : public testing::Test {
protected:
    TestCa authority;
    CertificateFiles files = authority.issue_server();
    RunningAdmin admin{[this](api::ApiServerOptions& options) {
        serve_known_people(options);
        options.network->tls = settings(files);
    }};
    TlsClient client{authority};

    static config::ServerTls settings(const CertificateFiles& files) {
        return {config::ClientTls::require, files.certificate, files.key, std::nullopt};
    }
};

TEST_F(Tls, CarriesTheApi) {
    const auto reply = client.exchange(admin.port(), "/api/v1/me", headers_of("ann by token with read"));
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.json().at("name"), "ann");
    EXPECT_EQ(client.error, asio::error::eof) << "the end was told, not cut off: " << client.error.message();
}

TEST_F(Tls, CarriesTheCookieOfItsOwnNameAlone) {
    EXPECT_EQ(client.exchange(admin.port(), "/api/v1/me", {{"Cookie", "__Host-curfew=ann-cookie"}}).status,
              200);
    EXPECT_EQ(client.exchange(admin.port(), "/api/v1/me", {{"Cookie", "curfew=ann-cookie"}}).status, 401);
}

TEST_F(Tls, TellsBrowsersToInsistOnIt) {
    const auto reply = client.exchange(admin.port(), "/api/v1/openapi.yaml");
    EXPECT_THAT(reply.headers.at("strict-transport-security"), HasSubstr("max-age="));
}

TEST_F(Tls, SpeaksHttp11WhereTheClientAsks) {
    static constexpr unsigned char offered[] = "\x02h2\x08http/1.1";
    SSL_CTX_set_alpn_protos(client.tls.native_handle(), offered, sizeof offered - 1);
    EXPECT_EQ(client.exchange(admin.port(), "/api/v1/openapi.yaml").status, 200);
    EXPECT_EQ(client.alpn, "http/1.1");
}

TEST_F(Tls, IsNotBelowVersion12) {
    SSL_CTX_set_max_proto_version(client.tls.native_handle(), TLS1_1_VERSION);
    SSL_CTX_set_security_level(client.tls.native_handle(), 0);
    EXPECT_THROW(client.exchange(admin.port(), "/api/v1/openapi.yaml"), boost::system::system_error);
}

TEST_F(Tls, IsNotOptional) {
    EXPECT_THROW(admin.request_by_tcp("GET", "/api/v1/openapi.yaml"), std::runtime_error);
}

TEST_F(Tls, TakesANewCertificateForNewConnections) {
    client.exchange(admin.port(), "/api/v1/openapi.yaml");
    const auto before = client.certificate_serial;
    const auto renewed = authority.issue_server();
    ASSERT_TRUE(admin.use_certificate(settings(renewed)));
    client.exchange(admin.port(), "/api/v1/openapi.yaml");
    EXPECT_NE(client.certificate_serial, before);
}

TEST_F(Tls, KeepsItsCertificateWhereANewOneCannotBeUsed) {
    const auto used = admin.use_certificate(settings({"/nonexistent.crt", "/nonexistent.key"}));
    ASSERT_FALSE(used);
    EXPECT_THAT(used.error().message, HasSubstr("/nonexistent.crt"));
    EXPECT_EQ(client.exchange(admin.port(), "/api/v1/openapi.yaml").status, 200);
}

TEST(TlsEdge, DisconnectsWhoDoesNotFinishAHandshake) {
    TestCa authority;
    const auto files = authority.issue_server();
    RunningAdmin admin{[&](api::ApiServerOptions& options) {
        serve_known_people(options);
        options.network->tls =
            config::ServerTls{config::ClientTls::require, files.certificate, files.key, std::nullopt};
        options.network_limits.timeout = 50ms;
    }};
    auto silent = RawClient::tcp(admin.port());
    EXPECT_EQ(silent.read_to_end(), "");
    auto half = RawClient::tcp(admin.port());
    half.send("\x16\x03\x01");
    EXPECT_EQ(half.read_to_end(), "");
    EXPECT_EQ(TlsClient{authority}.exchange(admin.port(), "/api/v1/openapi.yaml").status, 200)
        << "it goes on";
}

}  // namespace
}  // namespace curfew::test
