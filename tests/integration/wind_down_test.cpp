// In the last while before its deadline a session begins no new transaction; one that is open may be
// finished.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/pg_connection.hpp"
#include "support/running_curfew.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

// The longest there is: longer than these grants, so that their sessions wind down as long as it is set.
const std::string always = "1h";

class WindDown : public testing::Test {
protected:
    static void SetUpTestSuite() {
        PostgresCluster::shared().sql(
            "DROP TABLE IF EXISTS marks; DROP ROLE IF EXISTS alice; CREATE ROLE alice LOGIN REPLICATION; "
            "CREATE TABLE marks (mark text); GRANT ALL ON marks TO alice");
    }

    YAML::Node config(const std::string& wind_down = "") {
        YAML::Node node = basic_config(cluster, AdminLogin::present);
        if (!wind_down.empty()) node["resources"][the_resource]["wind_down"] = wind_down;
        return node;
    }
    // Returns once the one session does, or does not any more.
    void wind_down(RunningCurfew& curfew) {
        ASSERT_TRUE(curfew.reload(config(always)));
        ASSERT_TRUE(eventually([&] { return winds_down(curfew); }));
    }
    void wind_up(RunningCurfew& curfew) {
        ASSERT_TRUE(curfew.reload(config()));
        ASSERT_TRUE(eventually([&] { return !winds_down(curfew); }));
    }
    static bool winds_down(const RunningCurfew& curfew) {
        return curfew.sessions().at(0).at("winding_down").as_bool();
    }
    std::string outcome_of(const RunningCurfew& curfew, const std::string& session) {
        return curfew.log().await("session.ended", {{"session", session}}).text("transaction_outcome");
    }
    long marks(const std::string& mark) {
        return cluster.number("SELECT count(*) FROM marks WHERE mark = '" + mark + "'");
    }

    PostgresCluster& cluster = PostgresCluster::shared();
};

std::string types_of(const std::vector<wire::Message>& messages) {
    std::string types;
    for (const wire::Message& message : messages)
        if (message.type != 'N') types += message.type;
    return types;
}

std::string insert_batch(const std::string& mark) {
    return wire::parse("", "INSERT INTO marks VALUES ('" + mark + "')") + wire::bind("", "") +
           wire::execute("");
}

TEST_F(WindDown, RefusesWhatWouldBeginATransactionAndKeepsTheSessionUsable) {
    RunningCurfew curfew{config(always)};
    const GivenGrant grant = curfew.grant("alice", "10m");
    PgConnection client{curfew.conninfo("alice")};
    const int backend = client.backend_pid();
    const PgError refused = client.failure("SELECT 1");
    EXPECT_EQ(refused.sqlstate(), "42501");
    EXPECT_THAT(refused.what(), HasSubstr("no new transaction begins"));
    EXPECT_THAT(refused.what(), HasSubstr("curfew extend " + grant.id));
    EXPECT_EQ(client.failure("BEGIN").sqlstate(), "42501");
    EXPECT_EQ(PQtransactionStatus(client.get()), PQTRANS_IDLE);

    curfew.extend(grant.id, "3h");
    EXPECT_EQ(client.value("SELECT 'here'"), "here");
    EXPECT_EQ(client.backend_pid(), backend);
    ASSERT_THAT(client.notices(), SizeIs(3)) << "the banner, and what it was told of winding down";
    EXPECT_THAT(client.notices()[1], HasSubstr("from now on no new transaction begins"));
    EXPECT_THAT(client.notices()[2], HasSubstr("new transactions may begin"));
}

TEST_F(WindDown, LetsAnOpenTransactionBeCommittedAndRefusesTheNext) {
    RunningCurfew curfew{config()};
    curfew.grant("alice", "10m");
    PgConnection client{curfew.conninfo("alice")};
    client.exec("BEGIN");
    client.exec("INSERT INTO marks VALUES ('finished')");
    wind_down(curfew);
    client.exec("INSERT INTO marks VALUES ('finished')");
    client.failure("SELECT 1/0");
    EXPECT_EQ(PQtransactionStatus(client.get()), PQTRANS_INERROR);
    client.exec("ROLLBACK");
    EXPECT_EQ(client.failure("BEGIN").sqlstate(), "42501");
    EXPECT_EQ(marks("finished"), 0);

    wind_up(curfew);
    client.exec("BEGIN");
    client.exec("INSERT INTO marks VALUES ('finished')");
    wind_down(curfew);
    client.exec("COMMIT");
    EXPECT_EQ(client.failure("SELECT 1").sqlstate(), "42501");
    EXPECT_EQ(marks("finished"), 1);
}

