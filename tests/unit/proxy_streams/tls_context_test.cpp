// What TLS is agreed on, and with whom.
#include "proxy/tls_context.hpp"

#include <gmock/gmock.h>
#include <openssl/x509v3.h>

#include <array>
#include <filesystem>
#include <fstream>

#include "hand_client.hpp"
#include "self_signed.hpp"
#include "stream_pair.hpp"
#include "support/temporary_directory.hpp"

namespace curfew::proxy {
namespace {

using config::SslMode;
using test::ca;
using test::CertificateFiles;
using test::client_tls;
using test::ExpectedName;
using test::Handshake;
using test::Loop;
using test::server_tls;
using test::StreamPair;
using testing::AllOf;
using testing::HasSubstr;

std::string alpn_list(const std::vector<std::string>& protocols) {
    std::string list;
    for (const std::string& protocol : protocols)
        list += static_cast<char>(protocol.size()) + protocol;
    return list;
}

void offer(SSL_CTX* context, const std::vector<std::string>& protocols) {
    const std::string list = alpn_list(protocols);
    SSL_CTX_set_alpn_protos(context, reinterpret_cast<const unsigned char*>(list.data()),
                            static_cast<unsigned>(list.size()));
}

class TlsAgreement : public testing::Test {
protected:
    Loop loop;
    StreamPair pair = test::tcp_pair(loop);

    Handshake shake(const TlsContext& server, const TlsContext& client, const ExpectedName& name = {}) {
        return shake_hands(loop, pair, server.get(), client.get(), name);
    }
    Handshake shake(const config::ServerTls& server, const config::UpstreamTls& client,
                    const ExpectedName& name = {}) {
        const TlsContext server_context = test::server_context(server);
        const TlsContext client_context = test::client_context(client);
        return shake(server_context, client_context, name);
    }
    // A server with a certificate of these names, and a client that verifies `host`.
    Handshake verify(std::string_view names, const std::string& host, std::string_view common_name = "db") {
        const ExpectedName name{host, true};
        return shake(server_tls(ca().issue_server(common_name, names)), client_tls(SslMode::verify_full),
                     name);
    }
};

// Nothing but versions that a modern library would rather not speak.
void only_old_versions(SSL_CTX* context) {
    SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context, TLS1_1_VERSION);
    SSL_CTX_set_cipher_list(context, "DEFAULT@SECLEVEL=0");
}

TEST_F(TlsAgreement, RefusesAClientOfOldVersions) {
    const TlsContext server = test::server_context();
    SSL_CTX_set_cipher_list(server.get(), "DEFAULT@SECLEVEL=0");  // the version alone must be reason enough
    const TlsContext client = test::client_context();
    only_old_versions(client.get());
    const Handshake handshake = shake(server, client);
    ASSERT_FALSE(handshake.server);
    EXPECT_THAT(handshake.server_error(), HasSubstr("unsupported protocol"));
}

TEST_F(TlsAgreement, RefusesAServerOfOldVersions) {
    const TlsContext server = test::server_context();
    only_old_versions(server.get());
    const TlsContext client = test::client_context();
    SSL_CTX_set_cipher_list(client.get(), "DEFAULT@SECLEVEL=0");
    EXPECT_FALSE(shake(server, client).client);
}

TEST_F(TlsAgreement, SpeaksTls12AndTls13) {
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        const TlsContext server = test::server_context();
        const TlsContext client = test::client_context();
        SSL_CTX_set_max_proto_version(client.get(), version);
        StreamPair fresh = test::tcp_pair(loop);
        ASSERT_TRUE(shake_hands(loop, fresh, server.get(), client.get()).ok());
        EXPECT_EQ(SSL_version(fresh.server.tls()), version);
    }
}

TEST_F(TlsAgreement, SelectsPostgresqlWhereItIsOffered) {
    ASSERT_TRUE(shake(server_tls(), client_tls()).ok());
    EXPECT_EQ(selected_alpn(pair.server.tls()), "postgresql");
    EXPECT_EQ(selected_alpn(pair.client.tls()), "postgresql");
}

TEST_F(TlsAgreement, SelectsPostgresqlAmongOthers) {
    const TlsContext server = test::server_context();
    const TlsContext client = test::client_context();
    offer(client.get(), {"h2", "postgresql"});
    ASSERT_TRUE(shake(server, client).ok());
    EXPECT_EQ(selected_alpn(pair.server.tls()), "postgresql");
}

