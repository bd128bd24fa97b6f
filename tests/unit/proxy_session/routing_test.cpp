// Which resource and which database a client means.
#include "proxy/routing.hpp"

#include <gmock/gmock.h>

#include "message_stream.hpp"

namespace curfew::test {
namespace {

using postgres::Replication;
using postgres::StartupMessage;
using proxy::NoRoute;
using proxy::Route;

class Routing : public testing::Test {
protected:
    Routing() {
        startup.user = "alice";
        config::Resource& prod = config.resources["prod"];
        prod.name = "prod";
        prod.databases = {"orders", "users"};
        prod.default_database = "orders";
        config::Resource& test = config.resources["test"];
        test.name = "test";
    }

    std::variant<Route, NoRoute> route(const std::string& database,
                                       std::optional<std::string> resource = {}) {
        startup.database = database;
        return proxy::find_route(startup, resource, config);
    }
    // `resource/database`, or the refusal's reason.
    std::string found(const std::string& database, std::optional<std::string> resource = {}) {
        const auto outcome = route(database, std::move(resource));
        if (const auto* none = std::get_if<NoRoute>(&outcome)) return none->refusal.reason;
        return std::get<Route>(outcome).resource + "/" + std::get<Route>(outcome).database;
    }

    config::Config config;
    StartupMessage startup;
};

TEST_F(Routing, TakesTheResourceFromTheDatabasesName) {
    EXPECT_EQ(found("prod/users"), "prod/users");
    EXPECT_EQ(found("test/anything"), "test/anything");
}

TEST_F(Routing, TakesTheDefaultDatabaseWhereNoneIsNamed) {
    EXPECT_EQ(found("prod"), "prod/orders");
    EXPECT_EQ(found("prod/"), "prod/orders");
    EXPECT_EQ(found("test"), "test/postgres");
}

TEST_F(Routing, TakesWhatFollowsTheFirstSlashForTheDatabase) {
    EXPECT_EQ(found("test/a/b"), "test/a/b");
}

TEST_F(Routing, RefusesWhatIsNotThere) {
    for (const char* name : {"staging", "PROD", "prod ", "/orders", "/", "orders"})
        EXPECT_EQ(found(name), "unknown_resource") << name;
}

TEST_F(Routing, RefusesADatabaseThatIsNotListed) {
    EXPECT_EQ(found("prod/postgres"), "database_not_allowed");
    EXPECT_EQ(found("prod/Orders"), "database_not_allowed");
    EXPECT_EQ(found("postgres", "prod"), "database_not_allowed");
}

TEST_F(Routing, TakesTheListenersResourceWhereItIsForOne) {
    EXPECT_EQ(found("users", "prod"), "prod/users");
    EXPECT_EQ(found("test/users", "prod"), "database_not_allowed");
    EXPECT_EQ(found("prod/users", "test"), "test/prod/users");
}

// As PostgreSQL does.
TEST_F(Routing, TakesTheUsersNameForADatabaseThatIsNotNamed) {
    EXPECT_EQ(found(""), "unknown_resource");
    EXPECT_EQ(found("", "test"), "test/alice");
    startup.user = "prod";
    EXPECT_EQ(found(""), "prod/orders");
}

TEST_F(Routing, RefusesTheResourceOfAListenerThatIsGone) {
    EXPECT_EQ(found("users", "gone"), "unknown_resource");
}

TEST_F(Routing, AsksForNoListedDatabaseForPhysicalReplication) {
    startup.replication = Replication::physical;
    EXPECT_EQ(found("prod/replication"), "prod/replication");
    startup.replication = Replication::logical;
    EXPECT_EQ(found("prod/replication"), "database_not_allowed");
}

TEST_F(Routing, SaysInPrintWhatIsNotThere) {
    const auto outcome = route("no\x1b[2J\nsuch");
    const auto& refusal = std::get<NoRoute>(outcome).refusal;
    const auto fields = wire::report_fields(parse(refusal.bytes).messages.at(0));
    EXPECT_EQ(fields.at('C'), "3D000");
    EXPECT_EQ(fields.at('S'), "FATAL");
    EXPECT_EQ(fields.at('M'), R"(there is no resource "no\x1b[2J\x0asuch" here)");
}

// The log and the metrics count the refusal with it.
TEST_F(Routing, NamesTheResourceWhoseDatabaseIsRefused) {
    EXPECT_EQ(std::get<NoRoute>(route("prod/postgres")).resource, "prod");
    EXPECT_EQ(std::get<NoRoute>(route("nosuch/postgres")).resource, "");
}

TEST(ARefusal, IsLoggedAsItIsToldUnlessTheLogKnowsMore) {
    EXPECT_EQ(proxy::refuse("08006", "told", "reason").detail, "told");
    EXPECT_EQ(proxy::refuse("08006", "told", "reason", "logged").detail, "logged");
    const auto fields = wire::report_fields(
        parse(proxy::refuse("08006", "told", "reason", "logged", "hinted").bytes).messages.at(0));
    EXPECT_EQ(fields.at('M'), "told");
    EXPECT_EQ(fields.at('H'), "hinted");
    for (const auto& [letter, text] : fields)
        EXPECT_EQ(text.find("logged"), std::string::npos) << letter;
}

}  // namespace
}  // namespace curfew::test
