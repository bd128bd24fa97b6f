// Waiting for others to decide.
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

// Waits until `request` (a document with its view) is PENDING no more, and gives it as it is then. Shows on
// standard error how it stands, as it happens. Ctrl-C on a terminal offers to cancel the request; whatever is
// chosen then, and SIGTERM, is `interrupted`.
Outcome<boost::json::value> wait_for_decision(const Context& context, boost::json::value request);

}  // namespace curfew::cli
