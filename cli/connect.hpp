// `curfew connect`: from a wish to psql, and to why it ended.
#pragma once

#include <cstdint>
#include <optional>
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
    // Either: let other programs in there instead of running psql.
    std::optional<std::uint16_t> local_port;  // 0: any that is free
    std::string local_socket;                 // the directory of a Unix socket; local_port is its number

    bool is_for_others() const noexcept { return local_port || !local_socket.empty(); }
};

ExitCode connect(const Context& context, const ConnectOptions& options);

}  // namespace curfew::cli