TEST_F(WindDown, RefusesAPipelineBatchByBatch) {
    RunningCurfew curfew{config()};
    curfew.grant("alice", "10m");
    LiveSession session = curfew.open_session("alice");
    wind_down(curfew);
    session.client.read_until('N');
    session.client.send(insert_batch("piped") + wire::sync() + insert_batch("piped") + insert_batch("piped") +
                        wire::sync());
    for (int batch = 0; batch < 2; ++batch) {
        const auto answer = session.client.read_until_ready();
        EXPECT_EQ(types_of(answer), "EZ");
        EXPECT_EQ(answer.back().body, "I");
    }
    EXPECT_EQ(marks("piped"), 0);
    wind_up(curfew);
    EXPECT_EQ(session.client.query("SELECT pg_backend_pid()"), session.backend);
}

TEST_F(WindDown, IsUnderstoodByLibpqInPipelineMode) {
    RunningCurfew curfew{config(always)};
    curfew.grant("alice", "10m");
    PgConnection client{curfew.conninfo("alice")};
    PGconn* connection = client.get();
    ASSERT_EQ(PQenterPipelineMode(connection), 1);
    for (int i = 0; i < 2; ++i)
        ASSERT_EQ(PQsendQueryParams(connection, "SELECT 1", 0, nullptr, nullptr, nullptr, nullptr, 0), 1);
    ASSERT_EQ(PQpipelineSync(connection), 1);
    std::vector<ExecStatusType> seen;
    for (int end = 0; end < 3; ++end) {
        while (PGresult* result = PQgetResult(connection)) {
            const PgResult owned{result};
            seen.push_back(owned.status());
            if (owned.status() == PGRES_PIPELINE_SYNC) break;
        }
    }
    EXPECT_THAT(seen, ElementsAre(PGRES_FATAL_ERROR, PGRES_PIPELINE_ABORTED, PGRES_PIPELINE_SYNC));
    EXPECT_EQ(PQexitPipelineMode(connection), 1);
    wind_up(curfew);
    EXPECT_EQ(client.value("SELECT 2"), "2");
}

TEST_F(WindDown, RefusesOnlyAfterTheAnswerToWhatWasAskedBefore) {
    RunningCurfew curfew{config()};
    curfew.grant("alice", "10m");
    LiveSession session = curfew.open_session("alice");
    session.client.send(wire::query("SELECT pg_sleep(3), 'first'"));
    ASSERT_TRUE(cluster.await("count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND pid = " +
                              session.backend));
    wind_down(curfew);
    session.client.send(wire::query("SELECT 'second'"));
    EXPECT_EQ(types_of(session.client.read_until_ready()), "TDCZ");
    EXPECT_EQ(types_of(session.client.read_until_ready()), "EZ");
}

TEST_F(WindDown, LetsACopyBeFinished) {
    RunningCurfew curfew{config()};
    curfew.grant("alice", "10m");
    PgConnection client{curfew.conninfo("alice")};
    PGconn* connection = client.get();
    EXPECT_EQ(client.exec("COPY marks FROM STDIN").status(), PGRES_COPY_IN);
    ASSERT_EQ(PQputCopyData(connection, "copied\n", 7), 1);
    wind_down(curfew);
    ASSERT_EQ(PQputCopyData(connection, "copied\n", 7), 1);
    ASSERT_EQ(PQputCopyEnd(connection, nullptr), 1);
    const PgResult done{PQgetResult(connection)};
    EXPECT_EQ(done.status(), PGRES_COMMAND_OK) << done.error();
    EXPECT_EQ(PQgetResult(connection), nullptr);
    EXPECT_EQ(marks("copied"), 2);
    EXPECT_EQ(client.failure("COPY marks FROM STDIN").sqlstate(), "42501");
}

