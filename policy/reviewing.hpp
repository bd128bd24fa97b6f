// What a review does to a request. For lifecycle.cpp.
#pragma once

#include "policy/lifecycle.hpp"

namespace curfew::policy {

// As apply() for this event.
Result<Request> reviewed(const Request& request, const event::Reviewed& event,
                         const Circumstances& circumstances);

}  // namespace curfew::policy
