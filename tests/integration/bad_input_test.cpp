// Bad input gets an error or a close, in time, with a metric and a log line; never a crash, a hang, or a byte
// to PostgreSQL.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <fstream>

#include "support/running_curfew.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;

constexpr auto handshake_timeout = 1s;

wire::Parameters alice(wire::Parameters more = {}) {
    more.insert(more.begin(), {{"user", "alice"}, {"database", the_resource}});
    return more;
}

std::string raw_startup(const std::string& body) {
    return wire::packet(wire::int32(wire::protocol_3_0) + body);
}

const std::string user_and_database =
    wire::cstring("user") + wire::cstring("alice") + wire::cstring("database") + wire::cstring(the_resource);

class BadInput : public testing::Test {
protected:
    static void SetUpTestSuite() {
        PostgresCluster& postgres = PostgresCluster::shared();
        postgres.sql("CREATE ROLE alice LOGIN; CREATE ROLE of_alice PASSWORD 'secret'");
        YAML::Node config = basic_config(postgres);
        config["timeouts"]["handshake"] = "1s";
        secrets = std::make_unique<TemporaryDirectory>("curfew-secrets");
        // A second resource where Curfew itself asks for the password.
        YAML::Node managed = YAML::Clone(config["resources"][the_resource]);
        managed["login"] = "managed";
        managed["role"]["user"] = "alice";
        config["resources"]["managed"] = managed;
        config["users"]["alice"]["scram_verifier"]["file"] =
            secrets
                ->write("alice", postgres.sql("SELECT rolpassword FROM pg_authid WHERE rolname = 'of_alice'"))
                .string();
        curfew = std::make_unique<RunningCurfew>(config);
        curfew->grant("alice");
        curfew->cli({"grant", "alice", "managed", "--for", "1h"});
    }
    static void TearDownTestSuite() {
        curfew.reset();
        secrets.reset();
    }

    // What came back, whatever it is; the connection must end in time.
    struct Answer {
        std::string bytes;
        Instant ended_at;
    };
    static Answer read_all(WireClient& client) {
        Answer answer;
        ByteStream::End end = ByteStream::End::none;
        while (end == ByteStream::End::none)
            answer.bytes += client.stream().read_some(end, handshake_timeout * 5);
        answer.ended_at = now();
        return answer;
    }

    static double turned_away() {
        const MetricsText metrics = curfew->metrics();
        return metrics.sum("curfew_connections_dropped_total") +
               metrics.sum("curfew_admissions_total", {{"decision", "refused"}});
    }

    // Ends within the handshake timeout, is counted, reaches nobody, and harms nobody else.
    void expect_harmless(const std::string& bytes) {
        SCOPED_TRACE(testing::PrintToString(bytes.substr(0, 60)));
        const long connections = cluster.connections_received();
        const double dropped = turned_away();
        const Instant start = now();
        WireClient client = curfew->client();
        client.send(bytes);
        const Answer answer = read_all(client);
        EXPECT_LE(answer.ended_at, start + handshake_timeout + within(500ms));
        EXPECT_TRUE(answer.bytes.empty() || answer.bytes[0] == 'E') << testing::PrintToString(answer.bytes);
        EXPECT_EQ(cluster.connections_received(), connections);
        EXPECT_TRUE(eventually([&] { return turned_away() == dropped + 1; }));
        EXPECT_TRUE(curfew->process().running());
    }

    static void expect_service() {
        EXPECT_EQ(curfew->open_session("alice").client.query("SELECT 'served'"), "served");
    }

    // Resource where Curfew authenticates, up to its AuthenticationSASL.
    static WireClient in_scram() {
        WireClient client = curfew->client();
        client.send_startup({{"user", "alice"}, {"database", "managed"}});
        EXPECT_EQ(client.read_message().type, 'R');
        return client;
    }

    // Sends that in the middle of SCRAM: it must end there, at once.
    void expect_end_of_scram(const std::string& bytes) {
        SCOPED_TRACE(testing::PrintToString(bytes.substr(0, 60)));
        const long connections = cluster.connections_received();
        WireClient client = in_scram();
        client.send(bytes);
        const Ending ending = client.read_to_end();
        EXPECT_EQ(ending.messages.count('Z'), 0U);
        EXPECT_FALSE(ending.garbled);
        EXPECT_LE(ending.messages.size(), 1U);
        EXPECT_EQ(cluster.connections_received(), connections);
    }

