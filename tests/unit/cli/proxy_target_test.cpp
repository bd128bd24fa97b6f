// Where `curfew connect --local-port` goes, and what it asks for there.
#include "cli/proxy_target.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "cli/environment.hpp"
#include "cli/service_file.hpp"
#include "support/temporary_directory.hpp"

namespace curfew::cli {
namespace {

using testing::HasSubstr;

constexpr const char* plain = "[prod]\nhost=proxy.example.org\nport=6432\nuser=alice\ndbname=prod\n";

class ProxyTargets : public testing::Test {
protected:
    test::TemporaryDirectory home;
    std::string home_before = environment("HOME");

    void SetUp() override {
        ::setenv("HOME", home.path().c_str(), 1);
        ::unsetenv("PGSSLMODE");
        ::unsetenv("PGSSLROOTCERT");
    }
    void TearDown() override {
        ::setenv("HOME", home_before.c_str(), 1);
        ::unsetenv("PGSSLMODE");
    }

    static ProxyTarget target(const std::string& more = "") {
        auto made = proxy_target(plain + more, "prod");
        EXPECT_TRUE(made) << made.error().message;
        return made ? *made : ProxyTarget{};
    }
    static std::string database(const std::string& asked, const std::string& own = "prod",
                                const std::string& user = "root") {
        auto to = target();
        to.database = own;
        postgres::StartupMessage startup;
        startup.user = user;
        startup.database = asked;
        return database_for(to, startup);
    }
};

TEST(ServiceFile, IsReadUpToItsSecondSection) {
    const auto settings =
        service_settings("# port=1\nport=2\n[prod]\r\nhost=a=b\r\n# user=x\nport=6432\n[other]\nuser=eve\n");
    EXPECT_EQ(settings, (std::map<std::string, std::string>{{"host", "a=b"}, {"port", "6432"}}));
}

TEST_F(ProxyTargets, StandInTheServiceFile) {
    const auto to = target();
    EXPECT_EQ(to.host, "proxy.example.org");
    EXPECT_EQ(to.port, "6432");
    EXPECT_EQ(to.user, "alice");
    EXPECT_EQ(to.database, "prod");
    EXPECT_EQ(to.tls, ProxyTls::prefer);
    EXPECT_FALSE(proxy_target("[prod]\nport=6432\ndbname=prod\n", "prod"));
}

TEST_F(ProxyTargets, ProveAsMuchAsTheFileElseTheEnvironmentSays) {
    EXPECT_EQ(target("sslmode=require\n").tls, ProxyTls::require);
    ::setenv("PGSSLMODE", "disable", 1);
    EXPECT_EQ(target().tls, ProxyTls::disable);
    EXPECT_EQ(target("sslmode=require\n").tls, ProxyTls::require);
    ::setenv("PGSSLMODE", "often", 1);
    EXPECT_EQ(proxy_target(plain, "prod").error().code, ExitCode::usage);
}

TEST_F(ProxyTargets, AreVerifiedWhereSomebodySaysWhomToTrust) {
    std::filesystem::create_directory(home / ".postgresql");
    std::ofstream{home / ".postgresql/root.crt"} << "a CA";
    const auto required = target("sslmode=require\n");
    EXPECT_EQ(required.tls, ProxyTls::verify_ca);
    EXPECT_EQ(required.root_certificate, home / ".postgresql/root.crt");
    EXPECT_EQ(target("sslmode=verify-full\nsslrootcert=/ca.pem\n").root_certificate, "/ca.pem");
}

TEST_F(ProxyTargets, AreNotTakenUnverifiedWhereTheyMustBeVerified) {
    const auto refused = proxy_target(std::string{plain} + "sslmode=verify-full\n", "prod");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ExitCode::usage);
    EXPECT_THAT(refused.error().message, HasSubstr("PGSSLROOTCERT"));
}

TEST_F(ProxyTargets, LeadADatabaseOfTheResource) {
    EXPECT_EQ(database("orders"), "prod/orders");
    EXPECT_EQ(database("prod/orders"), "prod/orders");
    EXPECT_EQ(database("prod"), "prod");
    EXPECT_EQ(database("prod2"), "prod/prod2");
}

TEST_F(ProxyTargets, TakeTheUsersNameForNoDatabase) {
    EXPECT_EQ(database(""), "prod");
    EXPECT_EQ(database("root"), "prod") << "libpq's default";
    EXPECT_EQ(database("root", "prod", "alice"), "prod/root");
}

TEST_F(ProxyTargets, KeepNamesWhereTheListenerIsForTheResourceAlone) {
    EXPECT_EQ(database("", "orders"), "orders");
    EXPECT_EQ(database("customers", "orders"), "customers");
}

}  // namespace
}  // namespace curfew::cli
