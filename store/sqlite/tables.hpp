// The tables of an SQLite store, as SQL: one step for each version.
#pragma once

#include <span>

namespace curfew::store {

// Step n makes version n + 1 of version n; version 0 is an empty database. Forward only: a released step is
// never changed, a further one is added.
std::span<const char* const> schema_steps() noexcept;

}  // namespace curfew::store
