// A request in words: what tables, `show` and the wait for an approval say of it.
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <vector>

#include "cli/spinner.hpp"
#include "cli/terminal.hpp"

namespace curfew::cli {

Style style_of_status(const std::string& status);

// How it came to its status: `by bob`, `nobody decided in time`; empty while it is open. With the comment, if
// there is one.
std::string decision_text(const boost::json::value& request);

// `prod for 2h`, `2h more of g-…`, `a script on prod`.
std::string wish_text(const boost::json::value& request);

// Each approval group whose review counts, and how it stands: `dba-team  approved by bob`, `security
// waiting`. Empty where nothing is known of it: the request is not PENDING, or comes from a list.
std::vector<StatusLine> progress_lines(const boost::json::value& request);

// `waiting for approval at https://…`, or by whom, where the server has no page.
std::string waiting_text(const boost::json::value& request);

}  // namespace curfew::cli
