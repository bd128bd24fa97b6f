// Functions of PostgreSQL's own that only compute.
#pragma once

#include <string_view>

namespace curfew::sql {

// Whether pg_catalog has a function of this name of which every form only computes from its arguments, the
// time or the session, and neither reads files or tables, nor waits, signals or changes anything.
bool only_computes(std::string_view name);

}  // namespace curfew::sql
