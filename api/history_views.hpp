// What was, as the API shows it: where its fields get their names.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <vector>

#include "store/events.hpp"
#include "store/sessions.hpp"
#include "store/timeline.hpp"

namespace curfew::api {

boost::json::object view(const store::ListedSession& session);
boost::json::object view(const store::ListedEvent& event);
boost::json::array view(const std::vector<store::GrantExtension>& extensions);
boost::json::object view(const store::TimelineWanted& wanted, const store::Timeline& timeline);

}  // namespace curfew::api
