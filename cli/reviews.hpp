// `curfew approve`, `reject`, and the one verb `revoke`.
#pragma once

#include <string>

#include "cli/output.hpp"

namespace curfew::cli {

struct ReviewOptions {
    std::string id;
    bool approve = false;
    std::string length;  // shorter than what was asked for; empty: that
    std::string group;   // the one that it counts for; empty: the only one there is
    std::string comment;
    bool yes = false;  // approve a command without being asked
};

// On a terminal a command is approved only by who was shown all of it and was asked.
ExitCode review(const Context& context, const ReviewOptions& options);

// A request (r-…): takes it back, whatever its state. A grant (g-…): ends it; who may not do that by itself
// revokes the request that it came from.
ExitCode revoke(const Context& context, const std::string& id, const std::string& reason);

// An administrator's extension takes effect; anybody else's is a request.
ExitCode extend(const Context& context, const std::string& grant, const std::string& by,
                const std::string& reason);

}  // namespace curfew::cli
