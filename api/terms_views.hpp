// What rules say together, as the API shows it.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <optional>

#include "api/proxy_target.hpp"
#include "config/config.hpp"
#include "policy/terms.hpp"

namespace curfew::api {

// Of an administrator's own requests: they need no rule, and no review.
boost::json::object view(const policy::Terms& terms, bool administrator = false);

// A resource that somebody may ask for: time there, or commands. `target`: where to connect to it, if anybody
// knows.
boost::json::object catalogue_entry(const config::Resource& resource,
                                    const std::optional<ProxyTarget>& target, boost::json::object terms,
                                    boost::json::object command_terms);

}  // namespace curfew::api
