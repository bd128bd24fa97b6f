// The timeline of a store. Everything here runs inside a transaction of its caller's.
#pragma once

#include "base/result.hpp"
#include "store/sql/connection.hpp"
#include "store/store_clock.hpp"
#include "store/timeline.hpp"

namespace curfew::store {

// As TimelineStore promises. Throws what the connection explains where the database fails, and
// std::runtime_error where a row cannot be understood.
Result<Timeline> read_timeline(Connection& connection, const StoreTime& now, const TimelineWanted& wanted);

}  // namespace curfew::store
