// Loading from the real file system.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "loading.hpp"

namespace curfew::config::test {
namespace {

using ::testing::HasSubstr;

class ConfigFile : public ::testing::Test {
protected:
    ConfigFile() {
        std::string name = "/tmp/curfew-config-XXXXXX";
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
        directory_ = name;
    }
    ~ConfigFile() override {
        std::error_code ignored;
        std::filesystem::remove_all(directory_, ignored);
    }

    std::string write(const std::string& name, const std::string& content, mode_t mode = 0600) {
        const auto path = (directory_ / name).string();
        std::ofstream{path, std::ios::binary} << content;
        if (::chmod(path.c_str(), mode) != 0) throw std::runtime_error("chmod " + path);
        return path;
    }
    static std::string only_problem(const std::string& path) {
        const auto result = load_file(path);
        const auto* problems = std::get_if<std::vector<Problem>>(&result);
        return problems != nullptr && problems->size() == 1 ? to_string(problems->front()) : "";
    }

    std::filesystem::path directory_;
};

TEST_F(ConfigFile, IsLoadedWithWhatItRefersTo) {
    write("admin.password", "hunter2\n");
    const auto path = write(
        "curfew.yaml",
        file_with({{"store", "{ path: curfew.db }"},
                   {"resources",
                    "{ prod: { host: h, admin_login: { user: a, password: { file: admin.password } } } }"}}),
        0644);
    auto result = load_file(path);
    ASSERT_TRUE(std::holds_alternative<Config>(result));
    const auto& config = std::get<Config>(result);
    EXPECT_EQ(config.store.path, (directory_ / "curfew.db").string());
    EXPECT_EQ(config.find_resource("prod")->admin_login->password->reveal(), "hunter2");
}

TEST_F(ConfigFile, PathsBesideARelativeFileAreMadeAbsolute) {
    const auto path = write("curfew.yaml", file_with({{"store", "{ path: curfew.db }"}}));
    const auto relative = std::filesystem::relative(path).string();
    auto result = load_file(relative);
    ASSERT_TRUE(std::holds_alternative<Config>(result));
    const std::filesystem::path store = std::get<Config>(result).store.path;
    EXPECT_TRUE(store.is_absolute());
    EXPECT_EQ(store.lexically_normal(), directory_ / "curfew.db");
}

TEST_F(ConfigFile, SecretThatEverybodyCanReadIsRefused) {
    write("admin.password", "hunter2\n", 0644);
    const auto path = write(
        "curfew.yaml",
        file_with({{"resources",
                    "{ prod: { host: h, admin_login: { user: a, password: { file: admin.password } } } }"}}));
    EXPECT_THAT(only_problem(path), HasSubstr("admin.password is open to every user of this machine"));
}

TEST_F(ConfigFile, MustExist) {
    const auto path = (directory_ / "missing.yaml").string();
    EXPECT_EQ(only_problem(path), path + ": cannot be read: it does not exist");
}

TEST_F(ConfigFile, MustBeARegularFile) {
    EXPECT_THAT(only_problem(directory_.string()), HasSubstr("not a regular file"));
    const auto fifo = (directory_ / "fifo").string();
    ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
    EXPECT_THAT(only_problem(fifo), HasSubstr("not a regular file"));
}

TEST_F(ConfigFile, LargerThanOneMebibyteIsNotRead) {
    EXPECT_THAT(only_problem(write("curfew.yaml", std::string((1U << 20U) + 1, '#'))),
                HasSubstr("cannot be read: it is larger than 1048576 bytes"));
}

TEST_F(ConfigFile, ThatThisUserMayNotReadSaysSo) {
    const auto path = write("curfew.yaml", "", 0);
    constexpr uid_t nobody = 65534;
    // Root may read everything, so for a moment the test is somebody else.
    const uid_t self = ::geteuid();
    if (self == 0) {
        ASSERT_EQ(::seteuid(nobody), 0);
    }
    const auto problem = only_problem(path);
    ASSERT_EQ(::seteuid(self), 0);
    EXPECT_THAT(problem, HasSubstr("may not read it"));
}

TEST(SystemEnvironment, HasTheVariablesOfThisProcess) {
    const SystemEnvironment environment;
    EXPECT_TRUE(environment.variable("PATH"));
    EXPECT_FALSE(environment.variable("CURFEW_NO_SUCH_VARIABLE"));
}

}  // namespace
}  // namespace curfew::config::test
