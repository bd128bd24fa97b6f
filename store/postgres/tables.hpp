// What makes the tables of a store in PostgreSQL.
#pragma once

#include <span>

namespace curfew::store {

// Step by step: the first makes version 1 from nothing, each later one the next version. Never changed once
// released: new ones are added.
std::span<const char* const> postgres_schema_steps() noexcept;

}  // namespace curfew::store
