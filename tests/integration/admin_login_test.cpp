// The administrative connection of a node: as the configuration says, and its state for all to see.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/value_to.hpp>

#include "support/running_curfew.hpp"

namespace curfew::test {
namespace {

using testing::HasSubstr;

boost::json::value admin_login(const RunningCurfew& curfew) {
    return curfew.cli({"status"}).at("admin_logins").at(0);
}

TEST(AdminLoginOfANode, IsNotMisledByTheEnvironment) {
    RunningCurfew::Options options;
    options.process.environment = {{"PGSERVICE", "nowhere"},     {"PGHOSTADDR", "192.0.2.1"},
                                   {"PGSSLMODE", "verify-full"}, {"PGREQUIREPEER", "nobody"},
                                   {"PGOPTIONS", "-c nonsense"}, {"PGTARGETSESSIONATTRS", "standby"}};
    const RunningCurfew curfew{
        basic_config(PostgresCluster::shared(), AdminLogin::present, Upstream::unix_socket), options};
    EXPECT_EQ(curfew.log().await("admin.connected").text("role"), "curfew_admin");
}

TEST(AdminLoginOfANode, IsShownAsDownByTheStatusOfANodeThatTakesSessions) {
    PostgresCluster& cluster = PostgresCluster::shared();
    YAML::Node config = basic_config(cluster, AdminLogin::present);
    config["resources"][the_resource]["admin_login"]["user"] = "made_later";
    const RunningCurfew curfew{config};
    curfew.log().await("admin.connect_failed");
    EXPECT_EQ(curfew.cli({"status"}).at("ready"), true);
    const boost::json::value down = admin_login(curfew);
    EXPECT_EQ(down.at("resource"), the_resource);
    EXPECT_EQ(down.at("up"), false);
    EXPECT_THAT(boost::json::value_to<std::string>(down.at("problem")),
                HasSubstr("\"made_later\" does not exist"));
    EXPECT_THAT(curfew.cli_result({"status"}).out, HasSubstr("not connected to prod-postgres since "));
    EXPECT_EQ(curfew.metric("curfew_admin_connection_up", {{"resource", the_resource}}), 0);

    cluster.sql("CREATE ROLE made_later LOGIN; GRANT pg_signal_backend, pg_read_all_stats TO made_later");
    curfew.log().await("admin.connected");
    const boost::json::value up = admin_login(curfew);
    EXPECT_EQ(up.at("up"), true);
    EXPECT_TRUE(up.at("problem").is_null());
    EXPECT_GT(boost::json::value_to<std::string>(up.at("since")),
              boost::json::value_to<std::string>(down.at("since")));
    EXPECT_EQ(curfew.metric("curfew_admin_connection_up", {{"resource", the_resource}}), 1);
}

TEST(AdminLoginOfANode, IsNotShownWhereThereIsNone) {
    const RunningCurfew curfew{basic_config(PostgresCluster::shared())};
    EXPECT_EQ(curfew.cli({"status"}).at("admin_logins"), boost::json::array{});
}

}  // namespace
}  // namespace curfew::test
