// Waiting for others to decide, and for what they let run.
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "cli/output.hpp"
#include "cli/spinner.hpp"

namespace curfew::cli {

// The lines of the wait: at which page, and each approval group. `trouble`: why they may be old; empty while
// connected.
std::vector<StatusLine> waiting_lines(const boost::json::value& request, const std::string& trouble);

// What is shown of a command's request after it was approved, until its result is there.
std::vector<StatusLine> running_lines(const boost::json::value& request, const std::string& trouble);

// Waits until `request` (a document with its view) is PENDING no more, and gives it as it is then. Shows on
// standard error how it stands, as it happens. Ctrl-C on a terminal offers to cancel the request; whatever is
// chosen then, and SIGTERM, is `interrupted`.
Outcome<boost::json::value> wait_for_decision(const Context& context, boost::json::value request);

// The same for a request for a command, until it came to nothing, or its result is there. What runs cannot be
// cancelled: it is left running then.
Outcome<boost::json::value> wait_for_result(const Context& context, boost::json::value request);

}  // namespace curfew::cli
