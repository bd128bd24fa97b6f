// `curfew tokens`: personal access tokens, for programs.
#pragma once

#include <string>
#include <vector>

#include "cli/output.hpp"

namespace curfew::cli {

struct NewTokenOptions {
    std::string name;
    std::vector<std::string> scopes;
    std::string length;  // empty: 30 days, or as long as one is signed in
};

// `user`: an administrator's look at somebody else's; empty: one's own.
ExitCode list_tokens(const Context& context, const std::string& user);
// Prints the secret, this once: on standard output nothing else, unless that is a terminal.
ExitCode create_token(const Context& context, const NewTokenOptions& options);
ExitCode revoke_token(const Context& context, const std::string& id);

}  // namespace curfew::cli
