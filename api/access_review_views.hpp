// A review of accesses as the API shows it: where its fields get their names.
#pragma once

#include <boost/json/object.hpp>

#include "store/access_review.hpp"
#include "workflow/standing_privileges.hpp"

namespace curfew::api {

boost::json::object view(const store::ReviewedGrant& reviewed);
boost::json::object view(const workflow::StandingPrivilege& privilege);

}  // namespace curfew::api
