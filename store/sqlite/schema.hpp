// The tables of an SQLite store, and how they came to be what they are.
#pragma once

#include "base/result.hpp"
#include "store/sqlite/connection.hpp"

namespace curfew::store {

// Brings the database to this version's tables, from nothing or from any earlier version: each step in one
// transaction, so that a crash leaves it at one version or the next. Refuses what it cannot read: a database
// of a newer version, of something else, or damaged. Throws SQLite::Exception where SQLite itself fails.
Result<void> bring_schema_up_to_date(SqliteConnection& connection);

// Changes nothing: refuses a database that is not a whole store of exactly this version. Throws as above.
// conflict: it is of another version; unavailable: it is something else, or damaged.
Result<void> check_schema(SqliteConnection& connection);

// The version that this program reads and writes (PRAGMA user_version).
int schema_version() noexcept;

}  // namespace curfew::store
