// How a conversation may begin: versions, encryption requests, direct TLS.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/running_curfew.hpp"

namespace curfew::test {
namespace {

using testing::HasSubstr;

class Startup : public testing::Test {
protected:
    static void SetUpTestSuite() {
        PostgresCluster& postgres = PostgresCluster::shared();
        postgres.sql("CREATE ROLE alice LOGIN");
        plain = std::make_unique<RunningCurfew>(basic_config(postgres));
        encrypted = std::make_unique<RunningCurfew>(tls_config(postgres, "require"));
        optional = std::make_unique<RunningCurfew>(tls_config(postgres, "allow"));
        for (const auto* curfew : {&plain, &encrypted, &optional})
            (*curfew)->grant("alice");
    }
    static void TearDownTestSuite() {
        for (auto* curfew : {&plain, &encrypted, &optional})
            curfew->reset();
    }

    static YAML::Node tls_config(PostgresCluster& postgres, const std::string& mode) {
        YAML::Node config = basic_config(postgres);
        use_tls(config, postgres.ca(), mode);
        return config;
    }

    static wire::Parameters alice(wire::Parameters more = {}) {
        more.insert(more.begin(), {{"user", "alice"}, {"database", the_resource}});
        return more;
    }

    // NegotiateProtocolVersion's contents.
    struct Negotiation {
        std::uint32_t newest = 0;
        std::vector<std::string> unknown;
    };
    static std::optional<Negotiation> negotiation(const std::vector<wire::Message>& messages) {
        for (const wire::Message& message : messages) {
            if (message.type != 'v') continue;
            Negotiation result{wire::read_int32(message.body), {}};
            const std::uint32_t count = wire::read_int32(std::string_view{message.body}.substr(4));
            std::size_t at = 8;
            for (std::uint32_t i = 0; i < count; ++i) {
                result.unknown.emplace_back(message.body.c_str() + at);
                at += result.unknown.back().size() + 1;
            }
            EXPECT_EQ(at, message.body.size());
            return result;
        }
        return std::nullopt;
    }

