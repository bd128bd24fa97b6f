#include "partitioned_hosts.hpp"

namespace curfew::test {
namespace {

constexpr const char* listener_port = "6432";

PostgresOptions open_to_all_hosts() {
    PostgresOptions options =
        with_hba({"local all,replication all trust", "host all all 198.18.0.0/15 trust"});
    options.settings["listen_addresses"] = "'*'";
    options.settings["synchronous_commit"] = "'on'";
    return options;
}

}  // namespace

void PartitionedHosts::SetUpTestSuite() {
    if (NetworkOfHosts::why_not()) return;
    net = std::make_unique<NetworkOfHosts>(
        std::vector<std::string>{"node-1", "node-2", "store", "resource", "client"});
    const auto new_cluster = [] { return std::make_unique<PostgresCluster>(open_to_all_hosts()); };
    store = net->inside("store", new_cluster);
    resource = net->inside("resource", new_cluster);
    resource->sql("CREATE ROLE alice LOGIN; CREATE TABLE marks (mark text); GRANT ALL ON marks TO alice");
}

void PartitionedHosts::TearDownTestSuite() {
    store.reset();
    resource.reset();
    net.reset();
}

void PartitionedHosts::SetUp() {
    if (const auto why_not = NetworkOfHosts::why_not()) GTEST_SKIP() << *why_not;
    static int count = 0;
    database = "curfew_" + std::to_string(++count);
    store->sql("CREATE DATABASE " + database);
}

void PartitionedHosts::TearDown() {
    if (net) net->heal();
}

YAML::Node PartitionedHosts::config(const std::string& node, const std::string& max_staleness) const {
    YAML::Node config = basic_config(*resource, AdminLogin::present);
    config["node"] = node;
    config["listeners"][0]["address"] = std::string{"0.0.0.0:"} + listener_port;
    config["resources"][the_resource]["host"] = net->address("resource");
    config["store"]["postgresql"] = "host=" + net->address("store") +
                                    " port=" + std::to_string(store->port()) +
                                    " user=postgres dbname=" + database;
    config["store"]["max_staleness"] = max_staleness;
    return config;
}

std::unique_ptr<RunningCurfew> PartitionedHosts::start(const YAML::Node& config) {
    return net->inside(config["node"].as<std::string>(),
                       [&] { return std::make_unique<RunningCurfew>(config); });
}

LiveSession PartitionedHosts::open_session(RunningCurfew& curfew, const std::string& node,
                                           ByteStream::Options options) {
    options.address = net->address(node).c_str();
    for (const Instant give_up = now() + patience;;) {
        try {
            return net->inside("client",
                               [&] { return curfew.open_session("alice", the_resource, {}, options); });
        } catch (const std::exception&) {
            if (now() > give_up) throw;
        }
    }
}

WireClient PartitionedHosts::knock(RunningCurfew& curfew, const std::string& node) {
    ByteStream::Options options;
    options.address = net->address(node).c_str();
    WireClient client = net->inside("client", [&] { return curfew.client(options); });
    client.send_startup({{"user", "alice"}, {"database", the_resource}});
    return client;
}

bool PartitionedHosts::is_ready(const RunningCurfew& curfew, const std::string& node) {
    return net->inside(node, [&] { return http_get(curfew.metrics_port(), "/readyz").status == 200; });
}

bool PartitionedHosts::is_gone(const LiveSession& session, std::chrono::milliseconds timeout) {
    return resource->await("count(*) = 0 FROM pg_stat_activity WHERE pid = " + session.backend, timeout);
}

}  // namespace curfew::test
