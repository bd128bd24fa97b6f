// The program itself, as far as no PostgreSQL is needed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <sstream>

#include "support/listening_socket.hpp"
#include "support/running_curfew.hpp"

namespace curfew::test {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

CommandResult curfewd(std::vector<std::string> arguments, Process::Options options = {}) {
    arguments.insert(arguments.begin(), CURFEWD_PATH);
    return run(std::move(arguments), std::move(options));
}

TEST(CurfewdCommand, SaysItsVersionAndCommit) {
    const CommandResult result = curfewd({"--version"});
    EXPECT_TRUE(result.status.success());
    EXPECT_THAT(result.out, MatchesRegex("curfewd [0-9.]+ \\([0-9a-z]+\\)\n"));
}

TEST(CurfewdCommand, ExitsWithTwoWhereItsUsageIsWrong) {
    for (const std::vector<std::string>& wrong :
         {std::vector<std::string>{},
          {"rnu"},
          {"run"},
          {"check"},
          {"check", "a", "b"},
          {"dev"},
          {"run", "--confg", "x"},
          {"dev", "--upstream", "127.0.0.1:5432", "--admin-user", ""}}) {
        const CommandResult result = curfewd(wrong);
        EXPECT_EQ(result.status.code, 2) << testing::PrintToString(wrong);
        EXPECT_NE(result.err, "");
        EXPECT_EQ(result.out, "");
    }
}

TEST(CurfewdCommand, ChecksAConfigurationByItsExitCode) {
    const TemporaryDirectory directory;
    const auto wrong = directory.write("wrong.yaml", "listneers: []\n");
    EXPECT_EQ(curfewd({"check", wrong}).status.code, 1);
    EXPECT_EQ(curfewd({"check", directory / "absent.yaml"}).status.code, 1);
    const auto right = directory.write("right.yaml", R"(
listeners: [{ address: "127.0.0.1:6432" }]
resources: { prod: { host: 127.0.0.1 } }
store: { path: curfew.db }
)");
    EXPECT_EQ(curfewd({"check", right}).status.code, 0);
    EXPECT_FALSE(std::filesystem::exists(directory / "curfew.db")) << "checking makes nothing";
}

// A node whose PostgreSQL is never asked for anything.
class CurfewdRun : public testing::Test {
protected:
    CurfewdRun() {
        config = YAML::Load(R"(
listeners: [{ name: main, address: "127.0.0.1:0" }]
resources: { prod: { host: 127.0.0.1, port: 1 } }
users: { alice: {} }
log: { format: json }
)");
        config["store"]["path"] = store();
        config["admin"]["socket"] = admin_socket();
    }

    std::string store() const { return directory / "curfew.db"; }
    std::string admin_socket() const { return directory / "admin.sock"; }
    CommandResult run_it() const {
        std::ostringstream text;
        text << config << '\n';
        return curfewd({"run", "--config", directory.write("curfew.yaml", text.str())});
    }
    // The sentence for people: the one line that is no JSON.
    static std::string sentence(const CommandResult& result) {
        std::istringstream lines{result.err};
        std::string found;
        for (std::string line; std::getline(lines, line);) {
            if (!line.starts_with('{')) found += line;
        }
        return found;
    }