    PostgresCluster& cluster = PostgresCluster::shared();
    static inline std::unique_ptr<RunningCurfew> plain;      // without TLS
    static inline std::unique_ptr<RunningCurfew> encrypted;  // with nothing else
    static inline std::unique_ptr<RunningCurfew> optional;   // with both
    TlsClientOptions trusting{cluster.ca().certificate(), {}, {}, {}};
    TlsClientOptions direct{cluster.ca().certificate(), {}, {}, "postgresql"};
};

TEST_F(Startup, Version30IsNotToldOfNegotiation) {
    WireClient client = plain->client();
    client.send_startup(alice());
    EXPECT_EQ(negotiation(client.read_until_ready()), std::nullopt) << "libpq 15 dies of it";
    EXPECT_EQ(client.cancel_key().size(), 4U);
    EXPECT_EQ(client.query("SELECT 1"), "1");
}

TEST_F(Startup, Version32IsSpoken) {
    WireClient client = plain->client();
    client.send_startup(alice(), wire::protocol_3_2);
    const auto told = negotiation(client.read_until_ready());
    if (told) {
        EXPECT_EQ(told->newest, wire::protocol_3_2);
    }
    EXPECT_GT(client.cancel_key().size(), 4U);
    EXPECT_EQ(client.query("SELECT 1"), "1");
}

TEST_F(Startup, NewerVersionsAndUnknownOptionsAreNegotiated) {
    WireClient client = plain->client();
    client.send_startup(alice({{"_pq_.frobnicate", "1"}, {"_pq_.other", "x"}}), (3U << 16U) | 9U);
    const auto told = negotiation(client.read_until_ready());
    ASSERT_TRUE(told.has_value());
    EXPECT_EQ(told->newest, wire::protocol_3_2);
    EXPECT_THAT(told->unknown, testing::UnorderedElementsAre("_pq_.frobnicate", "_pq_.other"));
    EXPECT_EQ(client.query("SELECT 1"), "1");
}

TEST_F(Startup, AnUnknownOptionIsNamedTo30AsWell) {
    WireClient client = plain->client();
    client.send_startup(alice({{"_pq_.frobnicate", "1"}}));
    const auto told = negotiation(client.read_until_ready());
    ASSERT_TRUE(told.has_value());
    EXPECT_THAT(told->unknown, testing::ElementsAre("_pq_.frobnicate"));
}

TEST_F(Startup, OtherMajorVersionsAreRefused) {
    for (const std::uint32_t version : {2U << 16U, 4U << 16U, 0U}) {
        WireClient client = plain->client();
        client.send_startup(alice(), version);
        const Ending ending = client.read_to_end();
        EXPECT_EQ(ending.fatal.count('S') != 0 ? ending.fatal.at('S') : "", "FATAL") << version;
        EXPECT_THAT(ending.sqlstate(), testing::AnyOf("0A000", "08P01")) << version;
    }
}

TEST_F(Startup, GssEncryptionIsDeclinedAndTheClientGoesOn) {
    WireClient client = plain->client();
    client.send(wire::gssenc_request());
    EXPECT_EQ(client.read_answer(), 'N');
    client.log_in("alice", the_resource);
    EXPECT_EQ(client.query("SELECT 1"), "1");
}

TEST_F(Startup, TlsIsDeclinedWhereThereIsNoCertificate) {
    WireClient client = plain->client();
    EXPECT_FALSE(client.request_tls());
    client.log_in("alice", the_resource);
    EXPECT_EQ(client.query("SELECT 1"), "1");
}

TEST_F(Startup, GssThenTlsAndTlsThenGssAreBothTaken) {
    WireClient gss_first = optional->client();
    gss_first.send(wire::gssenc_request());
    EXPECT_EQ(gss_first.read_answer(), 'N');
    ASSERT_TRUE(gss_first.request_tls(trusting));
    gss_first.log_in("alice", the_resource);

    WireClient tls_first = plain->client();
    EXPECT_FALSE(tls_first.request_tls());
    tls_first.send(wire::gssenc_request());
    EXPECT_EQ(tls_first.read_answer(), 'N');
    tls_first.log_in("alice", the_resource);
}

TEST_F(Startup, EachEncryptionRequestIsTakenOnce) {
    WireClient twice = plain->client();
    EXPECT_FALSE(twice.request_tls());
    twice.send(wire::ssl_request());
    EXPECT_EQ(twice.read_to_end().messages.count('Z'), 0U);

    WireClient gss_twice = plain->client();
    gss_twice.send(wire::gssenc_request());
    EXPECT_EQ(gss_twice.read_answer(), 'N');
    gss_twice.send(wire::gssenc_request());
    EXPECT_EQ(gss_twice.read_to_end().messages.count('Z'), 0U);
}

TEST_F(Startup, TlsWorks) {
    WireClient client = encrypted->client();
    ASSERT_TRUE(client.request_tls(trusting));
    client.log_in("alice", the_resource);
    EXPECT_EQ(client.query("SELECT 1"), "1");
}

TEST_F(Startup, PlaintextIsRefusedWhereTlsIsRequired) {
    const long connections = cluster.connections_received();
    WireClient client = encrypted->client();
    client.send_startup(alice());
    const Ending ending = client.read_to_end();
    EXPECT_EQ(ending.sqlstate(), "28000");
    EXPECT_THAT(ending.message(), testing::AnyOf(HasSubstr("TLS"), HasSubstr("SSL")));
    EXPECT_EQ(cluster.connections_received(), connections);
}

TEST_F(Startup, PlaintextIsTakenWhereTlsIsAllowed) {
    WireClient client = optional->client();
    client.log_in("alice", the_resource);
    EXPECT_EQ(client.query("SELECT 1"), "1");
}

// CVE-2021-23214: what somebody slipped in before the encryption began is not the client's word.
TEST_F(Startup, PlaintextBehindAnSslRequestIsNeverTaken) {
    const long connections = cluster.connections_received();
    WireClient client = optional->client();
    client.send(wire::ssl_request() + wire::startup(alice()));
    ByteStream::End end = ByteStream::End::none;
    std::string answer;
    while (end == ByteStream::End::none)
        answer += client.stream().read_some(end);
    EXPECT_THAT(answer, testing::Not(testing::StartsWith("S"))) << "no handshake over what was slipped in";
    EXPECT_EQ(answer.find('Z'), std::string::npos);
    EXPECT_EQ(cluster.connections_received(), connections);
}

TEST_F(Startup, DirectTlsWorksWithItsAlpn) {
    WireClient client = encrypted->client();
    client.stream().start_tls(direct);
    EXPECT_EQ(client.stream().alpn_selected(), "postgresql");
    client.log_in("alice", the_resource);
    EXPECT_EQ(client.query("SELECT 1"), "1");
}

TEST_F(Startup, DirectTlsWithoutOrWithAnotherAlpnIsRefused) {
    for (const char* alpn : {"", "http/1.1"}) {
        WireClient client = encrypted->client();
        EXPECT_THROW(
            {
                client.stream().start_tls({cluster.ca().certificate(), {}, {}, alpn});
                client.log_in("alice", the_resource);
            },
            std::exception)
            << "ALPN '" << alpn << "'";
    }
}

TEST_F(Startup, TlsInsideTlsIsRefused) {
    WireClient client = encrypted->client();
    client.stream().start_tls(direct);
    client.send(wire::ssl_request());
    EXPECT_EQ(client.read_to_end().messages.count('Z'), 0U);
}

TEST_F(Startup, OldTlsVersionsAreRefused) {
    const CommandResult result =
        run({"openssl", "s_client", "-starttls", "postgres", "-connect",
             "127.0.0.1:" + std::to_string(encrypted->port()), "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"});
    EXPECT_FALSE(result.status.success());
}

TEST_F(Startup, APacketInSingleBytesIsTaken) {
    WireClient client = plain->client();
    for (const char byte : wire::startup(alice()))
        client.send(std::string(1, byte));
    client.read_until_ready();
    EXPECT_EQ(client.query("SELECT 1"), "1");
}

TEST_F(Startup, APacketOfTheGreatestLengthIsTaken) {
    // 10,004 bytes with the length word, as PostgreSQL takes it: filled up with a long application_name.
    std::string value(10'004 - wire::startup(alice({{"application_name", ""}})).size(), 'n');
    WireClient client = plain->client();
    client.send_startup(alice({{"application_name", value}}));
    client.read_until_ready();
    EXPECT_EQ(client.query("SELECT length(current_setting('application_name'))"), "63");
}

}  // namespace
}  // namespace curfew::test
