// From a wish to a grant that stands: what one has already, or a request and the wait for it.
#pragma once

#include <boost/json/value.hpp>
#include <string>

#include "cli/output.hpp"

namespace curfew::cli {

struct AccessOptions {
    std::string resource;
    std::string length;  // empty: what the rules say
    std::string reason;
    bool break_glass = false;
    bool by_command = false;  // no window: each command is approved by itself
};

struct Access {
    std::string request;  // empty: the grant was given without one
    std::string user;     // whose it is
    boost::json::value grant;
    // Each command is approved before it runs, and no request is asked for at the beginning.
    bool by_command = false;
    boost::json::value credential;  // by command: what to log in with; null: a password of one's own
};

// A grant for the resource that is active now: one that there is, else by a request that waits already, else
// by a new one; by command where it is wished, or where the rules let one ask for nothing else. not_approved:
// it came to nothing, and why.
Outcome<Access> get_access(const Context& context, const AccessOptions& options);

// What one connects with whose commands are approved one by one. A credential that was given before is void.
Outcome<Access> open_command_access(const ApiClient& client, const std::string& resource);

}  // namespace curfew::cli
