// Which curfewd is meant, and how to get to it.
#pragma once

#include <string>
#include <string_view>

#include "base/secret.hpp"
#include "cli/exit_code.hpp"

namespace curfew::cli {

inline constexpr const char* default_socket = "/run/curfew/admin.sock";

// Either by its URL or by its administrative socket.
struct Server {
    std::string url;          // as normal_server_url gives it; empty: by socket_path
    std::string socket_path;  // empty: by url
    std::string ca_file;      // PEM, whom to trust; empty: whom the system trusts
    Secret token;             // empty: nobody is signed in, or the socket says who it is

    bool is_local() const noexcept { return url.empty(); }
    // For messages: the URL, or the path.
    const std::string& name() const noexcept { return is_local() ? socket_path : url; }
};

// `curfew.example.org` or `https://Curfew.example.org:443/` as `https://curfew.example.org`: how one server
// is written in one way only. usage: it is none, has a path, a user or a query, or would send a token in the
// clear: `http` is for loopback alone.
Outcome<std::string> normal_server_url(std::string_view text);

// The host in a URL that normal_server_url gave, without brackets.
std::string host_of(const std::string& url);
bool is_loopback_host(std::string_view host);

}  // namespace curfew::cli
