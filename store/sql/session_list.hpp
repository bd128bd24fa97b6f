// Pages of sessions from the store, whatever they are narrowed by, at the price of a page.
#pragma once

#include "base/result.hpp"
#include "store/page.hpp"
#include "store/sessions.hpp"
#include "store/sql/connection.hpp"

namespace curfew::store {

// As SessionStore promises. Throws what the connection explains where the database fails, and
// std::runtime_error where a row cannot be understood.
Result<SessionPage> list_sessions(Connection& connection, const SessionFilter& filter, const Page& page);

}  // namespace curfew::store
