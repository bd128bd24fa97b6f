// Pages of events from the store, whatever they are narrowed by, at the price of a page.
#pragma once

#include "base/result.hpp"
#include "store/events.hpp"
#include "store/page.hpp"
#include "store/sql/connection.hpp"

namespace curfew::store {

// As EventStore promises. Throws what the connection explains where the database fails.
Result<EventPage> list_events(Connection& connection, const EventFilter& filter, const Page& page);

}  // namespace curfew::store
