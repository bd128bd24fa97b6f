// A connection that is no session yet ends too: when the right it came for ends, or when it takes too long.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/running_curfew.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;

// PostgreSQL asks for a password, which never comes.
class TeardownInHandshake : public testing::Test {
protected:
    static void SetUpTestSuite() {
        postgres = std::make_unique<PostgresCluster>(with_hba({"host all alice 127.0.0.1/32 scram-sha-256"}));
        postgres->sql("CREATE ROLE alice LOGIN PASSWORD 'secret'");
    }
    static void TearDownTestSuite() { postgres.reset(); }

    static WireClient half_logged_in(const RunningCurfew& curfew) {
        WireClient client = curfew.client();
        client.send_startup({{"user", "alice"}, {"database", the_resource}});
        const wire::Message request = client.read_message();
        EXPECT_EQ(request.type, 'R');
        EXPECT_EQ(wire::read_int32(request.body), 10U) << "AuthenticationSASL";
        EXPECT_EQ(postgres->process_count(": alice "), 1U);
        return client;
    }

    static void expect_told_or_closed(const Ending& ending, Instant deadline) {
        if (!ending.fatal.empty()) {
            EXPECT_THAT(ending.sqlstate(), testing::AnyOf("28000", "57P01")) << ending.message();
        }
        EXPECT_EQ(ending.messages.count('Z'), 0U);
        EXPECT_FALSE(ending.garbled);
        EXPECT_LE(ending.told_at(), deadline + within(100ms));
    }

    // The backend is a process that waits for a password, unknown to pg_stat_activity: it is gone once it has
    // seen its connection close.
    static void expect_no_backend() {
        EXPECT_TRUE(eventually([] { return postgres->process_count(": alice ") == 0; }))
            << "PostgreSQL still waits for alice's password";
    }

    static inline std::unique_ptr<PostgresCluster> postgres;
};

TEST_F(TeardownInHandshake, EndsWhoIsStillAuthenticatingWhenTheGrantExpires) {
    const RunningCurfew curfew{basic_config(*postgres)};
    const GivenGrant grant = curfew.grant("alice", std::to_string(slowdown) + "s");
    const Instant deadline = grant.end();
    WireClient client = half_logged_in(curfew);
    const Ending ending = client.read_to_end();
    EXPECT_GE(ending.told_at(), deadline - 5ms);
    expect_told_or_closed(ending, deadline);
    expect_no_backend();
}

TEST_F(TeardownInHandshake, EndsWhoIsStillAuthenticatingWhenTheGrantIsRevoked) {
    const RunningCurfew curfew{basic_config(*postgres)};
    const GivenGrant grant = curfew.grant("alice");
    WireClient client = half_logged_in(curfew);
    curfew.revoke(grant.id);
    const Instant revoked = now();
    expect_told_or_closed(client.read_to_end(), revoked);
    expect_no_backend();
}

TEST_F(TeardownInHandshake, EndsWhoTakesTooLongToAuthenticate) {
    YAML::Node config = basic_config(*postgres);
    config["timeouts"]["handshake"] = "1s";
    const RunningCurfew curfew{config};
    curfew.grant("alice");
    const Instant start = now();
    WireClient client = half_logged_in(curfew);
    const Ending ending = client.read_to_end();
    EXPECT_GE(ending.told_at(), start + 900ms);
    EXPECT_LE(ending.told_at(), start + 1s + within(300ms));
    expect_no_backend();
    EXPECT_EQ(curfew.metric("curfew_connections_dropped_total", {{"reason", "handshake_timeout"}}), 1);
}

TEST_F(TeardownInHandshake, EndsAnUnfinishedTlsHandshake) {
    YAML::Node config = basic_config(*postgres);
    use_tls(config, postgres->ca());
    config["timeouts"]["handshake"] = "1s";
    const RunningCurfew curfew{config};
    const Instant start = now();
    WireClient client = curfew.client();
    client.send(wire::ssl_request());
    ASSERT_EQ(client.read_answer(), 'S');
    // The head of a TLS record that says 512 bytes of handshake follow; they do not.
    client.send(std::string{"\x16\x03\x01\x02\x00\x01", 6});
    ByteStream::End end = ByteStream::End::none;
    while (end == ByteStream::End::none)
        client.stream().read_some(end);
    EXPECT_GE(now(), start + 900ms);
    EXPECT_LE(now(), start + 1s + within(300ms));
    EXPECT_EQ(curfew.metric("curfew_connections_dropped_total", {{"reason", "handshake_timeout"}}), 1);
}

}  // namespace
}  // namespace curfew::test
