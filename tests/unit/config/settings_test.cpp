#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loading.hpp"

namespace curfew::config::test {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(ConfigSettings, HaveDefaults) {
    const auto config = load_valid(file_with({}));
    EXPECT_EQ(config.store.max_staleness, 60s);
    EXPECT_EQ(config.store.node_lease, 30s);
    EXPECT_FALSE(config.metrics);
    EXPECT_EQ(config.admin_socket, "/run/curfew/admin.sock");
    EXPECT_EQ(config.admin_group, "curfew");
    EXPECT_EQ(config.timeouts.handshake, 15s);
    EXPECT_EQ(config.timeouts.upstream_connect, 5s);
    EXPECT_EQ(config.timeouts.farewell, 80ms);
    EXPECT_EQ(config.timeouts.drain, 30s);
    EXPECT_EQ(config.limits.half_open, 1000U);
    EXPECT_EQ(config.limits.sessions, 10000U);
    EXPECT_THAT(config.warnings, ElementsAre(5min, 1min));
    EXPECT_EQ(config.how_to_ask, "");
    EXPECT_FALSE(config.log.format);
    EXPECT_EQ(config.log.level, log::Level::info);
    EXPECT_EQ(config.workers, 0U);
    EXPECT_FALSE(config.accept_unlisted_users);
}

TEST(ConfigSettings, AreTakenFromTheFile) {
    const auto config = load_valid(file_with({
        {"store", "{ path: /srv/curfew.db, max_staleness: 10s, node_lease: 5s }"},
        {"metrics", "{ address: 127.0.0.1:9187 }"},
        {"admin", "{ socket: /run/c.sock, group: dba }"},
        {"timeouts", "{ handshake: 1s, upstream_connect: 2s, farewell: 3ms, drain: 4m }"},
        {"limits", "{ half_open: 5, sessions: 6 }"},
        {"how_to_ask", "'Ask in #dba.'"},
        {"log", "{ format: human, level: debug }"},
        {"workers", "2"},
    }));
    EXPECT_EQ(config.store.path, "/srv/curfew.db");
    EXPECT_EQ(config.store.max_staleness, 10s);
    EXPECT_EQ(config.store.node_lease, 5s);
    EXPECT_EQ(config.metrics, (Endpoint{"127.0.0.1", 9187}));
    EXPECT_EQ(config.admin_socket, "/run/c.sock");
    EXPECT_EQ(config.admin_group, "dba");
    EXPECT_EQ(config.timeouts.handshake, 1s);
    EXPECT_EQ(config.timeouts.upstream_connect, 2s);
    EXPECT_EQ(config.timeouts.farewell, 3ms);
    EXPECT_EQ(config.timeouts.drain, 4min);
    EXPECT_EQ(config.limits.half_open, 5U);
    EXPECT_EQ(config.limits.sessions, 6U);
    EXPECT_EQ(config.how_to_ask, "Ask in #dba.");
    EXPECT_EQ(config.log.format, log::Format::human);
    EXPECT_EQ(config.log.level, log::Level::debug);
    EXPECT_EQ(config.workers, 2U);
}

TEST(ConfigSettings, StoreIsAFileOrAPostgresql) {
    EXPECT_THAT(problems_of(file_with({{"store", "{ max_staleness: 10s }"}})),
                OnlyProblem("store", "neither a 'path' nor a 'postgresql'"));
    EXPECT_THAT(problems_of(file_with({{"store", "{ path: /s, postgresql: 'host=db1' }"}})),
                OnlyProblem("store.postgresql", "does not go with 'path'"));
    const auto config =
        load_valid(file_with({{"store", "{ postgresql: 'postgresql://curfewd@db1,db2/curfew' }"}}));
    EXPECT_EQ(config.store.postgresql, "postgresql://curfewd@db1,db2/curfew");
    EXPECT_EQ(config.store.path, "");
}

TEST(ConfigSettings, OnlyAStoreInPostgresqlHasAPassword) {
    FakeEnvironment environment;
    environment.add_file("/etc/curfew/store.secret", "hunter2\n");
    const std::string password = "password: { file: /etc/curfew/store.secret } }";
    EXPECT_THAT(problems_of(file_with({{"store", "{ path: /s, " + password}}), environment),
                OnlyProblem("store", "only a store in PostgreSQL"));
    EXPECT_THAT(problems_of(file_with({{"store", "{ postgresql: 'host=db1', " + password}}), environment),
                IsEmpty());
}

TEST(ConfigSettings, RelativePathsStartBesideTheFile) {
    EXPECT_EQ(load_valid(file_with({{"store", "{ path: curfew.db }"}})).store.path, "/etc/curfew/curfew.db");
}

TEST(ConfigSettings, MetricsAreServedOverTcp) {
    EXPECT_THAT(problems_of(file_with({{"metrics", "{ address: /run/metrics.sock }"}})),
                OnlyProblem("metrics.address", "expected an IP address and a port"));
    EXPECT_THAT(problems_of(file_with({{"metrics", "{}"}})),
                OnlyProblem("metrics", "the key 'address' is missing"));
}

TEST(ConfigSettings, MetricsDoNotShareAListenersAddress) {
    EXPECT_THAT(problems_of(file_with({{"metrics", "{ address: 127.0.0.1:6432 }"}})),
                OnlyProblem("metrics.address", "clashes with 0.0.0.0:6432 of listener 'listener-1'"));
}

TEST(ConfigSettings, AdminSocketIsAnAbsolutePathOfItsOwn) {
    EXPECT_THAT(problems_of(file_with({{"admin", "{ socket: admin.sock }"}})),
                OnlyProblem("admin.socket", "expected the absolute path"));
    EXPECT_THAT(problems_of(file_with({{"admin", "{ socket: /" + std::string(107, 'x') + " }"}})),
                OnlyProblem("admin.socket", "at most 107 bytes"));
    EXPECT_THAT(problems_of(file_with({{"listeners", "[{ address: /run/curfew/admin.sock }]"}})),
                OnlyProblem("listeners[0].address", "administrators' socket"));
}

TEST(ConfigSettings, DurationsHaveAUnit) {
    EXPECT_THAT(problems_of(file_with({{"timeouts", "{ handshake: 15 }"}})),
                OnlyProblem("timeouts.handshake", "'15' is not a duration"));
    EXPECT_THAT(problems_of(file_with({{"timeouts", "{ drain: [30s] }"}})),
                OnlyProblem("timeouts.drain", "expected a duration such as 30s"));
}

TEST(ConfigSettings, FarewellIsAtMostOneSecond) {
    EXPECT_THAT(problems_of(file_with({{"timeouts", "{ farewell: 1s }"}})), IsEmpty());
    EXPECT_THAT(problems_of(file_with({{"timeouts", "{ farewell: 1001ms }"}})), testing::SizeIs(1));
    EXPECT_THAT(problems_of(file_with({{"timeouts", "{ farewell: 2s }"}})),
                OnlyProblem("timeouts.farewell", "expected a duration from 1ms to 1s, found '2s'"));
}

TEST(ConfigSettings, StalenessIsBounded) {
    EXPECT_THAT(problems_of(file_with({{"store", "{ path: /s, max_staleness: 500ms }"}})),
                OnlyProblem("store.max_staleness", "from 1s to 24h"));
    EXPECT_THAT(problems_of(file_with({{"store", "{ path: /s, max_staleness: 2d }"}})),
                OnlyProblem("store.max_staleness", "from 1s to 24h"));
}

TEST(ConfigSettings, LeaseOfANodeIsBounded) {
    EXPECT_THAT(problems_of(file_with({{"store", "{ path: /s, node_lease: 1s }"}})),
                OnlyProblem("store.node_lease", "from 2s to 1h"));
    EXPECT_THAT(problems_of(file_with({{"store", "{ path: /s, node_lease: 61m }"}})),
                OnlyProblem("store.node_lease", "from 2s to 1h"));
}

TEST(ConfigSettings, LimitsAreAboveZero) {
    EXPECT_THAT(problems_of(file_with({{"limits", "{ sessions: 0 }"}})),
                OnlyProblem("limits.sessions", "expected a number from 1 to 1000000, found '0'"));
}

TEST(ConfigSettings, WarningsComeOutLongestFirst) {
    EXPECT_THAT(load_valid(file_with({{"warnings", "[30s, 10m, 1m]"}})).warnings,
                ElementsAre(10min, 1min, 30s));
    EXPECT_THAT(load_valid(file_with({{"warnings", "[]"}})).warnings, IsEmpty());
}

TEST(ConfigSettings, WarningsAreDistinct) {
    EXPECT_THAT(problems_of(file_with({{"warnings", "[1m, 5m, 60s]"}})),
                OnlyProblem("warnings[2]", "1m before the end is listed twice"));
}

TEST(ConfigSettings, WarningsAreFew) {
    std::string many = "[1s";
    for (int seconds = 2; seconds <= 17; ++seconds)
        many += ", " + std::to_string(seconds) + "s";
    EXPECT_THAT(problems_of(file_with({{"warnings", many + "]"}})),
                OnlyProblem("warnings", "at most 16 warnings, found 17"));
}

TEST(ConfigSettings, HowToAskIsOneSentence) {
    EXPECT_EQ(load_valid(file_with({{"how_to_ask", ">\n  Ask in\n  the DBA channel.\n"}})).how_to_ask,
              "Ask in the DBA channel.");
    EXPECT_EQ(load_valid(file_with({{"api", "{ address: '127.0.0.1:8432' }"}})).how_to_ask,
              "Ask for it: curfew connect {resource}");
    EXPECT_EQ(load_valid(file_with({{"how_to_ask", "''"}})).how_to_ask, "");
    EXPECT_THAT(problems_of(file_with({{"how_to_ask", "|\n  Ask\n  Bob\n"}})),
                OnlyProblem("how_to_ask", "on one line"));
    EXPECT_THAT(problems_of(file_with({{"how_to_ask", std::string(501, 'x')}})),
                OnlyProblem("how_to_ask", "at most 500 bytes"));
    EXPECT_THAT(problems_of(file_with({{"how_to_ask", "[a]"}})),
                OnlyProblem("how_to_ask", "expected a sentence, found a list"));
}

TEST(ConfigSettings, LogIsJsonOrHuman) {
    EXPECT_THAT(problems_of(file_with({{"log", "{ format: xml }"}})),
                OnlyProblem("log.format", "expected one of json, human, found 'xml'"));
    EXPECT_THAT(problems_of(file_with({{"log", "{ level: loud }"}})),
                OnlyProblem("log.level", "expected one of debug, info, warning, error, found 'loud'"));
}

TEST(ConfigSettings, WorkersAreANumber) {
    EXPECT_THAT(problems_of(file_with({{"workers", "-1"}})), OnlyProblem("workers", "from 0 to 256"));
}

}  // namespace
}  // namespace curfew::config::test
