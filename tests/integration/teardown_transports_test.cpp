// The end is the same whatever a session runs over: TLS with the client, TCP, TLS or a Unix socket to
// PostgreSQL, its own login or the resource's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/running_curfew.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

enum class ClientSide { plaintext, tls };
enum class ServerSide { tcp, tls, unix_socket };

struct Transport {
    ClientSide client;
    ServerSide server;
    AdminLogin admin;
};

std::string case_name(const testing::TestParamInfo<Transport>& info) {
    const std::string client = info.param.client == ClientSide::tls ? "Tls" : "Plaintext";
    const std::string server = info.param.server == ServerSide::tcp   ? "Tcp"
                               : info.param.server == ServerSide::tls ? "Tls"
                                                                      : "UnixSocket";
    const std::string admin =
        info.param.admin == AdminLogin::present ? "WithAdminLogin" : "WithoutAdminLogin";
    return client + "To" + server + admin;
}

class TeardownOver : public testing::TestWithParam<Transport> {
protected:
    static void SetUpTestSuite() {
        PostgresCluster::shared().sql(
            "CREATE ROLE alice LOGIN; CREATE TABLE marks (mark text); GRANT ALL ON marks TO alice");
    }

    static YAML::Node config() {
        PostgresCluster& postgres = PostgresCluster::shared();
        const Transport& transport = GetParam();
        YAML::Node node =
            basic_config(postgres, transport.admin,
                         transport.server == ServerSide::unix_socket ? Upstream::unix_socket : Upstream::tcp);
        if (transport.client == ClientSide::tls) use_tls(node, postgres.ca());
        if (transport.server == ServerSide::tls) {
            YAML::Node resource = node["resources"][the_resource];
            resource["host"] = "localhost";
            resource["tls"]["sslmode"] = "verify-full";
            resource["tls"]["root_certificate"] = postgres.ca().certificate().string();
        }
        return node;
    }

    LiveSession open_session(ByteStream::Options options = {}) {
        WireClient client = curfew.client(options);
        if (GetParam().client == ClientSide::tls) {
            EXPECT_TRUE(client.request_tls({cluster.ca().certificate(), {}, {}, {}}));
        }
        client.log_in("alice", the_resource);
        const LogEvent admitted = curfew.log().await("session.admitted");
        std::string backend = client.query("SELECT pg_backend_pid()");
        return {std::move(client), admitted.text("session"), admitted.text("grant"), std::move(backend)};
    }

    bool backend_waits(const LiveSession& session, const std::string& wait_event) const {
        return cluster.await("count(*) = 1 FROM pg_stat_activity WHERE pid = " + session.backend +
                             " AND wait_event = '" + wait_event + "'");
    }

    void expect_over(const LiveSession& session) const {
        const SessionEnd end = curfew.await_end(session.id);
        EXPECT_EQ(end.confirmation, GetParam().admin == AdminLogin::present ? "activity" : "eof");
        EXPECT_LE(end.client_overstay_ms, within(100ms).count());
        EXPECT_EQ(cluster.backend_count(session.backend_is_it()), 0);
        EXPECT_EQ(cluster.number("SELECT count(*) FROM marks"), 0);
    }

    void expect_told(const Ending& ending, Instant deadline) const {
        EXPECT_EQ(ending.sqlstate(), "57P01");
        EXPECT_THAT(ending.message(), HasSubstr(grant.id));
        EXPECT_EQ(ending.end, ByteStream::End::eof) << "an RST may lose the message";
        EXPECT_EQ(ending.torn, "");
        EXPECT_LE(ending.told_at(), deadline + within(100ms));
    }

    PostgresCluster& cluster = PostgresCluster::shared();
    RunningCurfew curfew{config()};
    GivenGrant grant = curfew.grant("alice");
};

INSTANTIATE_TEST_SUITE_P(
    , TeardownOver,
    testing::Values(Transport{ClientSide::tls, ServerSide::tcp, AdminLogin::present},
                    Transport{ClientSide::tls, ServerSide::tcp, AdminLogin::absent},
                    Transport{ClientSide::plaintext, ServerSide::tls, AdminLogin::present},
                    Transport{ClientSide::plaintext, ServerSide::tls, AdminLogin::absent},
                    Transport{ClientSide::plaintext, ServerSide::unix_socket, AdminLogin::present},
                    Transport{ClientSide::plaintext, ServerSide::unix_socket, AdminLogin::absent},
                    Transport{ClientSide::tls, ServerSide::unix_socket, AdminLogin::present},
                    Transport{ClientSide::tls, ServerSide::tls, AdminLogin::present}),
    case_name);

TEST_P(TeardownOver, EndsAnIdleTransaction) {
    LiveSession session = open_session();
    session.client.query("BEGIN");
    session.client.query("INSERT INTO marks VALUES ('idle')");
    curfew.revoke(grant.id);
    const Instant deadline = now();
    expect_told(session.client.read_to_end(), deadline);
    expect_over(session);
}

TEST_P(TeardownOver, StopsARunningQuery) {
    LiveSession session = open_session();
    session.client.send(wire::query("INSERT INTO marks VALUES ('running'); SELECT pg_sleep(60)"));
    ASSERT_TRUE(backend_waits(session, "PgSleep"));
    curfew.revoke(grant.id);
    const Instant deadline = now();
    expect_told(session.client.read_to_end(), deadline);
    expect_over(session);
}

// The client has sent what nobody will read any more: closing without draining would lose the message.
TEST_P(TeardownOver, TellsAClientWhoseLastWordsAreUnread) {
    LiveSession session = open_session();
    session.client.send(wire::query("SELECT pg_sleep(60)"));
    ASSERT_TRUE(backend_waits(session, "PgSleep"));
    for (int i = 0; i < 100; ++i)
        session.client.send(wire::query("SELECT 'behind the running one' -- " + std::string(1000, 'x')));
    curfew.revoke(grant.id);
    const Instant deadline = now();
    expect_told(session.client.read_to_end(), deadline);
    expect_over(session);
}

TEST_P(TeardownOver, EndsACopyOutWhoseClientHasStoppedReading) {
    LiveSession session = open_session({4096});
    session.client.send(wire::query(wire::endless_copy(1000)));
    ASSERT_TRUE(backend_waits(session, "ClientWrite"));
    curfew.revoke(grant.id);
    expect_over(session);
    const Ending ending = session.client.read_to_end();
    EXPECT_FALSE(ending.garbled);
    if (!ending.torn.empty()) {
        EXPECT_EQ(ending.messages.count('E'), 0U);
    }
}

TEST_P(TeardownOver, EndsACopyInAndKeepsNothingOfIt) {
    LiveSession session = open_session();
    session.client.send(wire::query("COPY marks FROM STDIN"));
    session.client.read_until('G');
    session.client.send(wire::copy_data("copied\n"));
    curfew.revoke(grant.id);
    const Instant deadline = now();
    expect_told(session.client.read_to_end(), deadline);
    expect_over(session);
}

}  // namespace
}  // namespace curfew::test
