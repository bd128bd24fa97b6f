// Sessions in the store. Everything here runs inside a transaction of its caller's.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/actor.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "store/sessions.hpp"
#include "store/sql/connection.hpp"
#include "store/store_clock.hpp"

// As SessionStore's functions promise, at `now`. These throw what the connection explains where the database
// fails, and std::runtime_error where a row cannot be understood.
namespace curfew::store {

Result<void> start_session(Connection& connection, const StoreTime& now, const SessionRecord& session);
Result<void> begin_session_end(Connection& connection, const StoreTime& now, const SessionId& id,
                               policy::EndCause cause);
Result<void> end_session(Connection& connection, const StoreTime& now, const SessionEnd& end);

Result<std::vector<SessionRecord>> list_unfinished_sessions(Connection& connection, const std::string& node);
Result<std::vector<LiveSession>> list_live_sessions(Connection& connection, const StoreTime& now);
Result<SessionRecord> find_session_record(Connection& connection, const SessionId& id);
Result<SessionRecord> ask_for_session_end(Connection& connection, const StoreTime& now, const SessionId& id,
                                          const Actor& by);
// As NodeStore::claim_orphans.
Result<std::vector<SessionRecord>> claim_orphaned_sessions(Connection& connection, const StoreTime& now,
                                                           const std::string& by,
                                                           const std::vector<std::string>& resources,
                                                           Duration at_most);

}  // namespace curfew::store
