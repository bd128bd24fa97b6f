// Which backend serves a session, ending it, and the proof that it is gone.
#include "proxy/backend_admin.hpp"

#include <gmock/gmock.h>

#include <deque>

#include "admin_fixture.hpp"

namespace curfew::test {
namespace {

using proxy::BackendAdmin;
using testing::HasSubstr;
using Peer = BackendAdmin::Peer;
using Signal = BackendAdmin::Signal;

class BackendAdminTest : public testing::Test {
protected:
    void SetUp() override { ASSERT_TRUE(admin.wait_until_up()); }

    store::Backend backend_of(const PgConnection& whose) {
        return admin.identify(Peer{whose.backend_pid()}).value();
    }
    void expect_ended_by_terminate(PgConnection& whose) {
        const store::Backend backend = backend_of(whose);
        EXPECT_EQ(admin.terminate(backend).value(), Signal::sent);
        EXPECT_TRUE(admin.sees_it_leave(backend));
        EXPECT_TRUE(sees_its_end(whose));
    }

    PostgresCluster& cluster = cluster_with_alice();
    std::deque<RunningContext> threads;  // outlive the control thread, as the next
    boost::asio::io_context asker{1};
    RunningContext control;
    RunningAdmin admin{control, unix_resource(cluster)};
    PgConnection client{cluster.conninfo("alice")};
};

TEST_F(BackendAdminTest, IdentifiesABackendOnAUnixSocketByItsPid) {
    const store::Backend backend = backend_of(client);
    EXPECT_EQ(backend.pid, client.backend_pid());
    EXPECT_THAT(backend.started, testing::MatchesRegex("20..-..-..T..:..:..\\.......Z"));
    EXPECT_TRUE(admin.is_running(backend).value());
}

TEST_F(BackendAdminTest, IdentifiesABackendOnTcpByOurOwnPort) {
    PgConnection over_tcp{cluster.tcp_conninfo("alice")};
    const auto backend = admin.identify(Peer{over_tcp.backend_pid(), local_port(over_tcp)});
    ASSERT_TRUE(backend) << backend.error().message;
    EXPECT_EQ(backend->pid, over_tcp.backend_pid());
}

TEST_F(BackendAdminTest, DoesNotTakeABackendThatServesAnotherPort) {
    PgConnection over_tcp{cluster.tcp_conninfo("alice")};
    const auto other_port = static_cast<std::uint16_t>(local_port(over_tcp) ^ 1U);
    const auto backend = admin.identify(Peer{over_tcp.backend_pid(), other_port});
    ASSERT_FALSE(backend);
    EXPECT_EQ(backend.error().code, ErrorCode::conflict);
    EXPECT_THAT(backend.error().message, HasSubstr("pooler"));
}

TEST_F(BackendAdminTest, DoesNotTakeAUnixSocketBackendForOneOnTcp) {
    EXPECT_EQ(admin.identify(Peer{client.backend_pid(), 4711}).error().code, ErrorCode::conflict);
    PgConnection over_tcp{cluster.tcp_conninfo("alice")};
    EXPECT_EQ(admin.identify(Peer{over_tcp.backend_pid()}).error().code, ErrorCode::conflict);
}

TEST_F(BackendAdminTest, SaysThatABackendIsNotThereAfterHavingLookedForASecond) {
    const Instant asked = now();
    const auto backend = admin.identify(Peer{2'000'000'000});
    ASSERT_FALSE(backend);
    EXPECT_EQ(backend.error().code, ErrorCode::not_found);
    EXPECT_GT(now() - asked, std::chrono::milliseconds{900});
    EXPECT_LT(now() - asked, within(std::chrono::milliseconds{2000}));
}

TEST_F(BackendAdminTest, TerminatesAnIdleBackend) {
    expect_ended_by_terminate(client);
}

TEST_F(BackendAdminTest, TerminatesARunningStatementWhichDoesNotCommit) {
    cluster.sql("DROP TABLE IF EXISTS kept; CREATE TABLE kept (n int); GRANT ALL ON kept TO alice");
    send(client, "INSERT INTO kept VALUES (1); SELECT pg_sleep(600)");
    ASSERT_TRUE(await_running(cluster, client));
    expect_ended_by_terminate(client);
    EXPECT_EQ(cluster.number("SELECT count(*) FROM kept"), 0);
}

TEST_F(BackendAdminTest, TerminatesAStatementThatTrapsBeingCancelled) {
    send(client,
         "DO $$ BEGIN LOOP BEGIN PERFORM pg_sleep(600); EXCEPTION WHEN query_canceled THEN NULL; END; "
         "END LOOP; END $$");
    ASSERT_TRUE(await_running(cluster, client));
    expect_ended_by_terminate(client);
}

TEST_F(BackendAdminTest, TerminatesAReplicationConnection) {
    cluster.sql("ALTER ROLE alice REPLICATION");
    PgConnection replication{cluster.conninfo("alice") + " replication=true"};
    expect_ended_by_terminate(replication);
    cluster.sql("ALTER ROLE alice NOREPLICATION");
}

// So that one look suffices once a session's socket has ended.
TEST_F(BackendAdminTest, SeesNoRowOfABackendWhoseSocketEnded) {
    for (int i = 0; i < 20; ++i) {
        PgConnection each{cluster.conninfo("alice")};
        const store::Backend backend = backend_of(each);
        ASSERT_EQ(admin.terminate(backend).value(), Signal::sent);
        ASSERT_TRUE(sees_its_end(each));
        EXPECT_FALSE(admin.is_running(backend).value());
    }
}

TEST_F(BackendAdminTest, LeavesABackendAloneThatStartedAtAnotherTime) {
    store::Backend backend = backend_of(client);
    backend.started = "2020-01-01T00:00:00.000000Z";
    EXPECT_EQ(admin.terminate(backend).value(), Signal::gone);
    EXPECT_FALSE(admin.is_running(backend).value());
    EXPECT_EQ(client.value("SELECT 'alive'"), "alive");
}

TEST_F(BackendAdminTest, LeavesEverythingAloneWhereTheStartIsNoTimeAtAll) {
    const store::Backend backend{client.backend_pid(), "yesterday\"},{\\'"};
    EXPECT_EQ(admin.terminate(backend).value(), Signal::gone);
    EXPECT_EQ(client.value("SELECT 'alive'"), "alive");
}

TEST_F(BackendAdminTest, DoesNotActOnAPidAlone) {
    const store::Backend backend{client.backend_pid(), ""};
    EXPECT_EQ(admin.terminate(backend).error().code, ErrorCode::invalid);
    EXPECT_EQ(admin.is_running(backend).error().code, ErrorCode::invalid);
    EXPECT_EQ(client.value("SELECT 'alive'"), "alive");
}

TEST_F(BackendAdminTest, SaysThatABackendIsGoneOnceItIs) {
    const store::Backend backend = backend_of(client);
    ASSERT_EQ(admin.terminate(backend).value(), Signal::sent);
    ASSERT_TRUE(admin.sees_it_leave(backend));
    EXPECT_EQ(admin.terminate(backend).value(), Signal::gone);
}

TEST_F(BackendAdminTest, RecognisesABackendWhateverTheRolesTimeZoneAndDateStyle) {
    const store::Backend before = backend_of(client);
    cluster.sql(
        "ALTER ROLE curfew_admin SET TimeZone = 'Asia/Kolkata';"
        "ALTER ROLE curfew_admin SET DateStyle = 'SQL, DMY'");
    RunningAdmin later{control, unix_resource(cluster)};
    ASSERT_TRUE(later.wait_until_up());
    EXPECT_TRUE(later.is_running(before).value());
    EXPECT_EQ(later.identify(Peer{client.backend_pid()}).value().started, before.started);
    cluster.sql("ALTER ROLE curfew_admin RESET ALL");
}

TEST_F(BackendAdminTest, IsRefusedASuperusersBackend) {
    PgConnection superuser{cluster.conninfo("postgres")};
    const store::Backend backend = backend_of(superuser);
    EXPECT_EQ(admin.terminate(backend).value(), Signal::refused);
    EXPECT_TRUE(admin.is_running(backend).value());
    EXPECT_EQ(superuser.value("SELECT 'alive'"), "alive");
}

TEST_F(BackendAdminTest, TerminatesASuperusersBackendAsASuperuser) {
    config::Resource resource = unix_resource(cluster);
    resource.admin_login->user = "postgres";
    RunningAdmin powerful{control, resource};
    ASSERT_TRUE(powerful.wait_until_up());
    PgConnection superuser{cluster.conninfo("postgres")};
    EXPECT_EQ(powerful.terminate(backend_of(superuser)).value(), Signal::sent);
    EXPECT_TRUE(sees_its_end(superuser));
}

// A role that may not see backend_start must never be read as "the row has left".
TEST_F(BackendAdminTest, DoesNotTakeARowThatItMayNotSeeForOneThatIsGone) {
    const store::Backend backend = backend_of(client);
    cluster.sql("CREATE ROLE blind LOGIN; GRANT pg_signal_backend TO blind");
    config::Resource resource = unix_resource(cluster);
    resource.admin_login->user = "blind";
    {
        RunningAdmin blind{control, resource};
        ASSERT_TRUE(blind.wait_until_up());
        const auto running = blind.is_running(backend);
        ASSERT_FALSE(running);
        EXPECT_EQ(running.error().code, ErrorCode::forbidden);
        EXPECT_THAT(running.error().message, HasSubstr("GRANT pg_read_all_stats TO \"blind\""));
        EXPECT_EQ(blind.terminate(backend).error().code, ErrorCode::forbidden);
        EXPECT_EQ(blind.identify(Peer{backend.pid}).error().code, ErrorCode::forbidden);
    }
    cluster.sql("DROP ROLE blind");
    EXPECT_EQ(client.value("SELECT 'alive'"), "alive");
}

TEST_F(BackendAdminTest, IsRefusedWithoutTheRightToSignal) {
    cluster.sql("CREATE ROLE onlooker LOGIN; GRANT pg_read_all_stats TO onlooker");
    config::Resource resource = unix_resource(cluster);
    resource.admin_login->user = "onlooker";
    {
        RunningAdmin onlooker{control, resource};
        ASSERT_TRUE(onlooker.wait_until_up());
        EXPECT_EQ(onlooker.terminate(backend_of(client)).value(), Signal::refused);
    }
    cluster.sql("DROP ROLE onlooker");
    EXPECT_EQ(client.value("SELECT 'alive'"), "alive");
}

class Batches : public BackendAdminTest {
protected:
    long statements() { return executions(cluster, "SELECT asked.n"); }

    // How often, of `times`, `running` was said to run and `other` not to.
    boost::asio::awaitable<int> count_right(store::Backend running, store::Backend other, int times) {
        int count = 0;
        for (int i = 0; i < times; ++i) {
            const Result<bool> first = co_await admin->is_running(running);
            const Result<bool> second = co_await admin->is_running(other);
            if (first.value() && !second.value()) ++count;
        }
        co_return count;
    }
};

TEST_F(Batches, EndAHundredBackendsInOneStatement) {
    constexpr std::size_t many = 100;
    cluster.sql("ALTER ROLE curfew_admin SET log_statement = 'all'");
    RunningAdmin logged{control, unix_resource(cluster)};
    ASSERT_TRUE(logged.wait_until_up());
    cluster.sql("ALTER ROLE curfew_admin RESET ALL");

    std::vector<std::unique_ptr<PgConnection>> clients;
    for (std::size_t i = 0; i < many; ++i)
        clients.push_back(std::make_unique<PgConnection>(cluster.conninfo("alice")));

    const long before = statements();
    std::vector<Result<store::Backend>> backends;
    {
        Batch batch{control, asker};
        for (const auto& each : clients)
            batch.ask(logged->identify(Peer{each->backend_pid()}), backends);
        batch.run();
    }
    ASSERT_EQ(backends.size(), many);
    std::vector<Result<Signal>> signals;
    {
        Batch batch{control, asker};
        for (const auto& backend : backends)
            batch.ask(logged->terminate(backend.value()), signals);
        batch.run();
    }
    ASSERT_EQ(signals.size(), many);
    for (const auto& signal : signals)
        EXPECT_EQ(signal.value(), Signal::sent);
    for (const auto& backend : backends)
        EXPECT_TRUE(admin.sees_it_leave(backend.value()));
    EXPECT_EQ(statements() - before, 2);
}

TEST_F(Batches, OfWhichOneIsRefusedEndAllOthers) {
    PgConnection superuser{cluster.conninfo("postgres")};
    PgConnection other{cluster.conninfo("alice")};
    std::vector<Result<Signal>> first;
    std::vector<Result<Signal>> second;
    std::vector<Result<Signal>> third;
    const auto backend = backend_of(client);
    const auto superusers = backend_of(superuser);
    const auto others = backend_of(other);
    {
        Batch batch{control, asker};
        batch.ask(admin->terminate(backend), first);
        batch.ask(admin->terminate(superusers), second);
        batch.ask(admin->terminate(others), third);
        batch.run();
    }
    EXPECT_EQ(first.at(0).value(), Signal::sent);
    EXPECT_EQ(second.at(0).value(), Signal::refused);
    EXPECT_EQ(third.at(0).value(), Signal::sent);
    EXPECT_EQ(superuser.value("SELECT 'alive'"), "alive");
}

// Where PostgreSQL fails the whole statement after all, each is asked for alone.
TEST_F(Batches, ThatFailAreTakenApart) {
    cluster.sql("REVOKE EXECUTE ON FUNCTION pg_terminate_backend FROM PUBLIC");
    std::vector<Result<Signal>> signals;
    const auto backend = backend_of(client);
    {
        Batch batch{control, asker};
        for (int i = 0; i < 5; ++i)
            batch.ask(admin->terminate(backend), signals);
        batch.run();
    }
    cluster.sql("GRANT EXECUTE ON FUNCTION pg_terminate_backend TO PUBLIC");
    ASSERT_EQ(signals.size(), 5U);
    for (const auto& signal : signals)
        EXPECT_EQ(signal.value(), Signal::refused);
    EXPECT_TRUE(admin->up());
}

TEST_F(Batches, AnswerEachOfManyThreadsItsOwn) {
    const auto backend = backend_of(client);
    const store::Backend other{backend.pid, "2020-01-01T00:00:00.000000Z"};
    constexpr int each = 50;
    std::vector<std::future<int>> right;
    for (int i = 0; i < 8; ++i) {
        RunningContext& thread = threads.emplace_back();
        right.push_back(test::start(thread.executor(), count_right(backend, other, each)));
    }
    for (auto& count : right)
        EXPECT_EQ(count.get(), each);
}

}  // namespace
}  // namespace curfew::test
