// What systemd and curfewd say to each other: sockets handed over, readiness, reloads, the watchdog.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "support/listening_socket.hpp"
#include "support/notify_socket.hpp"
#include "support/running_curfew.hpp"

namespace curfew::test {
namespace {

class SystemdNotification : public testing::Test {
protected:
    static void SetUpTestSuite() {
        PostgresCluster& postgres = PostgresCluster::shared();
        if (postgres.number("SELECT count(*) FROM pg_roles WHERE rolname = 'alice'") == 0)
            postgres.sql("CREATE ROLE alice LOGIN");
    }

    RunningCurfew::Options notifying() const {
        RunningCurfew::Options options;
        options.process.environment["NOTIFY_SOCKET"] = notifications.path();
        return options;
    }

    PostgresCluster& cluster = PostgresCluster::shared();
    NotifySocket notifications;
};

TEST_F(SystemdNotification, TellsReadyReloadingAndStopping) {
    RunningCurfew curfew{basic_config(cluster), notifying()};
    notifications.await("READY=1");
    curfew.process().signal(SIGHUP);
    const std::string reloading = notifications.await("RELOADING=1");
    notifications.await("READY=1");
    curfew.terminate();
    notifications.await("STOPPING=1");
    EXPECT_TRUE(curfew.process().wait().success());
}

TEST_F(SystemdNotification, IsReadyAgainAfterARefusedReload) {
    RunningCurfew curfew{basic_config(cluster), notifying()};
    notifications.await("READY=1");
    EXPECT_FALSE(curfew.reload(YAML::Load("{listneers: []}")));
    notifications.await("RELOADING=1");
    notifications.await("READY=1");
}

TEST_F(SystemdNotification, IsNotReadyBeforeItsListenersAreOpen) {
    RunningCurfew curfew{basic_config(cluster), notifying()};
    notifications.await("READY=1");
    curfew.grant("alice");
    EXPECT_NO_THROW(PgConnection{curfew.conninfo("alice")});
}

TEST_F(SystemdNotification, KeepsTheWatchdogAwake) {
    RunningCurfew::Options options = notifying();
    options.process.environment["WATCHDOG_USEC"] = "200000";
    const RunningCurfew curfew{basic_config(cluster), options};
    notifications.await("READY=1");
    const Instant start = now();
    for (int i = 0; i < 4; ++i)
        notifications.await("WATCHDOG=1", within(std::chrono::milliseconds{200}));
    EXPECT_GT(now() - start, std::chrono::milliseconds{50}) << "not in a busy loop";
}

class SocketActivation : public SystemdNotification {
protected:
    // As systemd does it: descriptors from 3 up, their number, their names and whom they are for.
    RunningCurfew::Options activated(const std::vector<const ListeningSocket*>& sockets,
                                     const std::string& names) const {
        RunningCurfew::Options options = notifying();
        int number = 3;
        for (const ListeningSocket* socket : sockets)
            options.process.descriptors[number++] = socket->descriptor();
        options.process.environment["LISTEN_FDS"] = std::to_string(sockets.size());
        options.process.environment["LISTEN_FDNAMES"] = names;
        options.launcher = {"sh", "-c", "export LISTEN_PID=$$; exec \"$@\"", "sh"};
        return options;
    }

    static void expect_service(std::uint16_t port) {
        WireClient client = WireClient::tcp(port);
        client.log_in("alice", the_resource);
        EXPECT_EQ(client.query("SELECT 'served'"), "served");
    }
};

TEST_F(SocketActivation, ServesTheSocketThatItIsGiven) {
    const ListeningSocket socket;
    const RunningCurfew curfew{basic_config(cluster), activated({&socket}, "main")};
    curfew.grant("alice");
    expect_service(socket.port());
    EXPECT_EQ(curfew.port(), socket.port()) << "it opens no other one for that listener";
}

TEST_F(SocketActivation, ServesWhoConnectedBeforeItStarted) {
    const ListeningSocket socket;
    WireClient early = WireClient::tcp(socket.port());
    early.send_startup({{"user", "alice"}, {"database", the_resource}});
    const RunningCurfew curfew{basic_config(cluster), activated({&socket}, "main")};
    EXPECT_EQ(early.read_to_end().sqlstate(), "28000") << "there is no grant, and somebody says so";
}

TEST_F(SocketActivation, MatchesSocketsToListenersByName) {
    YAML::Node config = basic_config(cluster);
    add_sidecar(config);
    const ListeningSocket main;
    const ListeningSocket sidecar;
    RunningCurfew curfew{config, activated({&sidecar, &main}, "sidecar:main")};
    curfew.grant("alice");
    expect_service(main.port());
    WireClient client = WireClient::tcp(sidecar.port());
    client.log_in("alice", "postgres");
    EXPECT_EQ(client.query("SELECT current_database()"), "postgres");
}

TEST_F(SocketActivation, ServesAnActivatedListenerOnEveryThread) {
    const ListeningSocket socket;
    const RunningCurfew curfew{basic_config(cluster), activated({&socket}, "main")};
    curfew.grant("alice");
    for (int i = 0; i < 20; ++i)
        expect_service(socket.port());
}

}  // namespace
}  // namespace curfew::test
