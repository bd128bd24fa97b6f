#include "config/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/diff.hpp"

namespace curfew::config {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(ConfigEndpoint, ReadsAsItIsWritten) {
    EXPECT_EQ(to_string(Endpoint{"127.0.0.1", 6432}), "127.0.0.1:6432");
    EXPECT_EQ(to_string(Endpoint{"::1", 6432}), "[::1]:6432");
    EXPECT_EQ(to_string(Endpoint{"/run/x.sock", 0}), "/run/x.sock");
}

TEST(ConfigWords, AreThoseOfTheFile) {
    EXPECT_EQ(to_string(ClientTls::allow), "allow");
    EXPECT_EQ(to_string(SslMode::verify_ca), "verify-ca");
    EXPECT_EQ(to_string(SslMode::verify_full), "verify-full");
    EXPECT_EQ(to_string(LoginMode::managed), "managed");
    EXPECT_EQ(to_string(LoginMode::ephemeral), "ephemeral");
    EXPECT_EQ(to_string(PersonAuthentication::scram_or_certificate), "scram_or_certificate");
}

TEST(ConfigReload, OfWhatCanChangeLiveNeedsNoRestart) {
    Config running;
    Config wanted = running;
    wanted.listeners.push_back({});
    wanted.users.emplace("alice", User{});
    wanted.timeouts.drain = std::chrono::minutes{1};
    wanted.limits.sessions = 1;
    wanted.warnings.clear();
    EXPECT_THAT(needs_restart(running, wanted), IsEmpty());
}

TEST(ConfigReload, NamesEachSettingThatWaitsForARestartWithBothValues) {
    Config running;
    running.store.path = "/a.db";
    running.metrics = Endpoint{"127.0.0.1", 9187};
    running.admin_socket = "/run/a.sock";
    running.admin_group = "curfew";
    running.workers = 2;
    Config wanted;
    wanted.store.path = "/b.db";
    wanted.admin_socket = "/run/b.sock";
    wanted.admin_group = "dba";
    EXPECT_THAT(
        needs_restart(running, wanted),
        ElementsAre("store.path stays /a.db until curfewd is restarted; the file says /b.db",
                    AllOf(HasSubstr("metrics.address stays 127.0.0.1:9187"), HasSubstr("says nothing")),
                    AllOf(HasSubstr("admin.socket stays /run/a.sock"), HasSubstr("/run/b.sock")),
                    AllOf(HasSubstr("admin.group stays curfew"), HasSubstr("dba")),
                    AllOf(HasSubstr("workers stays 2"), HasSubstr("one a core"))));
}

TEST(ConfigReload, ServesTheApiWhereItWasUntilARestart) {
    Config running;
    Config wanted;
    wanted.api = Api{};
    EXPECT_THAT(
        needs_restart(running, wanted),
        ElementsAre("api.address stays nothing until curfewd is restarted; the file says 127.0.0.1:8432"));
    running.api = Api{Endpoint{"0.0.0.0", 443}, ServerTls{}, "https://a.example.com"};
    EXPECT_THAT(needs_restart(running, wanted), ElementsAre(HasSubstr("api.address stays 0.0.0.0:443")));
}

TEST(ConfigReload, KeepsWhatWaitsForARestart) {
    Config running;
    running.store.path = "/a.db";
    running.metrics = Endpoint{"127.0.0.1", 9187};
    running.admin_socket = "/run/a.sock";
    running.admin_group = "dba";
    running.workers = 2;
    running.api = Api{};
    Config wanted;
    keep_until_restart(running, wanted);
    EXPECT_THAT(needs_restart(running, wanted), IsEmpty());
}

TEST(ConfigReload, NeverKeepsAnApiOnTheNetworkWithoutItsTls) {
    Config running;
    running.api = Api{Endpoint{"0.0.0.0", 443}, ServerTls{}, "https://a.example.com"};
    Config wanted;
    wanted.api = Api{};
    keep_until_restart(running, wanted);
    ASSERT_TRUE(wanted.api);
    EXPECT_EQ(wanted.api->address, (Endpoint{"0.0.0.0", 443}));
    EXPECT_TRUE(wanted.api->tls);
}

TEST(ConfigReload, AppliesTheRestOfTheApiLive) {
    Config running;
    running.api = Api{};
    Config wanted = running;
    wanted.api->public_url = "https://b.example.com";
    keep_until_restart(running, wanted);
    EXPECT_EQ(wanted.api->public_url, "https://b.example.com");
}

}  // namespace
}  // namespace curfew::config
