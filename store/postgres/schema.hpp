// The schema `curfew` of a store in PostgreSQL, and how it came to be what it is.
#pragma once

#include <string>

#include "base/result.hpp"
#include "store/postgres/connection.hpp"

namespace curfew::store {

// Brings the database to this version's tables, from nothing or from any earlier version, in one transaction;
// of nodes that start together one does it and the others find it done. unavailable: it is of a newer
// version, or the role may not change it; the message says what to do. Throws what the connection explains.
Result<void> bring_schema_up_to_date(PostgresConnection& connection);

// The version that this program reads and writes.
int postgres_schema_version() noexcept;

// For psql, run by somebody who may create roles and schemas: makes the roles `curfew_owner` (owns the
// schema), `curfew_node` (what curfewd needs, and no more) and `curfew_auditor` (reads what is no secret),
// the schema and its tables, and brings older tables up to date. May be run again and again.
std::string postgres_setup_script();

}  // namespace curfew::store
