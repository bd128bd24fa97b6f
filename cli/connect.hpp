// `curfew connect`: from a wish to psql, and to why it ended.
#pragma once

#include <string>
#include <vector>

#include "cli/access.hpp"
#include "cli/output.hpp"

namespace curfew::cli {

struct ConnectOptions {
    AccessOptions access;
    std::string print;  // `uri`, `pgpass` or `service`: print that instead; empty: run psql
    std::string host;   // of Curfew's proxy, where the server does not say
    std::string port;
    std::vector<std::string> psql_arguments;
};

ExitCode connect(const Context& context, const ConnectOptions& options);

}  // namespace curfew::cli
