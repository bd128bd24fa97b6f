// The tools that people use work through Curfew, in plaintext and over TLS.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/running_curfew.hpp"

namespace curfew::test {
namespace {

using testing::HasSubstr;

enum class ClientSide { plaintext, tls };

class Tools : public testing::TestWithParam<ClientSide> {
protected:
    static void SetUpTestSuite() {
        PostgresCluster& postgres = PostgresCluster::shared();
        if (!postgres.sql("SELECT 1 FROM pg_roles WHERE rolname = 'alice'").empty()) return;
        postgres.sql("CREATE ROLE alice LOGIN REPLICATION SUPERUSER");
        postgres.sql("CREATE DATABASE source OWNER alice");
        const CommandResult filled = run({PostgresCluster::program("pgbench"), "-i", "-q", "-s", "2",
                                          postgres.conninfo("postgres", "source")});
        ASSERT_TRUE(filled.status.success()) << filled.err;
    }

    static YAML::Node config() {
        YAML::Node node = basic_config(PostgresCluster::shared(), AdminLogin::present);
        add_sidecar(node);
        if (GetParam() == ClientSide::tls) use_tls(node, PostgresCluster::shared().ca());
        return node;
    }

    Tools() { curfew.grant("alice", "1h", {"--replication"}); }

    std::string conninfo(const std::string& database, const std::string& listener = "main") const {
        if (GetParam() == ClientSide::plaintext) return curfew.conninfo("alice", database, listener);
        return "host=localhost hostaddr=127.0.0.1 port=" + std::to_string(curfew.port(listener)) +
               " user=alice dbname=" + database +
               " sslmode=verify-full sslrootcert=" + PostgresCluster::shared().ca().certificate().string();
    }

    static CommandResult tool(const std::string& name, std::vector<std::string> arguments,
                              std::string input = "") {
        arguments.insert(arguments.begin(), PostgresCluster::program(name));
        Process::Options options;
        options.input = std::move(input);
        return run(std::move(arguments), std::move(options), patience * 6);
    }

    PostgresCluster& cluster = PostgresCluster::shared();
    const RunningCurfew curfew{config()};
};

std::string case_name(const testing::TestParamInfo<ClientSide>& info) {
    return info.param == ClientSide::plaintext ? "InPlaintext" : "OverTls";
}

INSTANTIATE_TEST_SUITE_P(, Tools, testing::Values(ClientSide::plaintext, ClientSide::tls), case_name);

TEST_P(Tools, Psql) {
    const CommandResult result =
        tool("psql", {"-X", "-d", conninfo("prod-postgres/source")},
             "\\conninfo\nSELECT count(*) FROM pgbench_accounts;\n\\d pgbench_tellers\n"
             "\\copy (SELECT 'copied') TO STDOUT\n");
    ASSERT_TRUE(result.status.success()) << result.err;
    EXPECT_THAT(result.out, HasSubstr("200000"));
    EXPECT_THAT(result.out, HasSubstr("tbalance"));
    EXPECT_THAT(result.out, HasSubstr("copied"));
    EXPECT_THAT(result.err, HasSubstr("NOTICE"));
}

TEST_P(Tools, PsqlShowsTheReasonOfARefusal) {
    const CommandResult result =
        tool("psql", {"-X", "-d", conninfo("prod-postgres/source") + " user=carol", "-c", "SELECT 1"});
    EXPECT_EQ(result.status.code, 2);
    EXPECT_THAT(result.err, HasSubstr("Ask the on-call DBA in #db-access."));
}

TEST_P(Tools, Pgbench) {
    const CommandResult result = tool("pgbench", {"-n", "-S", "-c", "16", "-j", "2", "-t", "300", "-M",
                                                  "prepared", conninfo("prod-postgres/source")});
    ASSERT_TRUE(result.status.success()) << result.err;
    EXPECT_THAT(result.out, HasSubstr("number of transactions actually processed: 4800/4800"));
    EXPECT_THAT(result.out, HasSubstr("number of failed transactions: 0"));
}

TEST_P(Tools, PgDumpAndPgRestore) {
    // One for each transport: the fixture's own connection to it stays open.
    const std::string copy = "copy_" + std::to_string(static_cast<int>(GetParam()));
    cluster.sql("CREATE DATABASE " + copy + " OWNER alice");
    const TemporaryDirectory directory{"curfew-dump"};
    const std::string dump = directory / "dump";
    const CommandResult dumped = tool("pg_dump", {"-Fc", "-f", dump, "-d", conninfo("prod-postgres/source")});
    ASSERT_TRUE(dumped.status.success()) << dumped.err;
    const CommandResult restored =
        tool("pg_restore", {"--exit-on-error", "-d", conninfo("prod-postgres/" + copy), dump});
    ASSERT_TRUE(restored.status.success()) << restored.err;
    const std::string digest = "SELECT md5(string_agg(a::text, ',' ORDER BY aid)) FROM pgbench_accounts a";
    EXPECT_EQ(cluster.sql(digest, copy), cluster.sql(digest, "source"));
}

TEST_P(Tools, PgReceivewal) {
    const TemporaryDirectory wal{"curfew-wal"};
    const std::string end = cluster.sql("SELECT pg_current_wal_insert_lsn()");
    cluster.sql("CREATE TABLE IF NOT EXISTS grow (n int); INSERT INTO grow SELECT generate_series(1, 10000)");
    const CommandResult result = tool("pg_receivewal", {"--no-loop", "--endpos", end, "-D", wal.path(), "-d",
                                                        conninfo("replication", "sidecar")});
    ASSERT_TRUE(result.status.success()) << result.err;
    EXPECT_FALSE(std::filesystem::is_empty(wal.path()));
}

}  // namespace
}  // namespace curfew::test