TEST_F(WindDown, LetsReplicationGoOn) {
    RunningCurfew curfew{config()};
    curfew.grant("alice", "10m", {"--replication"});
    WireClient client = curfew.client();
    client.log_in("alice", the_resource, {{"replication", "true"}});
    const std::string start = cluster.sql("SELECT pg_current_wal_lsn()");
    client.send(wire::query("START_REPLICATION PHYSICAL " + start));
    client.read_until('W');
    wind_down(curfew);
    cluster.sql("SELECT pg_switch_wal()");
    client.read_until('d');
    client.send(wire::copy_done());
    client.read_until('c');
    client.read_until_ready();
    client.send(wire::query("IDENTIFY_SYSTEM"));
    EXPECT_EQ(types_of(client.read_until_ready()), "EZ");
}

TEST_F(WindDown, BeginsInTimeAndEndsAtTheDeadlineAsEver) {
    RunningCurfew curfew{config("1s")};
    const GivenGrant grant = curfew.grant("alice", "2s");
    const Instant due = grant.end() - 1s;
    LiveSession session = curfew.open_session("alice");
    session.client.query("BEGIN");
    session.client.query("INSERT INTO marks VALUES ('too late')");
    const wire::Message notice = session.client.read_message();
    EXPECT_EQ(notice.type, 'N');
    EXPECT_GE(now(), due - 5ms);
    EXPECT_LE(now(), due + within(100ms));
    const Ending ending = session.client.read_to_end();
    EXPECT_EQ(ending.sqlstate(), "57P01");
    EXPECT_LE(ending.told_at(), grant.end() + within(100ms));
    EXPECT_EQ(curfew.await_end(session.id).confirmation, "activity");
    EXPECT_EQ(outcome_of(curfew, session.id), "rolled_back");
    EXPECT_EQ(marks("too late"), 0);
}

TEST_F(WindDown, ShowsInTheListOfSessions) {
    RunningCurfew curfew{config(always)};
    curfew.grant("alice", "10m");
    const PgConnection client{curfew.conninfo("alice")};
    EXPECT_TRUE(winds_down(curfew));
    EXPECT_THAT(curfew.cli_result({"sessions"}).out, HasSubstr("winding down"));
}

class LastTransaction : public WindDown {
protected:
    RunningCurfew curfew{config()};
    GivenGrant grant = curfew.grant("alice");
    LiveSession session = curfew.open_session("alice");
};

TEST_F(LastTransaction, IsCommittedWherePostgreSqlSaidSo) {
    session.client.query("INSERT INTO marks VALUES ('kept')");
    curfew.revoke(grant.id);
    EXPECT_EQ(outcome_of(curfew, session.id), "committed");
    EXPECT_EQ(marks("kept"), 1);
}

TEST_F(LastTransaction, IsRolledBackWhereItWasOpen) {
    session.client.query("BEGIN");
    session.client.query("INSERT INTO marks VALUES ('open')");
    curfew.revoke(grant.id);
    EXPECT_EQ(outcome_of(curfew, session.id), "rolled_back");
    EXPECT_EQ(marks("open"), 0);
}

TEST_F(LastTransaction, IsRolledBackWhereItsStatementWasStopped) {
    session.client.send(wire::query("INSERT INTO marks SELECT 'stopped' FROM pg_sleep(60)"));
    ASSERT_TRUE(cluster.await("count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND pid = " +
                              session.backend));
    curfew.revoke(grant.id);
    EXPECT_EQ(outcome_of(curfew, session.id), "rolled_back");
    EXPECT_EQ(marks("stopped"), 0);
}

TEST_F(LastTransaction, IsNoneWhereNothingWasAskedFor) {
    curfew.kill_session(session.id);
    const PgConnection silent{curfew.conninfo("alice")};
    curfew.await_end(session.id);
    const auto live = curfew.sessions();
    curfew.revoke(grant.id);
    EXPECT_EQ(outcome_of(curfew, std::string{live.at(0).at("id").as_string()}), "none");
}

TEST_F(LastTransaction, StandsInTheRecordOfTheSession) {
    session.client.query("INSERT INTO marks VALUES ('on record')");
    curfew.revoke(grant.id);
    curfew.await_end(session.id);
    const auto past = curfew.cli({"sessions", "--past"});
    ASSERT_EQ(past.at("items").as_array().size(), 1U);
    EXPECT_EQ(past.at("items").at(0).at("transaction_outcome"), "committed");
}

}  // namespace
}  // namespace curfew::test
