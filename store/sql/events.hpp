// The feed of what changed, in the store. Everything here runs inside a transaction of its caller's.
#pragma once

#include <boost/json/object.hpp>
#include <cstddef>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "store/events.hpp"
#include "store/sql/connection.hpp"
#include "store/store_clock.hpp"

// These throw what the connection explains where the database fails.
namespace curfew::store {

// Adds one at the end of the chain. `summary` must hold no secret; text from outside is made safe to show by
// the caller.
EventNumber record_event(Connection& connection, const StoreTime& now, std::string_view kind,
                         std::string_view id, std::string_view actor, const boost::json::object& summary);

Result<std::vector<Event>> list_events_since(Connection& connection, EventNumber after, std::size_t limit);
EventNumber last_event_number(Connection& connection);
Result<EventsRead> read_events_after(Connection& connection, const ChainHead& after, std::size_t limit);

}  // namespace curfew::store
