// Where one is signed in: kept for oneself alone.
#include "cli/saved_servers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <thread>

#include "support/temporary_directory.hpp"

namespace curfew::test {
namespace {

using cli::ExitCode;
using cli::SavedServer;
using cli::SavedServers;
using testing::HasSubstr;
using testing::Not;

class SavedSignIns : public testing::Test {
protected:
    TemporaryDirectory home;
    const std::filesystem::path directory = home / "config/curfew";

    static SavedServer server(const std::string& url, const std::string& token = "cfs_x") {
        SavedServer saved;
        saved.url = url;
        saved.user = "alice";
        saved.token = Secret{token};
        return saved;
    }
    mode_t mode_of(const std::filesystem::path& path) const {
        struct stat status {};
        EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
        return status.st_mode & 0777U;
    }
    SavedServers load() const { return SavedServers::load(directory).value(); }
};

TEST_F(SavedSignIns, AreNoneAtFirst) {
    EXPECT_TRUE(load().all().empty());
    EXPECT_EQ(load().current(), nullptr);
}

TEST_F(SavedSignIns, AreReadableByTheirOwnerAlone) {
    const auto before = ::umask(0);
    const auto kept = SavedServers::keep(directory, server("https://one"));
    ::umask(before);
    ASSERT_TRUE(kept) << kept.error().message;
    EXPECT_EQ(mode_of(directory), 0700U);
    EXPECT_EQ(mode_of(directory / "servers.json"), 0600U);
}

TEST_F(SavedSignIns, AreReadBack) {
    auto saved = server("https://one");
    saved.ca_file = "/etc/ca.pem";
    saved.expires_at = WallInstant{std::chrono::seconds{1'600'000'000}};
    ASSERT_TRUE(SavedServers::keep(directory, saved));
    const auto all = load();
    const auto* one = all.find("https://one");
    ASSERT_NE(one, nullptr);
    EXPECT_EQ(one->user, "alice");
    EXPECT_EQ(one->ca_file, "/etc/ca.pem");
    EXPECT_EQ(one->token.reveal(), "cfs_x");
    EXPECT_EQ(one->expires_at, saved.expires_at);
}

TEST_F(SavedSignIns, MakeTheLatestTheCurrentOne) {
    ASSERT_TRUE(SavedServers::keep(directory, server("https://one")));
    ASSERT_TRUE(SavedServers::keep(directory, server("https://two")));
    EXPECT_EQ(load().current()->url, "https://two");
    ASSERT_TRUE(SavedServers::keep(directory, server("https://one", "cfs_new")));
    EXPECT_EQ(load().current()->token.reveal(), "cfs_new");
    EXPECT_EQ(load().all().size(), 2U);
}

TEST_F(SavedSignIns, FallBackOnTheOnlyOneThatIsLeft) {
    ASSERT_TRUE(SavedServers::keep(directory, server("https://one")));
    ASSERT_TRUE(SavedServers::keep(directory, server("https://two")));
    ASSERT_TRUE(SavedServers::forget(directory, "https://two"));
    EXPECT_EQ(load().current()->url, "https://one");
    ASSERT_TRUE(SavedServers::forget(directory, "https://one"));
    EXPECT_EQ(load().current(), nullptr);
}

TEST_F(SavedSignIns, AreNotBelievedWhereOthersCouldReadThem) {
    ASSERT_TRUE(SavedServers::keep(directory, server("https://one")));
    ASSERT_EQ(::chmod((directory / "servers.json").c_str(), 0640), 0);
    const auto loaded = SavedServers::load(directory);
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().code, ExitCode::forbidden);
    EXPECT_THAT(loaded.error().message, HasSubstr("is not yours alone"));
}

TEST_F(SavedSignIns, SayThatTheyAreDamagedWithoutTheirSecret) {
    ASSERT_TRUE(SavedServers::keep(directory, server("https://one", "cfs_secret")));
    std::ofstream{directory / "servers.json"} << "{\"servers\": cfs_secret";
    const auto loaded = SavedServers::load(directory);
    ASSERT_FALSE(loaded);
    EXPECT_THAT(loaded.error().message,
                testing::AllOf(HasSubstr("is damaged"), Not(HasSubstr("cfs_secret"))));
}

TEST_F(SavedSignIns, LoseNothingWhereSeveralAreKeptAtOnce) {
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([this, i] {
            EXPECT_TRUE(SavedServers::keep(directory, server("https://server-" + std::to_string(i))));
        });
    }
    for (auto& thread : threads)
        thread.join();
    EXPECT_EQ(load().all().size(), 8U);
}

}  // namespace
}  // namespace curfew::test