TEST_F(TlsAgreement, TakesAClientThatOffersNoProtocol) {
    const TlsContext server = test::server_context();
    const TlsContext client = test::client_context();
    SSL_CTX_set_alpn_protos(client.get(), nullptr, 0);
    ASSERT_TRUE(shake(server, client).ok());
    EXPECT_EQ(selected_alpn(pair.server.tls()), "");
}

TEST_F(TlsAgreement, RefusesAClientOfOtherProtocols) {
    const TlsContext server = test::server_context();
    const TlsContext client = test::client_context();
    offer(client.get(), {"h2", "http/1.1"});
    const Handshake handshake = shake(server, client);
    EXPECT_FALSE(handshake.server);
    EXPECT_THAT(handshake.client_error(), HasSubstr("no application protocol"));
}

TEST_F(TlsAgreement, IsNeverResumed) {
    const TlsContext server = test::server_context();
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        const TlsContext client = test::client_context();
        SSL_CTX_set_max_proto_version(client.get(), version);
        StreamPair fresh = test::tcp_pair(loop);
        ASSERT_TRUE(shake_hands(loop, fresh, server.get(), client.get()).ok());
        // Tickets, if there were any, come before the first byte.
        std::array<char, 1> byte{};
        ASSERT_EQ(loop.run(fresh.server.write_all("x")), Stream::Status::ok);
        ASSERT_EQ(loop.run(fresh.client.read_exactly(byte)), Stream::Status::ok);
        EXPECT_EQ(SSL_SESSION_is_resumable(SSL_get_session(fresh.client.tls())), 0);
    }
}

TEST_F(TlsAgreement, ComparesTheHostWithTheNamesInTheCertificate) {
    EXPECT_EQ(verify("DNS:db.example,DNS:other.example", "other.example").client_error(), "");
}

TEST_F(TlsAgreement, RefusesACertificateOfAnotherName) {
    const Handshake handshake = verify("DNS:db.example", "evil.example");
    EXPECT_THAT(handshake.client_error(),
                AllOf(HasSubstr("certificate verify failed"), HasSubstr("ostname mismatch")));
    EXPECT_FALSE(handshake.server);
}

TEST_F(TlsAgreement, TakesAWildcardForOneLabel) {
    EXPECT_EQ(verify("DNS:*.db.example", "a.db.example").client_error(), "");
}

TEST_F(TlsAgreement, RefusesAWildcardForTwoLabels) {
    EXPECT_FALSE(verify("DNS:*.db.example", "b.a.db.example").client);
}

TEST_F(TlsAgreement, RefusesAWildcardWithinALabel) {
    EXPECT_FALSE(verify("DNS:d*.db.example", "dd.db.example").client);
}

TEST_F(TlsAgreement, ComparesAnAddressWithTheAddressesInTheCertificate) {
    EXPECT_EQ(verify("IP:192.0.2.7,IP:2001:db8::1", "192.0.2.7").client_error(), "");
}

TEST_F(TlsAgreement, ComparesAnIpv6AddressWhateverWayItIsWritten) {
    EXPECT_EQ(verify("IP:2001:db8::1", "2001:0db8:0::0001").client_error(), "");
}

TEST_F(TlsAgreement, RefusesACertificateOfAnotherAddress) {
    EXPECT_THAT(verify("IP:192.0.2.7", "192.0.2.8").client_error(), HasSubstr("IP address mismatch"));
}

// Names that look like addresses prove nothing about addresses.
TEST_F(TlsAgreement, RefusesANameThatLooksLikeTheAddress) {
    EXPECT_FALSE(verify("DNS:192.0.2.7", "192.0.2.7", "192.0.2.7").client);
}

TEST_F(TlsAgreement, LooksAtTheChainAloneWithVerifyCa) {
    const CertificateFiles other = ca().issue_server("other", "DNS:other.example");
    EXPECT_EQ(shake(server_tls(other), client_tls(SslMode::verify_ca)).client_error(), "");
}

TEST_F(TlsAgreement, RefusesACertificateOfAnotherAuthority) {
    test::TestCa stranger{"A stranger's CA"};
    const CertificateFiles theirs = stranger.issue_server();
    for (const SslMode mode : {SslMode::verify_ca, SslMode::verify_full, SslMode::require}) {
        StreamPair fresh = test::tcp_pair(loop);
        const TlsContext server = test::server_context(server_tls(theirs));
        const TlsContext client = test::client_context(client_tls(mode));
        const Handshake handshake = shake_hands(loop, fresh, server.get(), client.get());
        EXPECT_THAT(handshake.client_error(), HasSubstr("certificate verify failed"));
        EXPECT_THAT(handshake.server_error(), HasSubstr("unknown ca"));
    }
}