    PostgresCluster& cluster = PostgresCluster::shared();
    static inline std::unique_ptr<TemporaryDirectory> secrets;
    static inline std::unique_ptr<RunningCurfew> curfew;
};

TEST_F(BadInput, OfOtherProtocolsIsTurnedAway) {
    expect_harmless("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    expect_harmless("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n");
    expect_harmless(std::string{"\x16\x03\x01\x00\xf4\x01\x00\x00\xf0\x03\x03", 11} + std::string(233, 'a'));
    expect_harmless("*1\r\n$4\r\nPING\r\n");
    expect_harmless(std::string(4096, '\xff'));
    expect_harmless(std::string(4096, '\0'));
    expect_service();
}

TEST_F(BadInput, WithImpossibleLengthsIsTurnedAway) {
    for (const std::uint32_t length : {0U, 1U, 4U, 7U, 10'005U, 0x7fffffffU, 0x80000000U, 0xffffffffU})
        expect_harmless(wire::int32(length) + wire::int32(wire::protocol_3_0) + user_and_database + '\0');
    expect_service();
}

TEST_F(BadInput, ThatIsNoStartupPacketIsTurnedAway) {
    expect_harmless(raw_startup(user_and_database));                             // no final zero
    expect_harmless(raw_startup(user_and_database + '\0' + "behind"));           // more behind it
    expect_harmless(raw_startup(wire::cstring("user") + "alice"));               // a value without end
    expect_harmless(raw_startup(user_and_database + wire::cstring("options")));  // a name without value
    expect_harmless(raw_startup(user_and_database + wire::cstring("user") + wire::cstring("bob") + '\0'));
    expect_harmless(raw_startup(user_and_database + wire::cstring("database") + wire::cstring("x") + '\0'));
    expect_harmless(raw_startup(wire::cstring("database") + wire::cstring(the_resource) + '\0'));  // no user
    expect_harmless(raw_startup(wire::cstring("user") + wire::cstring("") + '\0'));
    expect_harmless(raw_startup(wire::cstring("user") + wire::cstring(std::string(64, 'a')) + '\0'));
    expect_harmless(raw_startup(""));
    expect_service();
}

TEST_F(BadInput, InACancelRequestIsIgnored) {
    expect_harmless(wire::packet(wire::int32(80877102)));
    expect_harmless(wire::packet(wire::int32(80877102) + wire::int32(1)));
    expect_harmless(wire::cancel_request(1, std::string(300, 'k')));
    expect_service();
}

TEST_F(BadInput, InsteadOfAPasswordEndsTheHandshake) {
    expect_end_of_scram(wire::startup(alice()));  // CVE-2026-107350: a second startup packet
    expect_end_of_scram(wire::query("SELECT 1"));
    expect_end_of_scram(wire::sasl_initial_response("SCRAM-SHA-1", "n,,n=,r=abc"));
    expect_end_of_scram(wire::sasl_initial_response("SCRAM-SHA-256", ""));
    expect_end_of_scram(wire::sasl_initial_response("SCRAM-SHA-256", "n,,"));
    expect_end_of_scram(wire::sasl_initial_response("SCRAM-SHA-256", "y,,n=,r="));
    expect_end_of_scram(wire::sasl_initial_response("SCRAM-SHA-256", "p=tls-unique,,n=,r=abcdefghijklmnop"));
    expect_end_of_scram(wire::message('p', wire::cstring("SCRAM-SHA-256") + wire::int32(0x7fffffff) + "n,,"));
    expect_end_of_scram(wire::message('p', "SCRAM-SHA-256"));
    expect_end_of_scram(wire::message('p'));
    expect_end_of_scram(wire::password("secret"));
    expect_service();
}

TEST_F(BadInput, WithImpossibleLengthsInsteadOfAPasswordEndsTheHandshake) {
    for (const std::uint32_t length : {0U, 3U, 100'000U, 0x7fffffffU, 0x80000000U, 0xffffffffU})
        expect_end_of_scram('p' + wire::int32(length) + "SCRAM-SHA-256");
    expect_service();
}

TEST_F(BadInput, InTheSecondStepOfScramEndsTheHandshake) {
    for (const char* reply : {"", "c=biws", "c=biws,r=other,p=AAAA", "p=,r=,c=", "\xff\xfe"}) {
        WireClient client = in_scram();
        client.send(wire::sasl_initial_response("SCRAM-SHA-256", "n,,n=,r=abcdefghijklmnop"));
        EXPECT_EQ(client.read_message().type, 'R');
        client.send(wire::message('p', reply));
        const Ending ending = client.read_to_end();
        EXPECT_EQ(ending.messages.count('Z'), 0U);
        EXPECT_EQ(ending.messages.size(), 1U) << "an error";
    }
    expect_service();
}

TEST_F(BadInput, AfterTheLoginEndsTheSessionAndItsBackend) {
    for (const std::uint32_t length : {0U, 3U, 0x80000000U, 0xffffffffU}) {
        LiveSession session = curfew->open_session("alice");
        session.client.send('Q' + wire::int32(length) + "SELECT 1");
        const Ending ending = session.client.read_to_end();
        EXPECT_EQ(ending.messages.count('D'), 0U);
        curfew->log().await("session.ended", {{"session", session.id}});
        EXPECT_EQ(cluster.backend_count(session.backend_is_it()), 0);
    }
    expect_service();
}

TEST_F(BadInput, ThatSaysNothingIsClosedAtTheHandshakeTimeout) {
    const Instant start = now();
    WireClient silent = curfew->client();
    WireClient half = curfew->client();
    half.send(wire::startup(alice()).substr(0, 20));
    for (WireClient* client : {&silent, &half}) {
        const Answer answer = read_all(*client);
        EXPECT_GE(answer.ended_at, start + handshake_timeout - 100ms);
        EXPECT_LE(answer.ended_at, start + handshake_timeout + within(500ms));
    }
    EXPECT_GE(curfew->metric("curfew_connections_dropped_total", {{"reason", "handshake_timeout"}}), 2);
    EXPECT_FALSE(curfew->log().events("connection.dropped", {{"reason", "handshake_timeout"}}).empty());
}

// Each byte arrives in time for the one before it; all together they must not take longer than the handshake.
TEST_F(BadInput, ThatTricklesDoesNotGetMoreTime) {
    const Instant start = now();
    WireClient client = curfew->client();
    for (const char byte : wire::startup(alice({{"application_name", std::string(200, 'n')}}))) {
        if (!client.stream().write_some(std::string_view{&byte, 1})) break;
        if (client.stream().wait_readable(20ms)) break;
    }
    read_all(client);
    EXPECT_LE(now(), start + handshake_timeout + within(500ms));
}

TEST_F(BadInput, FromFiveHundredConnectionsAtOnceKeepsNobodyElseOut) {
    std::deque<WireClient> silent;
    for (int i = 0; i < 500; ++i) {
        WireClient& client = silent.emplace_back(curfew->client());
        if (i % 3 == 1) client.send(wire::startup(alice()).substr(0, 5));
        if (i % 3 == 2) client.send(wire::ssl_request().substr(0, 7));
    }
    const Instant start = now();
    expect_service();
    EXPECT_LE(now(), start + within(500ms)) << "slow clients must not delay accept";
    for (WireClient& client : silent)
        read_all(client);
    EXPECT_TRUE(eventually([] { return curfew->metric("curfew_half_open_connections") == 0; }));
}

TEST(BadInputLimits, ConnectionsBeyondTheHalfOpenLimitAreTurnedAwayAtOnce) {
    PostgresCluster& cluster = PostgresCluster::shared();
    YAML::Node config = basic_config(cluster);
    config["limits"]["half_open"] = 20;
    RunningCurfew curfew{config};
    curfew.grant("alice");
    LiveSession established = curfew.open_session("alice");
    {
        std::deque<WireClient> silent;
        for (int i = 0; i < 60; ++i)
            silent.emplace_back(curfew.client());
        const auto closed = [&] {
            return std::count_if(silent.begin(), silent.end(),
                                 [](WireClient& client) { return client.hears_something(1ms); });
        };
        EXPECT_TRUE(eventually([&] { return closed() >= 40; })) << closed() << " of 60 were closed";
        EXPECT_EQ(closed(), 40);
        EXPECT_EQ(curfew.metric("curfew_half_open_connections"), 20);
        EXPECT_EQ(curfew.metric("curfew_connections_dropped_total", {{"reason", "half_open_limit"}}), 40);
        EXPECT_EQ(established.client.query("SELECT 'here'"), "here");
    }
    EXPECT_TRUE(eventually([&] { return curfew.metric("curfew_half_open_connections") == 0; }));
    EXPECT_NO_THROW(curfew.open_session("alice"));
}

}  // namespace
}  // namespace curfew::test
