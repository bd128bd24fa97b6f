// The feed of what changed, in the store. Everything here runs inside a transaction of its caller's.
#pragma once

#include <boost/json/object.hpp>
#include <cstddef>
#include <string_view>
#include <vector>

#include "base/actor.hpp"
#include "base/result.hpp"
#include "store/events.hpp"
#include "store/sql/connection.hpp"
#include "store/store_clock.hpp"

// These throw what the connection explains where the database fails.
namespace curfew::store {

// Of a row whose first columns are number, at_ms, kind, id, actor and summary.
Event event_in(const Query& row);

// Adds one at the end of the chain. Where the actor came from stands in the summary, as `from`. `summary`
// must hold no secret; text from outside is made safe to show by the caller.
EventNumber record_event(Connection& connection, const StoreTime& now, std::string_view kind,
                         std::string_view id, const Actor& actor, boost::json::object summary);

// As EventStore promises.
Result<EventNumber> add_event(Connection& connection, const StoreTime& now, const NewEvent& event);

Result<std::vector<Event>> list_events_since(Connection& connection, EventNumber after, std::size_t limit);
EventNumber last_event_number(Connection& connection);
Result<EventsRead> read_events_after(Connection& connection, const ChainHead& after, std::size_t limit);

}  // namespace curfew::store
