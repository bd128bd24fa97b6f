// Finding out who a client is: clients that do it right, and those that do not.
#include "proxy/person_login.hpp"

#include <gmock/gmock.h>

#include "message_stream.hpp"
#include "protocol/postgres/scram_client.hpp"
#include "protocol/postgres/scram_verifier.hpp"
#include "sockets.hpp"

namespace curfew::test {
namespace {

namespace asio = boost::asio;
using Method = config::PersonAuthentication;
using postgres::ScramClient;
using proxy::Dropped;
using proxy::Refusal;
using proxy::Stream;
using proxy::Unless;
using testing::StartsWith;
using Status = Stream::Status;

constexpr const char* password = "curfew rings at eight";

config::Config config_of_alice() {
    config::Config config;
    config::User& alice = config.users["alice"];
    alice.name = "alice";
    alice.certificate_name = "alice";
    static const std::string verifier =
        to_string(postgres::ScramVerifier::make(password, "sixteen bytes!!!"));
    alice.scram_verifier = Secret{verifier};
    config.users["bob"].name = "bob";  // has neither
    return config;
}

class LoggingInAPerson : public testing::Test {
protected:
    Loop loop;
    StreamPair pair = local_pair(loop, Transport::plaintext, 400'000);
    const config::Config config = config_of_alice();
    config::Resource resource;
    std::optional<Secret> of_grant;  // the verifier of a grant's own credential
    const Secret secret{"a secret of this installation...."};
    std::future<Unless> login;

    void begin(const std::string& user = "alice") {
        login = loop.start(proxy::authenticate_person(pair.server, user, resource, config,
                                                      of_grant ? &*of_grant : nullptr, secret));
        loop.settle();
    }
    void send(std::string_view bytes) {
        ASSERT_EQ(loop.run(pair.client.write_all(bytes)), Status::ok);
        loop.settle();
    }
    // The data of the next authentication request.
    std::string challenge() {
        const Parsed parsed = parse(take(pair.client));
        EXPECT_EQ(parsed.types(), "R");
        return parsed.types() == "R" ? parsed.messages[0].body.substr(4) : "";
    }
    // The whole of SCRAM as a client does it.
    void log_in(const std::string& with) {
        ASSERT_EQ(challenge(), std::string("SCRAM-SHA-256\0\0", 15));
        ScramClient scram{Secret{with}, std::nullopt, false};
        send(wire::sasl_initial_response("SCRAM-SHA-256", scram.client_first()));
        const auto response = scram.on_server_first(challenge());
        ASSERT_TRUE(response);
        send(wire::message('p', *response));
        if (!of_grant && with == password) {
            EXPECT_TRUE(scram.on_server_final(challenge()));
        }
    }

    Unless outcome() { return loop.finish(login); }
    std::string refused() {
        const Unless failure = outcome();
        if (!failure || !std::holds_alternative<Refusal>(*failure)) return "";
        const auto& refusal = std::get<Refusal>(*failure);
        return wire::report_fields(parse(refusal.bytes).messages.at(0)).at('C') + " " + refusal.reason;
    }
    std::string dropped() {
        const Unless failure = outcome();
        return failure && std::holds_alternative<Dropped>(*failure) ? std::get<Dropped>(*failure).reason : "";
    }
};

TEST_F(LoggingInAPerson, TakesWhoKnowsThePassword) {
    begin();
    log_in(password);
    EXPECT_FALSE(outcome());
    EXPECT_EQ(take(pair.client), "");  // AuthenticationOk is not said here
}

TEST_F(LoggingInAPerson, TakesAGrantsCredentialInPlaceOfTheirOwn) {
    of_grant = Secret{to_string(postgres::ScramVerifier::make("given once", "sixteen bytes...."))};
    begin("bob");  // who has no password
    log_in("given once");
    EXPECT_FALSE(outcome());
    pair = local_pair(loop, Transport::plaintext, 400'000);
    begin("alice");
    log_in(password);
    EXPECT_EQ(refused(), "28P01 authentication_failed");
}

TEST_F(LoggingInAPerson, RefusesAWrongPasswordAndAnUnknownUserAlike) {
    begin();
    log_in("guessed");
    EXPECT_EQ(refused(), "28P01 authentication_failed");
    for (const char* user : {"nobody", "bob"}) {
        begin(user);
        log_in(password + std::string{"?"});
        EXPECT_EQ(refused(), "28P01 authentication_failed") << user;
    }
}

TEST_F(LoggingInAPerson, ShowsAStrangerTheSameSaltEveryTime) {
    std::vector<std::string> salts;
    for (int i = 0; i < 2; ++i) {
        pair = local_pair(loop, Transport::plaintext);
        begin("nobody");
        challenge();
        ScramClient scram{Secret{"guessed"}, std::nullopt, false};
        send(wire::sasl_initial_response("SCRAM-SHA-256", scram.client_first()));
        const std::string first = challenge();
        salts.push_back(first.substr(first.find(",s=")));
        pair.client.close();
        EXPECT_EQ(dropped(), "client_closed");
    }
    EXPECT_EQ(salts[0], salts[1]);
}

TEST_F(LoggingInAPerson, RefusesWhatIsNoPartOfALogin) {
    const std::string others[]{
        wire::query("SELECT 1"),
        wire::terminate(),
        wire::startup({{"user", "alice"}, {"database", "db"}}),  // CVE-2026-107350
        wire::password(password),
        wire::sasl_initial_response("PLAIN", "alice"),
        wire::message('p'),
        std::string{"p\0\0\0\3", 5},
        std::string{"p\x7f\xff\xff\xff", 5},
        std::string{"p\xff\xff\xff\xff", 5},
    };
    for (const std::string& bytes : others) {
        pair = local_pair(loop, Transport::plaintext);
        begin();
        challenge();
        send(bytes);
        EXPECT_THAT(refused(), StartsWith("08P01 protocol_error"));
    }
}

TEST_F(LoggingInAPerson, ReadsNothingBehindTheLastResponse) {
    begin();
    challenge();
    ScramClient scram{Secret{password}, std::nullopt, false};
    send(wire::sasl_initial_response("SCRAM-SHA-256", scram.client_first()));
    const auto response = scram.on_server_first(challenge());
    send(wire::message('p', *response) + wire::query("SELECT 1"));
    EXPECT_FALSE(outcome());
    EXPECT_EQ(take(pair.server), wire::query("SELECT 1"));
}

TEST_F(LoggingInAPerson, DropsAClientThatVanishes) {
    begin();
    pair.client.close();
    EXPECT_EQ(dropped(), "client_closed");

    pair = local_pair(loop, Transport::plaintext);
    begin();
    challenge();
    send("p");
    pair.client.close();
    EXPECT_EQ(dropped(), "client_closed");
}

TEST_F(LoggingInAPerson, IsInterrupted) {
    begin();
    pair.server.interrupt();
    EXPECT_EQ(dropped(), "interrupted");

    pair = local_pair(loop, Transport::plaintext);
    begin();
    challenge();
    ScramClient scram{Secret{password}, std::nullopt, false};
    send(wire::sasl_initial_response("SCRAM-SHA-256", scram.client_first()));
    pair.server.interrupt();
    EXPECT_EQ(dropped(), "interrupted");
}

// --- Certificates

class LoggingInAPersonByCertificate : public LoggingInAPerson {
protected:
    LoggingInAPersonByCertificate() { resource.authentication = Method::certificate; }

    // In TLS, with a certificate of this name; empty: none.
    void connect(const std::string& name) {
        config::ServerTls tls = server_tls();
        tls.client_ca_file = ca().certificate();
        config::UpstreamTls own = client_tls();
        if (!name.empty()) {
            const CertificateFiles files = ca().issue_client(name);
            own.certificate_file = files.certificate;
            own.key_file = files.key;
        }
        server = server_context(tls);
        client = client_context(own);
        pair = local_pair(loop, Transport::plaintext, 400'000);
        ASSERT_TRUE(test::shake_hands(loop, pair, server.get(), client.get()).ok());
    }

    proxy::TlsContext server;
    proxy::TlsContext client;
};

TEST_F(LoggingInAPersonByCertificate, TakesWhoseNameItCarries) {
    connect("alice");
    begin();
    EXPECT_FALSE(outcome());
    EXPECT_EQ(take(pair.client), "");
}

TEST_F(LoggingInAPersonByCertificate, RefusesAnotherNameAndNone) {
    for (const char* name : {"bob", "Alice", ""}) {
        connect(name);
        begin();
        EXPECT_EQ(refused(), "28000 authentication_failed") << name;
    }
    connect("nobody");
    begin("nobody");
    EXPECT_EQ(refused(), "28000 authentication_failed");
}

TEST_F(LoggingInAPersonByCertificate, RefusesAClientWithoutTls) {
    begin();
    EXPECT_EQ(refused(), "28000 authentication_failed");
}

TEST_F(LoggingInAPersonByCertificate, AsksForThePasswordWhereThatWillDoToo) {
    resource.authentication = Method::scram_or_certificate;
    begin();
    log_in(password);
    EXPECT_FALSE(outcome());
    connect("alice");
    begin();
    EXPECT_FALSE(outcome());
}

TEST_F(LoggingInAPersonByCertificate, TakesNoCertificateWhereAPasswordIsWanted) {
    resource.authentication = Method::scram;
    connect("alice");
    begin();
    pair.client.close();
    EXPECT_EQ(dropped(), "client_closed");
}

}  // namespace
}  // namespace curfew::test
