// The tools that all other tests here trust, tried on PostgreSQL itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/metrics_text.hpp"
#include "support/pg_connection.hpp"
#include "support/postgres_cluster.hpp"
#include "support/process.hpp"
#include "support/wire_client.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

TEST(ProcessFixture, GivesOutputAndExitCode) {
    const CommandResult result = run({"sh", "-c", "echo out; echo err >&2; exit 3"});
    EXPECT_EQ(result.status.code, 3);
    EXPECT_EQ(result.out, "out\n");
    EXPECT_EQ(result.err, "err\n");
}

TEST(ProcessFixture, FeedsStandardInput) {
    Process::Options options;
    options.input = "hello";
    EXPECT_EQ(run({"cat"}, options).out, "hello");
}

TEST(ProcessFixture, WaitsForALineThatIsStillToCome) {
    Process process{{"sh", "-c", "echo first; echo second line; exec sleep 60"}};
    EXPECT_EQ(process.wait_for_line(Process::Stream::out, "second"), "second line");
    EXPECT_TRUE(process.running());
    process.signal(SIGTERM);
    EXPECT_EQ(process.wait().signal, SIGTERM);
}

TEST(ProcessFixture, DoesNotWaitForALineThatCannotCome) {
    Process process{{"true"}};
    EXPECT_EQ(process.wait_for_line(Process::Stream::out, "never"), std::nullopt);
}

TEST(PostgresClusterFixture, CountsOnlyConnectionsOverTcp) {
    PostgresCluster& cluster = PostgresCluster::shared();
    const long before = cluster.connections_received();
    PgConnection over_tcp{cluster.tcp_conninfo()};
    PgConnection over_unix{cluster.conninfo()};
    EXPECT_EQ(cluster.connections_received(), before + 1);
}

TEST(PostgresClusterFixture, AwaitsAConditionInTheDatabase) {
    PostgresCluster& cluster = PostgresCluster::shared();
    std::string rows_of_it;
    {
        PgConnection client{cluster.conninfo()};
        rows_of_it = " FROM pg_stat_activity WHERE pid = " + std::to_string(client.backend_pid());
        EXPECT_TRUE(cluster.await("count(*) = 1" + rows_of_it));
    }
    EXPECT_TRUE(cluster.await("count(*) = 0" + rows_of_it));
    EXPECT_FALSE(cluster.await("false", 20ms));
}

TEST(PostgresClusterFixture, AppliesRulesOfWhoMayCome) {
    PostgresCluster cluster;
    EXPECT_EQ(PgConnection{cluster.tcp_conninfo("curfew_admin")}.value("SELECT current_user"),
              "curfew_admin");
    cluster.set_hba({"host all all 127.0.0.1/32 scram-sha-256"});
    EXPECT_THAT(refusal(cluster.tcp_conninfo("curfew_admin") + " password=wrong"),
                HasSubstr("password authentication failed"));
    EXPECT_NO_THROW(PgConnection(cluster.tcp_conninfo("curfew_admin") + " password=admin-secret"));
}

TEST(PostgresClusterFixture, OffersTlsThatVerifies) {
    PostgresCluster& cluster = PostgresCluster::shared();
    PgConnection client{"host=localhost hostaddr=127.0.0.1 port=" + std::to_string(cluster.port()) +
                        " user=postgres dbname=postgres sslmode=verify-full sslrootcert=" +
                        cluster.ca().certificate().string()};
    EXPECT_NE(PQgetssl(client.get()), nullptr);
}

TEST(WireClientFixture, SpeaksTheProtocol) {
    PostgresCluster& cluster = PostgresCluster::shared();
    WireClient client = WireClient::tcp(cluster.port());
    client.log_in("postgres", "postgres", {{"application_name", "wire"}});
    EXPECT_EQ(client.query("SELECT current_setting('application_name')"), "wire");
    EXPECT_EQ(client.parameters().at("application_name"), "wire");
    EXPECT_EQ(client.cancel_key().size(), 4U);

    client.send(wire::parse("", "SELECT $1::int + 1") + wire::bind("", "", {"41"}) + wire::execute("") +
                wire::sync());
    EXPECT_EQ(wire::row(client.read_until('D'))[0], "42");
    client.read_until_ready();

    client.send(wire::query("DO $$ BEGIN RAISE NOTICE 'seen'; END $$"));
    client.read_until_ready();
    EXPECT_THAT(client.notices(), testing::ElementsAre("seen"));
}

TEST(WireClientFixture, SpeaksOverTlsAndTheUnixSocket) {
    PostgresCluster& cluster = PostgresCluster::shared();
    WireClient encrypted = WireClient::tcp(cluster.port());
    ASSERT_TRUE(encrypted.request_tls({cluster.ca().certificate(), {}, {}, {}}));
    encrypted.log_in("postgres", "postgres");
    EXPECT_EQ(encrypted.query("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"), "t");

    WireClient local =
        WireClient::unix_socket(cluster.socket_directory() / (".s.PGSQL." + std::to_string(cluster.port())));
    local.log_in("postgres", "postgres");
    EXPECT_EQ(local.query("SELECT inet_client_addr() IS NULL"), "t");
}

TEST(WireClientFixture, TellsHowTheConnectionEnded) {
    PostgresCluster& cluster = PostgresCluster::shared();
    WireClient client = WireClient::tcp(cluster.port());
    client.log_in("postgres", "postgres");
    cluster.sql("SELECT pg_terminate_backend(" + client.query("SELECT pg_backend_pid()") + ")");
    const Ending ending = client.read_to_end();
    EXPECT_EQ(ending.end, ByteStream::End::eof);
    EXPECT_EQ(ending.sqlstate(), "57P01");
    EXPECT_EQ(ending.torn, "");
    EXPECT_FALSE(ending.garbled);
}

TEST(WireClientFixture, NoticesATornMessage) {
    PostgresCluster& cluster = PostgresCluster::shared();
    WireClient client = WireClient::tcp(cluster.port(), {4096});
    client.log_in("postgres", "postgres");
    const std::string pid = client.query("SELECT pg_backend_pid()");
    client.send(wire::query("SELECT repeat('x', 100000000)"));
    ASSERT_TRUE(client.hears_something(patience));
    cluster.sql("SELECT pg_terminate_backend(" + pid + ")");
    EXPECT_FALSE(client.read_to_end().torn.empty());
}

TEST(WireClientFixture, TimesOutRatherThanHang) {
    PostgresCluster& cluster = PostgresCluster::shared();
    WireClient client = WireClient::tcp(cluster.port());
    EXPECT_THROW(client.read_message(20ms), TimedOut);
}

TEST(MetricsTextFixture, ReadsLabelsWithEscapesAndSums) {
    const MetricsText metrics{"# HELP a b\na{x=\"1\",y=\"q\\\"}\"} 2\na{x=\"1\",y=\"z\"} 3.5\nb 1e3\n"};
    EXPECT_EQ(metrics.sum("a", {{"x", "1"}}), 5.5);
    EXPECT_EQ(metrics.sum("a", {{"y", "q\"}"}}), 2);
    EXPECT_EQ(metrics.sum("b"), 1000);
    EXPECT_FALSE(metrics.has("c"));
}

}  // namespace
}  // namespace curfew::test
