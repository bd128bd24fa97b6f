// How libpq is told to reach a resource's PostgreSQL with its administrative role.
#pragma once

#include <string>

#include "config/config.hpp"
#include "pq/connection.hpp"

namespace curfew::proxy {

// Keyword by keyword: only a first `dbname` may be a connection string, and nothing from the configuration is
// ever parsed as one.
//
// For `resource`'s admin_login, which must be present. `address` is the IP address to try, found beforehand
// because libpq would block while it looks a name up; empty for a Unix socket. Only the configuration counts:
// neither what is in the home directory's .postgresql and .pgpass, nor PGPASSWORD.
pq::Parameters admin_parameters(const config::Resource& resource, const std::string& address);
// The same, to another database.
pq::Parameters admin_parameters(const config::Resource& resource, const std::string& address,
                                const std::string& database);

}  // namespace curfew::proxy
