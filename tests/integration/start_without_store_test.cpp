// A node that is started while its store is away: it says so to everybody, and is there once the store is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/notify_socket.hpp"
#include "support/running_curfew.hpp"

namespace curfew::test {
namespace {

using testing::HasSubstr;

class StartWithoutStore : public testing::Test {
protected:
    static void SetUpTestSuite() { PostgresCluster::shared().sql("CREATE ROLE alice LOGIN"); }

    StartWithoutStore() { store.kill(); }

    YAML::Node config() const {
        YAML::Node config = basic_config(PostgresCluster::shared(), AdminLogin::present);
        config["node"] = "gate-a";
        config["store"]["postgresql"] =
            "host=127.0.0.1 port=" + std::to_string(store.port()) + " user=postgres dbname=postgres";
        return config;
    }
    RunningCurfew::Options starting() const {
        RunningCurfew::Options options;
        options.await_ready = false;
        options.process.environment["NOTIFY_SOCKET"] = notifications.path();
        return options;
    }
    static std::uint16_t port(const RunningCurfew& curfew) {
        const std::string address = curfew.log().await("listener.refusing").text("address");
        return static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
    }
    static Ending refusal(const RunningCurfew& curfew) {
        WireClient client = WireClient::tcp(port(curfew));
        client.send_startup({{"user", "alice"}, {"database", the_resource}});
        return client.read_to_end();
    }

    PostgresCluster store;
    NotifySocket notifications;
};

TEST_F(StartWithoutStore, RefusesEverybodyUntilTheStoreAnswers) {
    RunningCurfew curfew{config(), starting()};
    const Ending ending = refusal(curfew);
    EXPECT_EQ(ending.sqlstate(), "57P03");
    EXPECT_THAT(ending.message(), HasSubstr("cannot reach its store"));
    store.restart();
    curfew.log().await("node.ready");
    curfew.grant("alice");
    EXPECT_NO_THROW(curfew.open_session("alice"));
}

TEST_F(StartWithoutStore, ShowsInReadinessAndMetrics) {
    RunningCurfew curfew{config(), starting()};
    refusal(curfew);
    const auto ready = http_get(curfew.metrics_port(), "/readyz");
    EXPECT_EQ(ready.status, 503);
    EXPECT_THAT(ready.body, HasSubstr("the store is away: "));
    EXPECT_EQ(http_get(curfew.metrics_port(), "/healthz").status, 200);
    EXPECT_EQ(curfew.metric("curfew_ready"), 0);
    EXPECT_EQ(curfew.metric("curfew_store_up"), 0);
    EXPECT_EQ(curfew.metric("curfew_admissions_total", {{"reason", "store_unavailable"}}), 1);
    store.restart();
    curfew.log().await("node.ready");
    EXPECT_EQ(http_get(curfew.metrics_port(), "/readyz").status, 200);
    EXPECT_EQ(curfew.metric("curfew_store_up"), 1);
}

TEST_F(StartWithoutStore, TellsThoseWhoWantTlsAsWell) {
    YAML::Node with = config();
    use_tls(with, store.ca(), "require");
    const RunningCurfew curfew{with, starting()};
    const std::string conninfo = "host=127.0.0.1 port=" + std::to_string(port(curfew)) +
                                 " user=alice dbname=" + the_resource + " sslmode=";
    EXPECT_THAT(test::refusal(conninfo + "require"), HasSubstr("cannot reach its store"));
    EXPECT_THAT(test::refusal(conninfo + "disable"), HasSubstr("TLS")) << "as the node would";
}

// Whoever waits for the service can go on: it answers, if with a refusal.
TEST_F(StartWithoutStore, TellsTheServiceManagerThatItRefuses) {
    RunningCurfew curfew{config(), starting()};
    EXPECT_THAT(notifications.await("READY=1"),
                HasSubstr("STATUS=Refusing new sessions until the store answers"));
    store.restart();
    EXPECT_THAT(notifications.await("READY=1"), HasSubstr("STATUS=Taking sessions at"));
}

TEST_F(StartWithoutStore, CanBeStopped) {
    RunningCurfew curfew{config(), starting()};
    const WireClient undecided = WireClient::tcp(port(curfew));
    notifications.await("READY=1");
    curfew.terminate();
    EXPECT_TRUE(curfew.process().wait().success());
}

TEST_F(StartWithoutStore, EndsWhereSomebodyHasToMendSomething) {
    YAML::Node wrong = config();
    wrong["store"]["postgresql"] =
        "host=127.0.0.1 port=" + std::to_string(store.port()) + " user=postgres dbname=nowhere";
    RunningCurfew curfew{wrong, starting()};
    curfew.log().await("store.awaited");
    store.restart();
    EXPECT_EQ(curfew.process().wait().code, 1);
    EXPECT_THAT(curfew.log().await("node.failed").text("error"), HasSubstr("\"nowhere\" does not exist"));
}

}  // namespace
}  // namespace curfew::test
