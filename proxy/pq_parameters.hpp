// How libpq is told to reach a resource's PostgreSQL with its administrative role.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "config/config.hpp"

namespace curfew::proxy {

// libpq's connection parameters (keyword, value), all but the password. Keyword by keyword: nothing from the
// configuration is ever parsed as a connection string.
using PqParameters = std::vector<std::pair<std::string, std::string>>;

// For `resource`'s admin_login, which must be present. `address` is the IP address to try, found beforehand
// because libpq would block while it looks a name up; empty for a Unix socket. What is not said here is left
// to libpq's defaults, so that a role without a password may use ~/.pgpass or peer authentication.
PqParameters admin_parameters(const config::Resource& resource, const std::string& address);

}  // namespace curfew::proxy
