// Which curfewd a command talks to: from the command line, the environment, and what `login` kept.
#pragma once

#include <filesystem>
#include <string>

#include "cli/exit_code.hpp"
#include "cli/server.hpp"

namespace curfew::cli {

struct ServerChoice {
    std::string server;   // --server
    std::string socket;   // --socket
    std::string ca_file;  // --ca-file
};

// The command line goes before the environment (CURFEW_SERVER, then CURFEW_SOCKET), that before the current
// one of the saved servers, and that before the socket in its usual place. The token is CURFEW_TOKEN's, or
// what was saved for that server; none for a socket. usage: it makes no sense.
Outcome<Server> choose_server(const ServerChoice& choice, const std::filesystem::path& saved_in);

// The server that `login` is to sign in to; without a token. usage: none is named.
Outcome<Server> choose_login_server(const ServerChoice& choice, const std::filesystem::path& saved_in);

}  // namespace curfew::cli
