// The audit trail as the API gives it, a page at a time.
#pragma once

#include <boost/json/value.hpp>
#include <functional>
#include <string>

#include "cli/api_client.hpp"
#include "cli/audit.hpp"

namespace curfew::cli {

// The query of what was chosen, without order and limit: `&kind=…`. usage: an instant that is none.
Outcome<std::string> query_of(const TrailChoice& choice);

// Gives each event, the oldest first, to `found`, until that returns false. `query`: as query_of() gives it.
Outcome<void> for_each_event(const ApiClient& client, const std::string& query,
                             const std::function<bool(const boost::json::value& event)>& found);

}  // namespace curfew::cli
