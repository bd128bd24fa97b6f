// Behind the login everything passes as if Curfew were not there, at constant memory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <libpq/libpq-fs.h>
#include <poll.h>

#include <fstream>

#include "support/running_curfew.hpp"

namespace curfew::test {
namespace {

using testing::HasSubstr;

class Transparency : public testing::TestWithParam<Upstream> {
protected:
    static void SetUpTestSuite() {
        PostgresCluster& postgres = PostgresCluster::shared();
        if (postgres.sql("SELECT 1 FROM pg_roles WHERE rolname = 'alice'").empty())
            postgres.sql("CREATE ROLE alice LOGIN; GRANT CREATE ON SCHEMA public TO alice");
    }
    Transparency() { curfew.grant("alice"); }

    PgConnection connect(const std::string& more = "") {
        return PgConnection{curfew.conninfo("alice") + " " + more};
    }

    // The most memory that curfewd ever held, in bytes.
    std::size_t peak_memory() {
        std::ifstream status{"/proc/" + std::to_string(curfew.process().pid()) + "/status"};
        for (std::string line; std::getline(status, line);) {
            if (line.starts_with("VmHWM:")) return std::stoul(line.substr(6)) * 1024;
        }
        throw std::runtime_error("no VmHWM");
    }

    PostgresCluster& cluster = PostgresCluster::shared();
    RunningCurfew curfew{basic_config(cluster, AdminLogin::absent, GetParam())};
};

std::string case_name(const testing::TestParamInfo<Upstream>& info) {
    return info.param == Upstream::tcp ? "OverTcp" : "OverUnixSocket";
}

INSTANTIATE_TEST_SUITE_P(, Transparency, testing::Values(Upstream::tcp, Upstream::unix_socket), case_name);

constexpr std::size_t megabyte = 1'000'000;
// What an instrumented build spends on its own book-keeping is not curfewd's doing.
constexpr std::size_t memory_allowance = slowdown == 1 ? 8 * megabyte : 300 * megabyte;

TEST_P(Transparency, PassesTheSimpleProtocol) {
    PgConnection client = connect();
    EXPECT_EQ(client.value("SELECT 1; SELECT 'last'"), "last");
    EXPECT_EQ(client.exec("").status(), PGRES_EMPTY_QUERY);
    EXPECT_EQ(client.failure("SELECT 1/0").sqlstate(), "22012");
    EXPECT_EQ(client.value("SELECT 'still here'"), "still here");
}

TEST_P(Transparency, PassesTheExtendedProtocol) {
    PgConnection client = connect();
    const PgResult prepared{PQprepare(client.get(), "add", "SELECT $1::int + $2::int", 0, nullptr)};
    ASSERT_EQ(prepared.status(), PGRES_COMMAND_OK) << prepared.error();
    const std::array<const char*, 2> values{"40", "2"};
    const PgResult sum{PQexecPrepared(client.get(), "add", 2, values.data(), nullptr, nullptr, 0)};
    EXPECT_EQ(sum.value(), "42");
    const std::array<const char*, 1> null_value{nullptr};
    const PgResult null{PQexecParams(client.get(), "SELECT $1::text IS NULL", 1, nullptr, null_value.data(),
                                     nullptr, nullptr, 1)};
    EXPECT_EQ(null.value(), std::string(1, '\1')) << "in binary";
}

TEST_P(Transparency, PassesPipelines) {
    PgConnection client = connect();
    constexpr int length = 1000;
    ASSERT_EQ(PQenterPipelineMode(client.get()), 1);
    for (int i = 0; i < length; ++i) {
        const std::string number = std::to_string(i);
        const std::array<const char*, 1> values{number.c_str()};
        ASSERT_EQ(
            PQsendQueryParams(client.get(), "SELECT $1::int", 1, nullptr, values.data(), nullptr, nullptr, 0),
            1);
    }
    ASSERT_EQ(PQpipelineSync(client.get()), 1);
    for (int i = 0; i < length; ++i) {
        ASSERT_EQ(PgResult{PQgetResult(client.get())}.value(), std::to_string(i));
        ASSERT_EQ(PQgetResult(client.get()), nullptr);
    }
    EXPECT_EQ(PgResult{PQgetResult(client.get())}.status(), PGRES_PIPELINE_SYNC);
}

TEST_P(Transparency, PassesAPipelineWithAnErrorInIt) {
    WireClient client = curfew.client();
    client.log_in("alice", the_resource);
    const auto statement = [](const std::string& sql) {
        return wire::parse("", sql) + wire::bind("", "") + wire::execute("");
    };
    client.send(statement("SELECT 1") + statement("SELECT 1/0") + statement("SELECT 2") + wire::sync() +
                statement("SELECT 3") + wire::sync());
    std::string types;
    for (const wire::Message& message : client.read_until_ready())
        types += message.type;
    EXPECT_EQ(types, "12DC1EZ") << "the division fails while it is bound";
    EXPECT_EQ(wire::row(client.read_until('D'))[0], "3");
}

TEST_P(Transparency, PassesCopyInAndOut) {
    PgConnection client = connect();
    client.exec("CREATE TEMP TABLE copied (line text)");
    client.exec("COPY copied FROM STDIN");
    const std::string line = std::string(999, 'x') + "\n";
    constexpr int lines = 20'000;
    for (int i = 0; i < lines; ++i)
        ASSERT_EQ(PQputCopyData(client.get(), line.data(), static_cast<int>(line.size())), 1);
    ASSERT_EQ(PQputCopyEnd(client.get(), nullptr), 1);
    EXPECT_EQ(PgResult{PQgetResult(client.get())}.status(), PGRES_COMMAND_OK);
    EXPECT_EQ(PQgetResult(client.get()), nullptr);

    client.exec("COPY copied TO STDOUT");
    int received = 0;
    char* buffer = nullptr;
    while (PQgetCopyData(client.get(), &buffer, 0) > 0) {
        received += line == buffer ? 1 : 0;
        PQfreemem(buffer);
    }
    EXPECT_EQ(received, lines);
}

TEST_P(Transparency, PassesAFailedCopy) {
    PgConnection client = connect();
    client.exec("CREATE TEMP TABLE copied (line text)");
    client.exec("COPY copied FROM STDIN");
    ASSERT_EQ(PQputCopyEnd(client.get(), "changed my mind"), 1);
    const PgResult result{PQgetResult(client.get())};
    EXPECT_THAT(result.error(), HasSubstr("changed my mind"));
    EXPECT_EQ(PQgetResult(client.get()), nullptr);
    EXPECT_EQ(client.value("SELECT count(*) FROM copied"), "0");
}

TEST_P(Transparency, PassesNotificationsToAnIdleListener) {
    PgConnection listener = connect();
    listener.exec("LISTEN news");
    connect().exec("NOTIFY news, 'extra'");
    PGnotify* notification = nullptr;
    const Instant limit = now() + patience;
    while (notification == nullptr) {
        ASSERT_LT(now(), limit);
        pollfd socket{PQsocket(listener.get()), POLLIN, 0};
        ::poll(&socket, 1, poll_timeout(limit));
        ASSERT_EQ(PQconsumeInput(listener.get()), 1);
        notification = PQnotifies(listener.get());
    }
    EXPECT_STREQ(notification->extra, "extra");
    PQfreemem(notification);
}

TEST_P(Transparency, PassesLargeObjects) {
    PgConnection client = connect();
    client.exec("BEGIN");
    const Oid object = lo_create(client.get(), 0);
    const int writer = lo_open(client.get(), object, INV_READ | INV_WRITE);
    const std::string content(3 * megabyte, 'o');
    ASSERT_EQ(lo_write(client.get(), writer, content.data(), content.size()),
              static_cast<int>(content.size()));
    lo_lseek(client.get(), writer, 0, SEEK_SET);
    std::string back(content.size(), '\0');
    ASSERT_EQ(lo_read(client.get(), writer, back.data(), back.size()), static_cast<int>(back.size()));
    EXPECT_EQ(back, content);
    lo_unlink(client.get(), object);
    client.exec("COMMIT");
}

TEST_P(Transparency, PassesAMessageOfTwoHundredMegabytesAtConstantMemory) {
    PgConnection client = connect();
    client.exec("SELECT 1");
    const std::size_t before = peak_memory();
    EXPECT_EQ(client.value("SELECT repeat('x', 200000000)").size(), 200 * megabyte);
    EXPECT_LT(peak_memory(), before + memory_allowance);
    EXPECT_EQ(client.value("SELECT length('" + std::string(200 * megabyte, 'y') + "')"), "200000000");
    EXPECT_LT(peak_memory(), before + memory_allowance);
}

TEST_P(Transparency, PassesMuchAtConstantMemoryToAClientThatReadsSlowly) {
    WireClient client = curfew.client({4096});
    client.log_in("alice", the_resource);
    const std::size_t before = peak_memory();
    client.send(wire::query("COPY (SELECT repeat('x', 1000) FROM generate_series(1, 200000)) TO STDOUT"));
    ASSERT_TRUE(cluster.await(
        "count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'ClientWrite' AND usename = 'alice'"));
    std::size_t rows = 0;
    for (wire::Message message = client.read_message(); message.type != 'Z'; message = client.read_message())
        rows += message.type == 'd' ? 1 : 0;
    EXPECT_EQ(rows, 200'000U);
    EXPECT_LT(peak_memory(), before + memory_allowance);
}

TEST_P(Transparency, PassesStartupOptionsOn) {
    PgConnection client =
        connect("application_name=reports options='-c statement_timeout=1234 -c search_path=pg_catalog'");
    EXPECT_EQ(client.value("SHOW application_name"), "reports");
    EXPECT_EQ(client.value("SHOW statement_timeout"), "1234ms");
    EXPECT_EQ(client.value("SHOW search_path"), "pg_catalog");
    EXPECT_EQ(connect("client_encoding=LATIN1").value("SHOW client_encoding"), "LATIN1");
}

TEST_P(Transparency, PassesTheServersParametersToTheClient) {
    PgConnection client = connect();
    PgConnection direct{cluster.tcp_conninfo("alice")};
    EXPECT_STREQ(PQparameterStatus(client.get(), "server_version"),
                 PQparameterStatus(direct.get(), "server_version"));
    client.exec("SET TimeZone = 'Asia/Tokyo'");
    EXPECT_STREQ(PQparameterStatus(client.get(), "TimeZone"), "Asia/Tokyo");
}

TEST_P(Transparency, PassesErrorsAndNoticesWithAllTheirFields) {
    PgConnection client = connect();
    client.exec("DO $$ BEGIN RAISE NOTICE 'from the server'; END $$");
    EXPECT_THAT(client.notices(), testing::Contains("from the server"));
    const PgResult result{
        PQexec(client.get(),
               "DO $$ BEGIN RAISE 'no' USING ERRCODE = 'XX123', DETAIL = 'why', HINT = 'how'; END $$")};
    EXPECT_EQ(result.sqlstate(), "XX123");
    EXPECT_STREQ(PQresultErrorField(result.get(), PG_DIAG_MESSAGE_DETAIL), "why");
    EXPECT_STREQ(PQresultErrorField(result.get(), PG_DIAG_MESSAGE_HINT), "how");
}

TEST_P(Transparency, TellsTheClientWhenPostgresItselfEndsIt) {
    LiveSession session = curfew.open_session("alice");
    cluster.sql("SELECT pg_terminate_backend(" + session.backend + ")");
    const Ending ending = session.client.read_to_end();
    EXPECT_EQ(ending.sqlstate(), "57P01");
    EXPECT_THAT(ending.message(), HasSubstr("administrator command")) << "PostgreSQL's own words";
    EXPECT_EQ(curfew.log().await("session.ended", {{"session", session.id}}).text("cause"), "server_closed");
}

TEST_P(Transparency, EndsTheBackendWhenTheClientLeaves) {
    LiveSession polite = curfew.open_session("alice");
    LiveSession rude = curfew.open_session("alice");
    polite.client.send(wire::terminate());
    rude.client.stream().abort();
    for (const LiveSession* session : {&polite, &rude}) {
        EXPECT_EQ(curfew.log().await("session.ended", {{"session", session->id}}).text("cause"),
                  "client_closed");
        EXPECT_EQ(cluster.backend_count(session->backend_is_it()), 0);
    }
}

TEST_P(Transparency, PassesLogicalReplicationOn) {
    curfew.grant("alice", "2h", {"--replication"});
    cluster.sql("ALTER ROLE alice REPLICATION");
    WireClient client = curfew.client();
    client.log_in("alice", the_resource, {{"replication", "database"}});
    EXPECT_FALSE(client.query("IDENTIFY_SYSTEM").empty());
    EXPECT_EQ(client.query("SELECT current_database()"), "postgres") << "logical walsenders run SQL";
    client.query("CREATE_REPLICATION_SLOT through_curfew TEMPORARY LOGICAL pgoutput");
}

}  // namespace
}  // namespace curfew::test
