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
};

struct Access {
    std::string request;  // empty: the grant was given without one
    std::string user;     // whose it is
    boost::json::value grant;
};

// A grant for the resource that is active now: one that there is, else by a request that waits already, else
// by a new one. not_approved: it came to nothing, and why.
Outcome<Access> get_access(const Context& context, const AccessOptions& options);

}  // namespace curfew::cli
