// Ctrl-C works through Curfew, for the session it is meant for and no other.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/running_curfew.hpp"

namespace curfew::test {
namespace {

class Cancel : public testing::Test {
protected:
    static void SetUpTestSuite() { PostgresCluster::shared().sql("CREATE ROLE alice LOGIN"); }

    // Starts a query that takes `seconds` and waits until it runs.
    void start_query(LiveSession& session, const std::string& seconds) {
        session.client.send(wire::query("SELECT pg_sleep(" + seconds + ")"));
        ASSERT_TRUE(cluster.await(
            "count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND pid = " + session.backend));
    }

    // Returns once curfewd has dealt with it: it closes the connection then, and answers nothing.
    static void send_cancel(WireClient client, std::uint32_t process_id, const std::string& key) {
        client.send(wire::cancel_request(process_id, key));
        const Ending ending = client.read_to_end();
        EXPECT_TRUE(ending.messages.empty());
    }

    double cancels(const std::string& matched) const {
        return curfew.metric("curfew_cancel_requests_total", {{"matched", matched}});
    }

    static std::string sqlstate_of_result(LiveSession& session) {
        std::string sqlstate;
        for (const wire::Message& message : session.client.read_until_ready()) {
            if (message.type == 'E') sqlstate = wire::report_fields(message)['C'];
        }
        return sqlstate;
    }

    PostgresCluster& cluster = PostgresCluster::shared();
    RunningCurfew curfew{basic_config(cluster)};
};

TEST_F(Cancel, StopsTheQueryAndKeepsTheSession) {
    curfew.grant("alice");
    LiveSession session = curfew.open_session("alice");
    start_query(session, "60");
    send_cancel(curfew.client(), session.client.process_id(), session.client.cancel_key());
    EXPECT_EQ(sqlstate_of_result(session), "57014");
    EXPECT_EQ(session.client.query("SELECT 'here'"), "here");
    EXPECT_EQ(cancels("true"), 1);
}

TEST_F(Cancel, ReachesASessionOnAnyThread) {
    curfew.grant("alice");
    LiveSession session = curfew.open_session("alice");
    // Each comes by a connection of its own, which any worker may have accepted.
    for (int i = 0; i < 8; ++i) {
        start_query(session, "60");
        send_cancel(curfew.client(), session.client.process_id(), session.client.cancel_key());
        ASSERT_EQ(sqlstate_of_result(session), "57014");
    }
}

TEST_F(Cancel, WorksForLibpq) {
    curfew.grant("alice");
    PgConnection client{curfew.conninfo("alice")};
    ASSERT_EQ(PQsendQuery(client.get(), "SELECT pg_sleep(60)"), 1);
    ASSERT_TRUE(cluster.await(
        "count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND usename = 'alice'"));
    PGcancel* cancel = PQgetCancel(client.get());
    std::array<char, 256> error{};
    EXPECT_EQ(PQcancel(cancel, error.data(), error.size()), 1) << error.data();
    PQfreeCancel(cancel);
    EXPECT_EQ(PgResult{PQgetResult(client.get())}.sqlstate(), "57014");
}

TEST_F(Cancel, WithAWrongSecretDoesNothing) {
    curfew.grant("alice");
    LiveSession session = curfew.open_session("alice");
    start_query(session, "0.3");
    std::string wrong = session.client.cancel_key();
    wrong.back() = static_cast<char>(wrong.back() ^ 1);
    send_cancel(curfew.client(), session.client.process_id(), wrong);
    EXPECT_EQ(cancels("false"), 1);
    EXPECT_EQ(sqlstate_of_result(session), "");
}

TEST_F(Cancel, WithAWrongProcessIdDoesNothing) {
    curfew.grant("alice");
    LiveSession session = curfew.open_session("alice");
    start_query(session, "0.3");
    send_cancel(curfew.client(), session.client.process_id() + 1, session.client.cancel_key());
    EXPECT_EQ(cancels("false"), 1);
    EXPECT_EQ(sqlstate_of_result(session), "");
}

TEST_F(Cancel, WithTheKeyOfAnEndedSessionDoesNothing) {
    curfew.grant("alice");
    LiveSession ended = curfew.open_session("alice");
    ended.client.send(wire::terminate());
    curfew.log().await("session.ended", {{"session", ended.id}});
    LiveSession live = curfew.open_session("alice");
    start_query(live, "0.3");
    send_cancel(curfew.client(), ended.client.process_id(), ended.client.cancel_key());
    EXPECT_EQ(cancels("false"), 1);
    EXPECT_EQ(sqlstate_of_result(live), "");
}

TEST_F(Cancel, KeysAreCurfewsOwnAndMeanNothingToPostgres) {
    curfew.grant("alice");
    LiveSession session = curfew.open_session("alice");
    start_query(session, "0.3");
    send_cancel(WireClient::tcp(cluster.port()), session.client.process_id(), session.client.cancel_key());
    EXPECT_EQ(sqlstate_of_result(session), "") << "it went around the proxy and worked";
}

TEST_F(Cancel, KeysAreNotGuessableFromEachOther) {
    curfew.grant("alice");
    std::set<std::string> keys;
    for (int i = 0; i < 10; ++i)
        keys.insert(curfew.open_session("alice").client.cancel_key());
    EXPECT_EQ(keys.size(), 10U);
}

TEST_F(Cancel, WorksWithTheLongKeysOfProtocol32) {
    curfew.grant("alice");
    WireClient client = curfew.client();
    client.send_startup({{"user", "alice"}, {"database", the_resource}}, wire::protocol_3_2);
    client.read_until_ready();
    EXPECT_GT(client.cancel_key().size(), 4U);
    EXPECT_LE(client.cancel_key().size(), 256U);
    const std::string backend = client.query("SELECT pg_backend_pid()");
    LiveSession session{std::move(client), "", "", backend};
    start_query(session, "60");
    send_cancel(curfew.client(), session.client.process_id(), session.client.cancel_key());
    EXPECT_EQ(sqlstate_of_result(session), "57014");
}

TEST_F(Cancel, WorksOverTls) {
    YAML::Node config = basic_config(cluster);
    use_tls(config, cluster.ca());
    const RunningCurfew encrypted{config};
    encrypted.grant("alice");
    WireClient client = encrypted.client();
    ASSERT_TRUE(client.request_tls());
    client.log_in("alice", the_resource);
    const std::string backend = client.query("SELECT pg_backend_pid()");
    LiveSession session{std::move(client), "", "", backend};
    start_query(session, "60");

    WireClient canceller = encrypted.client();
    ASSERT_TRUE(canceller.request_tls());
    send_cancel(std::move(canceller), session.client.process_id(), session.client.cancel_key());
    EXPECT_EQ(sqlstate_of_result(session), "57014");
    EXPECT_EQ(encrypted.metric("curfew_cancel_requests_total", {{"matched", "true"}}), 1);
}

TEST_F(Cancel, OfAnIdleSessionLeavesItAsItIs) {
    curfew.grant("alice");
    LiveSession session = curfew.open_session("alice");
    send_cancel(curfew.client(), session.client.process_id(), session.client.cancel_key());
    EXPECT_EQ(session.client.query("SELECT 'here'"), "here");
}

}  // namespace
}  // namespace curfew::test
