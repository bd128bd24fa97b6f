// A notice as JSON, as docs/webhooks.md and docs/webhook-schema.json describe it. Pure.
#pragma once

#include <boost/json/object.hpp>
#include <string_view>

#include "notify/notice.hpp"

namespace curfew::notify {

// The version of the form: within one, members are added and never removed.
inline constexpr int notice_version = 1;

// `id`: of the delivery. Never a secret.
boost::json::object json_of(std::string_view id, const Notice& notice, const Facts& facts,
                            const Surroundings& surroundings);

}  // namespace curfew::notify
