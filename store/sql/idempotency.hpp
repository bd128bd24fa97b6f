// Idempotency records in the store. Everything here runs inside a transaction of its caller's.
#pragma once

#include <optional>
#include <string>

#include "base/result.hpp"
#include "store/idempotency.hpp"
#include "store/sql/connection.hpp"
#include "store/store_clock.hpp"

// As the functions of IdempotencyStore of these names promise, at `now`. These throw what the connection
// explains where the database fails.
namespace curfew::store {

Result<std::optional<IdempotentAnswer>> begin_idempotent(Connection& connection, const StoreTime& now,
                                                         const IdempotentRequest& request);
Result<void> finish_idempotent(Connection& connection, const std::string& actor, const std::string& key,
                               const IdempotentAnswer& answer);
Result<void> abandon_idempotent(Connection& connection, const std::string& actor, const std::string& key);
Result<bool> remember_once(Connection& connection, const StoreTime& now, const std::string& key,
                           Duration lifetime);

}  // namespace curfew::store