TEST_F(TlsAgreement, TakesAnyCertificateWithoutARootCertificate) {
    test::TestCa stranger{"A stranger's CA"};
    EXPECT_TRUE(shake(server_tls(stranger.issue_server()), client_tls()).ok());
}

// A context that asks for no verification does not make a name worthless.
TEST_F(TlsAgreement, VerifiesANameWhateverItsContextSays) {
    const ExpectedName name{"localhost", true};
    EXPECT_FALSE(shake(server_tls(), client_tls(SslMode::prefer), name).client);
}

TEST_F(TlsAgreement, RefusesAClientsCertificateForAServers) {
    const CertificateFiles person = ca().issue_client("alice");
    EXPECT_FALSE(shake(server_tls(person), client_tls(SslMode::verify_ca)).client);
}

TEST_F(TlsAgreement, NamesItsHostToTheServerUnlessItIsAnAddress) {
    ASSERT_TRUE(shake(server_tls(), client_tls(), {"db.example", false}).ok());
    EXPECT_STREQ(SSL_get_servername(pair.server.tls(), TLSEXT_NAMETYPE_host_name), "db.example");
    for (const char* address : {"192.0.2.7", "2001:db8::1"}) {
        pair = test::tcp_pair(loop);
        ASSERT_TRUE(shake(server_tls(), client_tls(), {address, false}).ok());
        EXPECT_EQ(SSL_get_servername(pair.server.tls(), TLSEXT_NAMETYPE_host_name), nullptr);
    }
}

TEST_F(TlsAgreement, BindsToTheServersCertificateOnBothSides) {
    ASSERT_TRUE(shake(server_tls(), client_tls()).ok());
    const auto server = own_channel_binding(pair.server.tls());
    const auto client = peer_channel_binding(pair.client.tls());
    ASSERT_TRUE(server && client);
    EXPECT_EQ(server->data.size(), 32U);
    EXPECT_EQ(server->data, client->data);
}

TEST_F(TlsAgreement, HasNothingToTellInPlaintext) {
    EXPECT_EQ(selected_alpn(pair.server.tls()), "");
    EXPECT_FALSE(own_channel_binding(pair.server.tls()));
    EXPECT_FALSE(peer_channel_binding(pair.server.tls()));
    EXPECT_FALSE(verified_peer_name(pair.server.tls()));
}

// Certificates of clients.
class ClientCertificate : public TlsAgreement {
protected:
    config::ServerTls asking(const std::filesystem::path& authorities = ca().certificate()) {
        config::ServerTls tls = server_tls();
        tls.client_ca_file = authorities;
        return tls;
    }
    config::UpstreamTls showing(const CertificateFiles& files) {
        config::UpstreamTls tls = client_tls();
        tls.certificate_file = files.certificate;
        tls.key_file = files.key;
        return tls;
    }
};

TEST_F(ClientCertificate, NamesWhoPresentedIt) {
    ASSERT_TRUE(shake(asking(), showing(ca().issue_client("alice"))).ok());
    EXPECT_EQ(verified_peer_name(pair.server.tls()), "alice");
}

TEST_F(ClientCertificate, NeedNotBePresented) {
    ASSERT_TRUE(shake(asking(), client_tls()).ok());
    EXPECT_EQ(verified_peer_name(pair.server.tls()), std::nullopt);
}

TEST_F(ClientCertificate, IsRefusedFromAnotherAuthority) {
    test::TestCa stranger{"A stranger's CA"};
    const Handshake handshake = shake(asking(), showing(stranger.issue_client("alice")));
    EXPECT_THAT(handshake.server_error(), HasSubstr("certificate verify failed"));
    EXPECT_EQ(verified_peer_name(pair.server.tls()), std::nullopt);
}

TEST_F(ClientCertificate, IsRefusedIfItIsAServers) {
    EXPECT_FALSE(shake(asking(), showing(ca().issue_server())).server);
}

TEST_F(ClientCertificate, ProvesNothingWhereNobodyAskedForIt) {
    ASSERT_TRUE(shake(server_tls(), showing(ca().issue_client("alice"))).ok());
    EXPECT_EQ(verified_peer_name(pair.server.tls()), std::nullopt);
}