    TemporaryDirectory directory;
    YAML::Node config;
};

TEST_F(CurfewdRun, ListsEveryProblemOfItsConfiguration) {
    config["listneers"] = "a typing mistake";
    config["resources"]["prod"]["prot"] = 5432;
    const CommandResult result = run_it();
    EXPECT_EQ(result.status.code, 1);
    EXPECT_THAT(result.err, HasSubstr("listneers: unknown key"));
    EXPECT_THAT(result.err, HasSubstr("resources.prod.prot: unknown key"));
    EXPECT_THAT(sentence(result), HasSubstr("curfewd: not started: 2 problems in "));
    EXPECT_THAT(result.err, HasSubstr(R"("event":"node.failed")")) << "for programs that read the log";
}

TEST_F(CurfewdRun, SaysThatTheStoresDirectoryDoesNotExist) {
    config["store"]["path"] = (directory / "absent/curfew.db").string();
    const CommandResult result = run_it();
    EXPECT_EQ(result.status.code, 1);
    EXPECT_THAT(sentence(result), HasSubstr((directory / "absent").string()));
    EXPECT_FALSE(std::filesystem::exists(directory / "absent")) << "nobody knows who should own it";
}

TEST_F(CurfewdRun, SaysWhichAddressIsTaken) {
    const ListeningSocket taken;
    const std::string address = "127.0.0.1:" + std::to_string(taken.port());
    config["listeners"][0]["address"] = address;
    const CommandResult result = run_it();
    EXPECT_EQ(result.status.code, 1);
    EXPECT_THAT(sentence(result), HasSubstr(address));
    EXPECT_FALSE(std::filesystem::exists(admin_socket()));
}

TEST_F(CurfewdRun, SaysThatTheMetricsAddressIsTaken) {
    const ListeningSocket taken;
    config["metrics"]["address"] = "127.0.0.1:" + std::to_string(taken.port());
    const CommandResult result = run_it();
    EXPECT_EQ(result.status.code, 1);
    EXPECT_THAT(sentence(result), HasSubstr("127.0.0.1:" + std::to_string(taken.port())));
}

TEST_F(CurfewdRun, LeavesAloneAnotherOneOnTheSameStore) {
    const RunningCurfew first{config};
    config["admin"]["socket"] = (directory / "second.sock").string();
    const CommandResult result = run_it();
    EXPECT_EQ(result.status.code, 1);
    EXPECT_THAT(sentence(result), HasSubstr(store()));
    EXPECT_NO_THROW(first.cli({"status"}));
}

TEST_F(CurfewdRun, LeavesAloneAnotherOneOnTheSameAdminSocket) {
    const RunningCurfew first{config};
    config["store"]["path"] = (directory / "second.db").string();
    const CommandResult result = run_it();
    EXPECT_EQ(result.status.code, 1);
    EXPECT_THAT(sentence(result), HasSubstr(admin_socket()));
    EXPECT_NO_THROW(first.cli({"status"}));
}

TEST_F(CurfewdRun, TakesItsAdminSocketWithIt) {
    RunningCurfew curfew{config};
    ASSERT_TRUE(std::filesystem::exists(admin_socket()));
    curfew.terminate();
    EXPECT_TRUE(curfew.process().wait().success());
    EXPECT_FALSE(std::filesystem::exists(admin_socket()));
}

class CurfewdDev : public testing::Test {
protected:
    static std::vector<std::string> arguments() {
        return {"dev", "--upstream", "127.0.0.1:1", "--listen", "127.0.0.1:0"};
    }
};

TEST_F(CurfewdDev, StopsWhenItsTerminalIsClosed) {
    RunningCurfew curfew{arguments()};
    const auto directory = curfew.admin_socket().parent_path();
    curfew.process().signal(SIGHUP);
    EXPECT_TRUE(curfew.process().wait().success());
    EXPECT_FALSE(std::filesystem::exists(directory));
}

// The second one may come at any moment up to the end.
TEST_F(CurfewdDev, LeavesNothingWhereCtrlCIsPressedTwice) {
    RunningCurfew curfew{arguments()};
    const auto directory = curfew.admin_socket().parent_path();
    curfew.process().signal(SIGINT);
    curfew.process().signal(SIGINT);
    EXPECT_TRUE(curfew.process().wait().success());
    EXPECT_FALSE(std::filesystem::exists(directory));
}

TEST_F(CurfewdDev, SaysThatItHasNowhereToPutItsFiles) {
    Process::Options options;
    options.environment["TMPDIR"] = "/nowhere";
    const CommandResult result = curfewd(arguments(), options);
    EXPECT_EQ(result.status.code, 1);
    EXPECT_THAT(result.err, HasSubstr("TMPDIR"));
}

}  // namespace
}  // namespace curfew::test
