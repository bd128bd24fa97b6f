// `curfew grant`, `grants`, and what administrators do to a grant.
#pragma once

#include <boost/json/value.hpp>
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
// Ends a grant as an administrator does, and says so.
Outcome<Answer> post_revocation(const Context& context, const std::string& id, const std::string& reason);
ExitCode print_revocation(const Context& context, const Answer& answer);
// As an administrator: at once.
ExitCode extend_grant(const Context& context, const std::string& id, const std::string& by);
// What else it is for than to connect and do as one may: ` (by command)`, ` (one script)`, ` (replication)`.
std::string use_text(const boost::json::value& grant);
// Who took a grant back (its member `revoked`). Curfew itself, where a right was lost, or a node was done
// with it.
std::string revoker_of(const boost::json::value& revoked);
ExitCode list_grants(const Context& context, bool all);

}  // namespace curfew::cli
