// The backends of sessions in the store. Everything here runs inside a transaction of its caller's.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.hpp"
#include "store/backends.hpp"
#include "store/sql/connection.hpp"

namespace curfew::store {

// As BackendStore's function promises. Throws what the connection explains where the database fails.
Result<std::vector<Backend>> list_unfinished_backends(Connection& connection,
                                                      const std::vector<std::int32_t>& pids);

}  // namespace curfew::store
