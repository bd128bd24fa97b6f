// Certificates, keys and authorities: looked at when the file is loaded, not at the first connection.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loading.hpp"
#include "self_signed.hpp"

namespace curfew::config::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ConfigCertificates : public ::testing::Test {
protected:
    ConfigCertificates() {
        environment_.add_file("/etc/curfew/tls.crt", own_.certificate);
        environment_.add_file("/etc/curfew/tls.key", own_.key);
        environment_.add_file("/etc/curfew/ca.crt", other_.certificate);
    }

    static std::string with_listener_tls(const std::string& tls) {
        return file_with({{"listeners", "[{ address: 0.0.0.0:6432, tls: { " + tls + " } }]"}});
    }
    static std::string with_resource_tls(const std::string& tls) {
        return file_with({{"resources", "{ prod: { host: h, tls: { " + tls + " } } }"}});
    }
    std::vector<std::string> problems_with(const std::string& text) {
        return problems_of(text, environment_);
    }

    const SelfSigned own_ = make_self_signed();
    const SelfSigned other_ = make_self_signed();
    FakeEnvironment environment_;
};

TEST_F(ConfigCertificates, OfAListener) {
    const auto config = load_valid(
        with_listener_tls("mode: allow, certificate: tls.crt, key: tls.key, client_ca: /etc/curfew/ca.crt"),
        environment_);
    const auto& tls = config.listeners.front().tls;
    EXPECT_EQ(tls.mode, ClientTls::allow);
    EXPECT_EQ(tls.certificate_file, "/etc/curfew/tls.crt");
    EXPECT_EQ(tls.key_file, "/etc/curfew/tls.key");
    EXPECT_EQ(tls.client_ca_file, "/etc/curfew/ca.crt");
}

TEST_F(ConfigCertificates, ListenerThatHasOneRequiresTlsUnlessItSaysOtherwise) {
    const auto config = load_valid(with_listener_tls("certificate: tls.crt, key: tls.key"), environment_);
    EXPECT_EQ(config.listeners.front().tls.mode, ClientTls::require);
}

TEST_F(ConfigCertificates, OfAResource) {
    const auto config =
        load_valid(with_resource_tls(
                       "sslmode: verify-full, root_certificate: ca.crt, certificate: tls.crt, key: tls.key"),
                   environment_);
    const auto& tls = config.find_resource("prod")->tls;
    EXPECT_EQ(tls.mode, SslMode::verify_full);
    EXPECT_EQ(tls.root_certificate_file, "/etc/curfew/ca.crt");
    EXPECT_EQ(tls.certificate_file, "/etc/curfew/tls.crt");
    EXPECT_EQ(tls.key_file, "/etc/curfew/tls.key");
}

TEST_F(ConfigCertificates, FilesMustExist) {
    EXPECT_THAT(problems_with(with_listener_tls("certificate: a.crt, key: a.key, client_ca: b.crt")),
                ElementsAre(HasSubstr("tls.certificate: cannot read /etc/curfew/a.crt: it does not exist"),
                            HasSubstr("tls.key: cannot read /etc/curfew/a.key"),
                            HasSubstr("tls.client_ca: cannot read /etc/curfew/b.crt")));
    EXPECT_THAT(problems_with(with_resource_tls("root_certificate: missing.crt")),
                OnlyProblem("resources.prod.tls.root_certificate", "cannot read /etc/curfew/missing.crt"));
}

TEST_F(ConfigCertificates, CertificateAndKeyComeTogether) {
    EXPECT_THAT(problems_with(with_listener_tls("certificate: tls.crt")),
                OnlyProblem("listeners[0].tls.certificate", "add 'key'"));
    EXPECT_THAT(problems_with(with_resource_tls("key: tls.key")),
                OnlyProblem("resources.prod.tls.key", "add 'certificate'"));
}

TEST_F(ConfigCertificates, MustParse) {
    environment_.add_file("/etc/curfew/empty.crt", "");
    environment_.add_file("/etc/curfew/text.crt", "not a certificate");
    for (const std::string name : {"empty.crt", "text.crt", "tls.key"}) {
        EXPECT_THAT(problems_with(with_listener_tls("certificate: " + name + ", key: tls.key")),
                    OnlyProblem("listeners[0].tls.certificate", name + ": holds no certificate"));
    }
}

TEST_F(ConfigCertificates, EveryOneOfAChainMustParse) {
    environment_.add_file("/etc/curfew/chain.crt", own_.certificate + other_.certificate);
    EXPECT_THAT(problems_with(with_listener_tls("certificate: chain.crt, key: tls.key")), IsEmpty());
    std::string broken = other_.certificate;
    broken[broken.size() / 2] = '!';
    environment_.add_file("/etc/curfew/chain.crt", own_.certificate + broken);
    EXPECT_THAT(problems_with(with_listener_tls("certificate: chain.crt, key: tls.key")),
                OnlyProblem("listeners[0].tls.certificate", "certificate 2 in it does not parse"));
}

