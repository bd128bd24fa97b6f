// What whoever administers the PostgreSQL of the store runs beforehand.
#pragma once

#include <string>

namespace curfew::store {

// For psql, run by somebody who may create roles and schemas: makes the roles `curfew_owner` (owns the
// schema), `curfew_node` (what curfewd needs, and no more) and `curfew_auditor` (reads what is no secret),
// the schema and its tables, and brings older tables up to date. May be run again and again.
std::string postgres_setup_script();

}  // namespace curfew::store
