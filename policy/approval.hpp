// What an approval gives: from when, and for how long. For submission.cpp and lifecycle.cpp.
#pragma once

#include <optional>
#include <string>

#include "policy/lifecycle.hpp"

namespace curfew::policy {

// An error that says why the grant cannot be extended for this user (canonical name); nullopt: it can.
std::optional<Error> not_extendable(const Grant* grant, std::string_view user,
                                    const Circumstances& circumstances);

// How much more the grant may get now: nobody holds more than the longest duration ahead. Zero or below:
// none.
Duration room_in(const Grant& grant, const Terms& terms, WallInstant now);

// Where the rules' allowed times that `at` is in end first; `at` itself if it is not in those of every rule.
WallInstant end_of_allowed_times(const Terms& terms, WallInstant at);

// nullopt if [start, start + duration) is inside the allowed times of every rule; else an error that says
// which rule it is not inside, and what would fit.
std::optional<Error> outside_allowed_times(const Terms& terms, WallInstant start, Duration duration);

struct Approval {
    Decision as = Decision::reviewed;
    std::string by;  // canonical name
    std::string comment;
    Duration at_most{};  // what those who decided allow
};
// The request, APPROVED now for as long as what was asked for, `approval`, the terms and their allowed times
// leave. conflict: they leave too little (shortest_rest), or the grant to extend is over.
Result<Request> approved(Request request, const Approval& approval, const Terms& terms,
                         const Circumstances& circumstances);

}  // namespace curfew::policy
