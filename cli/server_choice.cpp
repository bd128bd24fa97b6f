#include "cli/server_choice.hpp"

#include "cli/environment.hpp"
#include "cli/saved_servers.hpp"

namespace curfew::cli {
namespace {

Outcome<Server> by_url(std::string_view text, const ServerChoice& choice, const SavedServers& saved) {
    auto url = normal_server_url(text);
    if (!url) return url.error();
    Server server;
    server.url = std::move(*url);
    const auto* known = saved.find(server.url);
    server.ca_file = !choice.ca_file.empty()                  ? choice.ca_file
                     : !environment("CURFEW_CA_FILE").empty() ? environment("CURFEW_CA_FILE")
                     : known != nullptr                       ? known->ca_file
                                                              : "";
    if (auto token = environment("CURFEW_TOKEN"); !token.empty()) {
        server.token = Secret{std::move(token)};
    } else if (known != nullptr) {
        server.token = known->token;
    }
    return server;
}

Server by_socket(std::string path) {
    Server server;
    server.socket_path = std::move(path);
    return server;
}

}  // namespace

Outcome<Server> choose_server(const ServerChoice& choice, const std::filesystem::path& saved_in) {
    if (!choice.server.empty() && !choice.socket.empty()) {
        return Failure{ExitCode::usage, "Name either a --server or a --socket, not both"};
    }
    if (!choice.socket.empty()) return by_socket(choice.socket);
    const auto named = choice.server.empty() ? environment("CURFEW_SERVER") : choice.server;
    if (named.empty()) {
        if (auto socket = environment("CURFEW_SOCKET"); !socket.empty()) return by_socket(std::move(socket));
    }
    const auto saved = SavedServers::load(saved_in);
    if (!saved) return saved.error();
    if (!named.empty()) return by_url(named, choice, *saved);
    if (const auto* current = saved->current()) return by_url(current->url, choice, *saved);
    return by_socket(default_socket);
}

Outcome<Server> choose_login_server(const ServerChoice& choice, const std::filesystem::path& saved_in) {
    const auto saved = SavedServers::load(saved_in);
    if (!saved) return saved.error();
    auto named = choice.server.empty() ? environment("CURFEW_SERVER") : choice.server;
    if (named.empty() && saved->current() != nullptr) named = saved->current()->url;
    if (named.empty()) {
        return Failure{ExitCode::usage, "Say where to sign in: curfew login https://curfew.example.org"};
    }
    auto server = by_url(named, choice, *saved);
    if (server) server->token = Secret{};
    return server;
}

}  // namespace curfew::cli
