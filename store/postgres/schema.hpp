// The schema `curfew` of a store in PostgreSQL, and how it came to be what it is.
#pragma once

#include "base/result.hpp"
#include "store/postgres/connection.hpp"

namespace curfew::store {

// Brings the database to this version's tables, from nothing or from any earlier version, in one transaction;
// of nodes that start together one does it and the others find it done. unavailable: it is of a newer
// version, or the role may not change it; the message says what to do. Throws what the connection explains.
Result<void> bring_schema_up_to_date(PostgresConnection& connection);

// The version that this program reads and writes.
int postgres_schema_version() noexcept;

}  // namespace curfew::store
