// Configuration files for curfewd, as YAML that a test can change.
#pragma once

#include <yaml-cpp/yaml.h>

#include <string>

#include "support/postgres_cluster.hpp"
#include "support/test_ca.hpp"

namespace curfew::test {

// The resource that most tests are about.
inline constexpr const char* the_resource = "prod-postgres";

enum class Upstream { tcp, unix_socket };
enum class AdminLogin { absent, present };

// One plaintext listener `main` on a free port, where clients name the resource; `prod-postgres` in front of
// `cluster` with passthrough login; users alice, bob (in the group dba) and carol. RunningCurfew adds what is
// its own: the store, the admin socket, metrics and the log.
YAML::Node basic_config(const PostgresCluster& cluster, AdminLogin admin = AdminLogin::absent,
                        Upstream upstream = Upstream::tcp);

// Adds a listener `sidecar`, by which everything is for `prod-postgres`. Tools for physical replication need
// it: they always ask for a database `replication`.
void add_sidecar(YAML::Node& config);

// Gives every listener a certificate of `ca`'s.
void use_tls(YAML::Node& config, TestCa& ca, const std::string& mode = "require", bool client_ca = false);

}  // namespace curfew::test