TEST_F(ClientCertificate, IsAskedForByTheNamesOfItsAuthorities) {
    ASSERT_TRUE(shake(asking(), showing(ca().issue_client("alice"))).ok());
    EXPECT_EQ(sk_X509_NAME_num(SSL_get0_peer_CA_list(pair.client.tls())), 1);
}

TEST_F(ClientCertificate, NamesNobodyByACommonNameWithANulInIt) {
    using namespace std::string_literals;
    ASSERT_TRUE(shake(asking(), showing(ca().issue_client("alice\0.evil.example"s))).ok());
    EXPECT_EQ(verified_peer_name(pair.server.tls()), std::nullopt);
}

TEST_F(ClientCertificate, NamesNobodyByTwoCommonNames) {
    const test::SelfSigned files{{"alice", "bob"}};
    ASSERT_TRUE(shake(asking(files.files().certificate), showing(files.files())).ok());
    EXPECT_EQ(verified_peer_name(pair.server.tls()), std::nullopt);
}

TEST_F(ClientCertificate, NamesWhoPresentedASelfSignedOneThatIsTrusted) {
    const test::SelfSigned files{{"alice"}};
    ASSERT_TRUE(shake(asking(files.files().certificate), showing(files.files())).ok());
    EXPECT_EQ(verified_peer_name(pair.server.tls()), "alice");
}

TEST_F(ClientCertificate, NamesNobodyWithoutACommonName) {
    const test::SelfSigned files{{}};
    ASSERT_TRUE(shake(asking(files.files().certificate), showing(files.files())).ok());
    EXPECT_EQ(verified_peer_name(pair.server.tls()), std::nullopt);
}

// Files that cannot be used.
class UnusableFile : public testing::Test {
protected:
    test::TemporaryDirectory directory{"curfew-tls"};
    std::filesystem::path nothing = directory / "missing.pem";
    std::filesystem::path nonsense = directory.write("nonsense.pem", "not PEM at all\n");

    template <class Context>
    static void expect_named(const Result<Context>& result, const std::filesystem::path& file) {
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().code, ErrorCode::invalid);
        EXPECT_THAT(result.error().message, HasSubstr(file.string()));
    }
};

TEST_F(UnusableFile, IsNamedWhenItIsTheServersCertificate) {
    for (const auto& file : {nothing, nonsense}) {
        config::ServerTls tls = server_tls();
        tls.certificate_file = file;
        expect_named(make_server_context(tls), file);
    }
}

TEST_F(UnusableFile, SaysWhyItCannotBeRead) {
    config::ServerTls tls = server_tls();
    tls.certificate_file = nothing;
    EXPECT_THAT(make_server_context(tls).error().message, HasSubstr("No such file or directory"));
}

TEST_F(UnusableFile, IsNamedWhenItIsTheKey) {
    const CertificateFiles other = ca().issue_server("other", "DNS:other.example");
    for (const auto& file : {nothing, nonsense, other.key}) {
        config::ServerTls tls = server_tls();
        tls.key_file = file;
        expect_named(make_server_context(tls), file);
    }
}

TEST_F(UnusableFile, IsNamedWhenItIsTheAuthorityOfClients) {
    for (const auto& file : {nothing, nonsense}) {
        config::ServerTls tls = server_tls();
        tls.client_ca_file = file;
        expect_named(make_server_context(tls), file);
    }
}

TEST_F(UnusableFile, IsNamedWhenItIsTheRootCertificate) {
    for (const auto& file : {nothing, nonsense}) {
        config::UpstreamTls tls = client_tls();
        tls.root_certificate_file = file;
        expect_named(make_client_context(tls), file);
    }
}

TEST_F(UnusableFile, IsNamedWhenItIsTheCertificateToShow) {
    const CertificateFiles alice = ca().issue_client("alice");
    config::UpstreamTls tls = client_tls();
    tls.certificate_file = nonsense;
    tls.key_file = alice.key;
    expect_named(make_client_context(tls), nonsense);
}

// Better no connection than one that is not verified.
TEST(ClientContext, IsRefusedWhereThereIsNothingToVerifyBy) {
    for (const SslMode mode : {SslMode::verify_ca, SslMode::verify_full}) {
        config::UpstreamTls tls;
        tls.mode = mode;
        const auto context = make_client_context(tls);
        ASSERT_FALSE(context);
        EXPECT_EQ(context.error().code, ErrorCode::invalid);
    }
}

}  // namespace
}  // namespace curfew::proxy
