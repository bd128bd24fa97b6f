#include "apps/dev_options.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace curfew::apps {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

std::string upstream(std::string_view text) {
    const auto parsed = parse_upstream(text);
    return parsed ? config::to_string(*parsed) : "wrong: " + parsed.error().message;
}

TEST(DevUpstream, IsAHostAndAPort) {
    EXPECT_EQ(upstream("127.0.0.1:5433"), "127.0.0.1:5433");
    EXPECT_EQ(upstream("db1.internal:5433"), "db1.internal:5433");
    EXPECT_EQ(upstream("[0:0::1]:5433"), "[::1]:5433");
}

TEST(DevUpstream, IsOnPostgresqlsOwnPortUnlessSaidOtherwise) {
    EXPECT_EQ(upstream("localhost"), "localhost:5432");
    EXPECT_EQ(upstream("192.0.2.1"), "192.0.2.1:5432");
    EXPECT_EQ(upstream("[::1]"), "[::1]:5432");
    EXPECT_EQ(upstream("/var/run/postgresql"), "/var/run/postgresql/.s.PGSQL.5432");
}

TEST(DevUpstream, IsTheDirectoryOfAUnixSocket) {
    EXPECT_EQ(upstream("/var/run/postgresql:5433"), "/var/run/postgresql/.s.PGSQL.5433");
    EXPECT_EQ(upstream("/run/pg//:5433"), "/run/pg/.s.PGSQL.5433");
    EXPECT_EQ(upstream("/:5433"), "/.s.PGSQL.5433");
}

TEST(DevUpstream, IsNotTheUnixSocketItself) {
    EXPECT_THAT(upstream("/run/postgresql/.s.PGSQL.5432"), HasSubstr("expected the directory"));
}

TEST(DevUpstream, FitsIntoASocketAddress) {
    EXPECT_THAT(upstream("/" + std::string(100, 'x')), HasSubstr("at most 107 bytes"));
}

TEST(DevUpstream, RefusesWhatIsNoAddress) {
    for (const char* text : {"", ":5432", "nonsense:port", "host:", "host:0", "host:65536", "::1", "a b:1",
                             "[127.0.0.1]:1", "/run/postgresql:port", "/run/postgresql:0"})
        EXPECT_THAT(upstream(text), HasSubstr("wrong: ")) << text;
}

TEST(DevUpstream, DoesNotRepeatAPassword) {
    for (const char* text : {"postgres://alice:hunter2@db/orders", "host=db password=hunter2"}) {
        EXPECT_THAT(upstream(text), HasSubstr("wrong: "));
        EXPECT_THAT(upstream(text), Not(HasSubstr("hunter2")));
    }
}

TEST(DevListenAddress, IsAnIpAddressAndAPort) {
    EXPECT_EQ(parse_listen_address("0.0.0.0:6432").value(), (config::Endpoint{"0.0.0.0", 6432}));
    EXPECT_EQ(parse_listen_address("[::1]:0").value(), (config::Endpoint{"::1", 0}));
}

TEST(DevListenAddress, RefusesNamesAndWhatHasNoPort) {
    for (const char* text : {"localhost:6432", "127.0.0.1", "6432", "::1:6432", "127.0.0.1:x", ""})
        EXPECT_FALSE(parse_listen_address(text)) << text;
}

TEST(DevGrantOption, IsAUserAndADuration) {
    const auto grant = parse_dev_grant("alice:1h30m").value();
    EXPECT_EQ(grant.subject, (policy::Subject{policy::Subject::Kind::user, "alice"}));
    EXPECT_EQ(grant.length, 90min);
}

TEST(DevGrantOption, TakesAStarForEveryone) {
    EXPECT_EQ(parse_dev_grant("*:1h").value().subject.kind, policy::Subject::Kind::everyone);
}

TEST(DevGrantOption, TakesAUserWithAColon) {
    EXPECT_EQ(parse_dev_grant("CORP:alice:1h").value().subject.name, "CORP:alice");
}

TEST(DevGrantOption, RefusesWhatItCannotRead) {
    for (const char* text : {"alice", "alice:", "alice:soon", "alice:90", ":1h", "", "al\nice:1h"})
        EXPECT_FALSE(parse_dev_grant(text)) << text;
}

TEST(DevGrantOption, RefusesGroupsBecauseThereAreNone) {
    EXPECT_THAT(parse_dev_grant("group:dba:1h").error().message, HasSubstr("no groups"));
}

class DevConfig : public testing::Test {
protected:
    config::Config made() const { return dev_config(options, "/tmp/here").value(); }

    DevConfig() { options.upstream = parse_upstream("127.0.0.1:5432").value(); }

    DevOptions options;
};

TEST_F(DevConfig, TakesWhoeverPostgresqlKnowsToAnyDatabase) {
    const auto config = made();
    ASSERT_EQ(config.listeners.size(), 1U);
    EXPECT_EQ(config.listeners[0].resource, dev_resource);
    const config::Resource* resource = config.find_resource(dev_resource);
    ASSERT_NE(resource, nullptr);
    EXPECT_EQ(resource->login, config::LoginMode::passthrough);
    EXPECT_TRUE(resource->allows_database("orders"));
    EXPECT_TRUE(config.directory().knows_user("zelda"));
}

TEST_F(DevConfig, KeepsEverythingInItsDirectory) {
    const auto config = made();
    EXPECT_EQ(config.store.path, "/tmp/here/curfew.db");
    EXPECT_EQ(config.admin_socket, "/tmp/here/admin.sock");
}

TEST_F(DevConfig, HasAnAdministrativeLoginOnlyWhereOneIsNamed) {
    EXPECT_FALSE(made().find_resource(dev_resource)->admin_login);
    options.admin_user = "curfew_admin";
    const auto config = made();
    const auto& login = config.find_resource(dev_resource)->admin_login;
    ASSERT_TRUE(login);
    EXPECT_EQ(login->user, "curfew_admin");
    EXPECT_FALSE(login->password);
}

TEST_F(DevConfig, PassesOnWhereThePasswordOfThatLoginIs) {
    options.admin_user = "curfew_admin";
    options.admin_password = Secret{"admin-secret"};
    options.admin_password_file = "/home/alice/.pgpass";
    const auto config = made();
    const auto& login = config.find_resource(dev_resource)->admin_login;
    ASSERT_TRUE(login && login->password);
    EXPECT_EQ(login->password->reveal(), "admin-secret");
    EXPECT_EQ(login->password_file, "/home/alice/.pgpass");
}

TEST_F(DevConfig, TellsWhoIsRefusedHowToGetIn) {
    EXPECT_THAT(made().how_to_ask, HasSubstr("curfew --socket /tmp/here/admin.sock grant"));
}

TEST_F(DevConfig, DoesNotStandInFrontOfItself) {
    options.listen = options.upstream;
    EXPECT_FALSE(dev_config(options, "/tmp/here"));
}

}  // namespace
}  // namespace curfew::apps
