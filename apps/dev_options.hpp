// What `curfewd dev` is told on its command line, and the configuration that this comes to.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "config/config.hpp"
#include "policy/grant.hpp"

namespace curfew::apps {

// The only resource of dev mode.
inline constexpr const char* dev_resource = "dev";

// `--grant USER:DURATION`
struct DevGrant {
    policy::Subject subject;
    Duration length{};
};

struct DevOptions {
    config::Endpoint upstream;
    config::Endpoint listen{"127.0.0.1", 6432};
    config::Endpoint metrics{"127.0.0.1", 0};
    std::vector<DevGrant> grants;
    std::optional<std::string> admin_user;
    std::optional<Secret> admin_password;
    std::optional<std::string> admin_password_file;  // in the form of ~/.pgpass; need not exist
};

// `HOST:PORT`, `[::1]:PORT`, or the directory of a Unix socket with or without `:PORT`; 5432 where there is
// no port.
Result<config::Endpoint> parse_upstream(std::string_view text);

// An IP address with its port, to listen on: `127.0.0.1:6432`, `[::1]:0`.
Result<config::Endpoint> parse_listen_address(std::string_view text);

// `alice:1h`, or `*:1h` for everyone. What stands behind the last colon is the duration.
Result<DevGrant> parse_dev_grant(std::string_view text);

// The file and the socket that dev mode makes in its temporary directory.
std::string dev_store(const std::string& directory);
std::string dev_admin_socket(const std::string& directory);

// One listener in front of one resource, for any database and whoever PostgreSQL knows. invalid: what the
// options say cannot be brought together.
Result<config::Config> dev_config(const DevOptions& options, const std::string& directory);

}  // namespace curfew::apps
