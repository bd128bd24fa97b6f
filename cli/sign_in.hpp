// `curfew login`, `logout` and `whoami`.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cli/output.hpp"
#include "cli/server_choice.hpp"

namespace curfew::cli {

struct LoginOptions {
    ServerChoice choice;
    bool password = false;
    std::string user;  // empty: asked for
    std::string link;  // a one-time link, or the code in it
};

// Finds its server by itself; Context's client is not used.
ExitCode log_in(const Context& context, const LoginOptions& options);
ExitCode log_out(const Context& context);
ExitCode who_am_i(const Context& context);

// What a one-time link is made of.
struct OneTimeLink {
    std::string server;  // empty: only the code was given
    std::string code;
};
// nullopt if there is no code in it.
std::optional<OneTimeLink> parse_one_time_link(std::string_view text);

}  // namespace curfew::cli
