// Where Curfew's proxy is and what to ask it for: what libpq would make of a service file.
#pragma once

#include <string>

#include "cli/exit_code.hpp"
#include "protocol/postgres/startup.hpp"

namespace curfew::cli {

// How much the proxy has to prove. libpq's `allow` counts as `prefer`, which is safer and reaches the same
// servers.
enum class ProxyTls { disable, prefer, require, verify_ca, verify_full };

struct ProxyTarget {
    std::string host;  // a name, an address, or the directory of a Unix socket
    std::string port;
    std::string user;
    std::string database;  // the name to connect with
    std::string resource;  // what that is a name of
    ProxyTls tls = ProxyTls::prefer;
    std::string root_certificate;  // a file; `system`: whom the system trusts; empty: none

    bool is_unix() const noexcept { return host.starts_with('/'); }
};

// From the first section of `service_file`, else PGSSLMODE and PGSSLROOTCERT, else libpq's defaults, a root
// certificate in ~/.postgresql included. usage: they make no sense.
Outcome<ProxyTarget> proxy_target(const std::string& service_file, const std::string& resource);

// The database to ask the proxy for, where a local client asked for `startup.database`: that is one of the
// resource (`orders`), where it is neither the resource itself nor nothing. Without one libpq asks for the
// user's name: it then means nothing.
std::string database_for(const ProxyTarget& target, const postgres::StartupMessage& startup);

}  // namespace curfew::cli
