// How libpq is told to reach a resource's PostgreSQL with its administrative role.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "config/config.hpp"

namespace curfew::proxy {

// libpq's connection parameters (keyword, value), all but the password; of two values the later one counts.
// Keyword by keyword: only a first `dbname` may be a connection string, and nothing from the configuration is
// ever parsed as one.
using PqParameters = std::vector<std::pair<std::string, std::string>>;

// For `resource`'s admin_login, which must be present. `address` is the IP address to try, found beforehand
// because libpq would block while it looks a name up; empty for a Unix socket. Only the configuration counts:
// neither what is in the home directory's .postgresql and .pgpass, nor PGPASSWORD.
PqParameters admin_parameters(const config::Resource& resource, const std::string& address);

// Unsets the environment variables by which libpq would be told anything else (PGSSLMODE, PGSERVICE …). Those
// for passwords stay, as the configuration may name them, and are overruled by admin_parameters. Call it
// before there is a second thread.
void ignore_environment_of_libpq();

}  // namespace curfew::proxy
