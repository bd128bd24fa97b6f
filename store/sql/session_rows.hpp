// Sessions as the store has them in its rows. Everything here runs inside a transaction of its caller's.
#pragma once

#include "store/sessions.hpp"
#include "store/sql/connection.hpp"

// What a statement selects of `sessions` for read_session(), before anything else.
#define CURFEW_SESSION_COLUMNS                                                                          \
    "id, grant_id, user_name, resource, database_name, node, client_address, application_name, "        \
    "backend_pid, backend_started, started_at_ms, state, ended_at_ms, cause, confirmation, detail, "    \
    "bytes_from_client, bytes_to_client, client_closed_at_ms, backend_gone_at_ms, client_overstay_ms, " \
    "backend_overstay_ms, last_statement, transaction_outcome, recording, recording_hash, recording_bytes "
// The end of a session's grant. One that was revoked ended then.
#define CURFEW_SESSION_DEADLINE \
    "(SELECT coalesce(revoked_at_ms, ends_at_ms) FROM grants WHERE grants.id = grant_id) "

// These throw what the connection explains where the database fails, and std::runtime_error where a row
// cannot be understood.
namespace curfew::store {

inline constexpr int session_columns = 27;

SessionRecord read_session(const Query& row);
// Of a row that has the deadline behind the session's columns.
ListedSession read_listed_session(const Query& row);

}  // namespace curfew::store
