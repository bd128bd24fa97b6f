// `curfew grant`, `revoke`, `extend` and `grants`.
#pragma once

#include <string>

#include "cli/output.hpp"

namespace curfew::cli {

struct GrantOptions {
    std::string subject;  // as the API takes it: `alice`, `group:dba`, `*`
    std::string resource;
    std::string length;
    std::string starts_in;  // empty: at once
    std::string reason;
    bool replication = false;
};

ExitCode give_grant(const Context& context, const GrantOptions& options);
ExitCode revoke_grant(const Context& context, const std::string& id, const std::string& reason);
ExitCode extend_grant(const Context& context, const std::string& id, const std::string& by);
ExitCode list_grants(const Context& context, bool all);

}  // namespace curfew::cli