TEST_F(ConfigCertificates, KeyMustParse) {
    environment_.add_file("/etc/curfew/bad.key", own_.certificate);
    EXPECT_THAT(problems_with(with_listener_tls("certificate: tls.crt, key: bad.key")),
                OnlyProblem("listeners[0].tls.key", "/etc/curfew/bad.key: holds no private key"));
}

TEST_F(ConfigCertificates, KeyBehindAPassphraseIsRefused) {
    environment_.add_file("/etc/curfew/bad.key", own_.encrypted_key);
    EXPECT_THAT(problems_with(with_listener_tls("certificate: tls.crt, key: bad.key")),
                OnlyProblem("listeners[0].tls.key", "is encrypted"));
}

TEST_F(ConfigCertificates, KeyMustBeThatOfTheCertificate) {
    environment_.add_file("/etc/curfew/other.key", other_.key);
    EXPECT_THAT(
        problems_with(with_listener_tls("certificate: tls.crt, key: other.key")),
        OnlyProblem("listeners[0].tls.key", "is not the key of the certificate in /etc/curfew/tls.crt"));
    EXPECT_THAT(problems_with(with_resource_tls("certificate: tls.crt, key: other.key")),
                OnlyProblem("resources.prod.tls.key", "is not the key of the certificate"));
}

TEST_F(ConfigCertificates, KeyThatEverybodyCanReadIsRefused) {
    environment_.add_file("/etc/curfew/tls.key", own_.key, 0644);
    EXPECT_THAT(problems_with(with_listener_tls("certificate: tls.crt, key: tls.key")),
                OnlyProblem("listeners[0].tls.key", "mode 0644"));
}

TEST_F(ConfigCertificates, CertificateMayBePublic) {
    environment_.add_file("/etc/curfew/tls.crt", own_.certificate, 0644);
    EXPECT_THAT(problems_with(with_listener_tls("certificate: tls.crt, key: tls.key")), IsEmpty());
}

// It may be renewed in place at any time; a node that will not start helps nobody.
TEST_F(ConfigCertificates, ExpiredOneIsTaken) {
    const auto expired = make_self_signed(Validity::expired);
    environment_.add_file("/etc/curfew/tls.crt", expired.certificate);
    environment_.add_file("/etc/curfew/tls.key", expired.key);
    EXPECT_THAT(problems_with(with_listener_tls("certificate: tls.crt, key: tls.key")), IsEmpty());
}

TEST_F(ConfigCertificates, TlsDoesNotGoWithAUnixSocketListener) {
    EXPECT_THAT(problems_with(file_with(
                    {{"listeners", "[{ address: /run/x, tls: { certificate: tls.crt, key: tls.key } }]"}})),
                OnlyProblem("listeners[0].tls", "Unix socket"));
}

// login: managed with authentication: certificate.
class ConfigCertificateLogin : public ConfigCertificates {
protected:
    std::vector<std::string> problems_with_listeners(const std::string& listeners) {
        return problems_with(file_with({{"listeners", "[" + listeners + "]"},
                                        {"resources",
                                         "{ prod: { host: h, login: managed, authentication: certificate, "
                                         "role: { user: app } }, other: { host: h } }"}}));
    }
    const std::string tls_ = "certificate: tls.crt, key: tls.key";
};

TEST_F(ConfigCertificateLogin, NeedsAListenerThatAsksForCertificates) {
    const auto needs_one = OnlyProblem("resources.prod.authentication", "nobody can show a certificate");
    EXPECT_THAT(problems_with_listeners("{ address: 10.0.0.1:1, tls: { " + tls_ + ", client_ca: ca.crt } }"),
                IsEmpty());
    EXPECT_THAT(problems_with_listeners("{ address: 10.0.0.1:1 }"), needs_one);
    EXPECT_THAT(problems_with_listeners("{ address: 10.0.0.1:1, tls: { " + tls_ + " } }"), needs_one);
    EXPECT_THAT(problems_with_listeners("{ address: 10.0.0.1:1, tls: { mode: disable, " + tls_ +
                                        ", client_ca: ca.crt } }"),
                needs_one);
}

TEST_F(ConfigCertificateLogin, ListenerOfAnotherResourceDoesNotCount) {
    const auto listener = [&](const std::string& resource) {
        return "{ address: 10.0.0.1:1 }, { address: 10.0.0.1:2, resource: " + resource + ", tls: { " + tls_ +
               ", client_ca: ca.crt } }";
    };
    EXPECT_THAT(problems_with_listeners(listener("prod")), IsEmpty());
    EXPECT_THAT(problems_with_listeners(listener("other")),
                OnlyProblem("resources.prod.authentication", "nobody can show a certificate"));
}

}  // namespace
}  // namespace curfew::config::test
