// What no change of a request may do, whoever judges it: the last line before the disk. Pure.
#pragma once

#include <optional>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "policy/request.hpp"
#include "store/requests.hpp"

namespace curfew::store {

// internal: the request would be another afterwards, or its grant would get more or less than its approval is
// for. nullopt: neither.
std::optional<Error> find_wrong(const policy::Request& before, const RequestChange& change);
// The same of a new request, which extends the grant named. invalid: its duration or its start is none that
// can be asked for.
std::optional<Error> find_wrong_beginning(const std::optional<GrantId>& extends, const RequestChange& change,
                                          WallInstant now);

}  // namespace curfew::store
