#include "support/curfew_config.hpp"

namespace curfew::test {

YAML::Node basic_config(const PostgresCluster& cluster, AdminLogin admin, Upstream upstream) {
    YAML::Node config = YAML::Load(R"(
listeners: [{ name: main, address: "127.0.0.1:0" }]
resources: { prod-postgres: { login: passthrough } }
users: { alice: {}, bob: {}, carol: {} }
groups: { dba: [bob] }
how_to_ask: "Ask the on-call DBA in #db-access."
workers: 2
)");
    YAML::Node resource = config["resources"][the_resource];
    resource["port"] = cluster.port();
    if (upstream == Upstream::unix_socket) {
        resource["host"] = cluster.socket_directory().string();
    } else {
        resource["host"] = "127.0.0.1";
        resource["tls"]["sslmode"] = "disable";
    }
    if (admin == AdminLogin::present) resource["admin_login"]["user"] = "curfew_admin";
    return config;
}

void add_sidecar(YAML::Node& config) {
    YAML::Node listener;
    listener["name"] = "sidecar";
    listener["address"] = "127.0.0.1:0";
    listener["resource"] = the_resource;
    config["listeners"].push_back(listener);
}

void use_tls(YAML::Node& config, TestCa& ca, const std::string& mode, bool client_ca) {
    const CertificateFiles server = ca.issue_server();
    YAML::Node tls;
    tls["mode"] = mode;
    tls["certificate"] = server.certificate.string();
    tls["key"] = server.key.string();
    if (client_ca) tls["client_ca"] = ca.certificate().string();
    for (YAML::Node listener : config["listeners"])
        listener["tls"] = YAML::Clone(tls);
}

}  // namespace curfew::test
