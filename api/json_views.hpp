// What the API shows, and how it is written in JSON: the one place where a field gets its name.
//
// Instants are UTC, RFC 3339; what is left of a time is in whole seconds, rounded down. Text that came from
// outside (an application_name, a reason) is made printable. What is not known is null, never left out.
#pragma once

#include <boost/json/object.hpp>
#include <string_view>

#include "base/clock.hpp"
#include "identity/principal.hpp"
#include "proxy/control.hpp"
#include "store/store.hpp"

namespace curfew::api {

boost::json::object view(const store::GrantCountdown& grant);
// `now`: when `session.remaining` was true.
boost::json::object view(const proxy::SessionView& session, WallInstant now);
boost::json::object view(const proxy::NodeStatus& status);
boost::json::object view(const store::NodeRecord& node);
boost::json::object view(const proxy::Diagnosis& diagnosis);
// `display_name`: the person's, for people; may be empty.
boost::json::object view(const identity::Principal& principal, std::string_view display_name);

}  // namespace curfew::api
