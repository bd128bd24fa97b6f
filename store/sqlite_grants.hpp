// Grants in an SQLite store. Everything here runs inside a transaction of its caller's.
#pragma once

#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "store/sqlite_connection.hpp"
#include "store/store.hpp"
#include "store/store_clock.hpp"

// As the Store's functions of these names promise, at `now`. These throw SQLite::Exception where SQLite
// fails, and std::runtime_error where a row cannot be understood.
namespace curfew::store {

Result<GrantCountdown> add_grant(Connection& connection, const StoreTime& now, const NewGrant& wanted);
Result<GrantCountdown> revoke_grant(Connection& connection, const StoreTime& now, const GrantId& id,
                                    const std::string& by, const std::string& reason);
Result<GrantCountdown> extend_grant(Connection& connection, const StoreTime& now, const GrantId& id,
                                    Duration by);
Result<std::vector<GrantCountdown>> list_grants(Connection& connection, const StoreTime& now,
                                                bool include_over);

// Marks the grants whose window has passed as ended, for good.
void mark_passed_grants(Connection& connection, const StoreTime& now);
bool has_grant(Connection& connection, const GrantId& id);

}  // namespace curfew::store
