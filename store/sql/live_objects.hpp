// Live objects in the store. Everything here runs inside a transaction of its caller's.
#pragma once

#include <string>
#include <vector>

#include "base/actor.hpp"
#include "base/result.hpp"
#include "store/live_objects.hpp"
#include "store/sql/connection.hpp"
#include "store/store_clock.hpp"

// As the functions of LiveObjectStore promise, at `now`. These throw what the connection explains where the
// database fails, and std::runtime_error where a row cannot be understood.
namespace curfew::store {

Result<std::vector<LiveObject>> list_live_objects(Connection& connection);
Result<ObjectsChanged> change_live_objects(Connection& connection, const StoreTime& now,
                                           const std::vector<ObjectEdit>& edits, const Actor& by,
                                           const JudgeObjects& judge);

}  // namespace curfew::store
