// `curfew request`, `requests`, `show`, and `extend` for who is no administrator.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <string>

#include "cli/output.hpp"

namespace curfew::cli {

struct RequestOptions {
    std::string resource;  // or `extends`
    std::string extends;   // a grant
    std::string length;    // empty: what the rules say
    std::string at;        // as parse_instant reads it; empty: at the final approval
    std::string reason;
    bool break_glass = false;
    bool replication = false;
};

// What POST /requests takes. usage: `at` is no time.
Outcome<boost::json::object> request_body(const RequestOptions& options, WallInstant now);

// What a request is that was just made: PENDING, and at which page; or what it gave at once.
ExitCode print_made(const Context& context, const Answer& answer);

ExitCode make_request(const Context& context, const RequestOptions& options);

struct RequestListOptions {
    bool waiting = false;  // for one's own review
    bool mine = false;
    bool all = false;  // decided ones too
    std::string status;
    std::string requester;
    std::string resource;
    std::string type;
    std::size_t limit = 100;
};

ExitCode list_requests(const Context& context, const RequestListOptions& options);

// All that there is to know of a request, a command and what it answered included.
void print_request(const Context& context, const boost::json::value& request);

// A request (r-…) or a grant (g-…).
ExitCode show(const Context& context, const std::string& id);

}  // namespace curfew::cli
