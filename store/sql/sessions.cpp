#include "store/sql/sessions.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iterator>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "base/text.hpp"
#include "store/sql/events.hpp"
#include "store/sql/grant_rows.hpp"
#include "store/sql/page.hpp"

namespace curfew::store {
namespace {

#define CURFEW_SESSION_COLUMNS                                                                   \
    "id, grant_id, user_name, resource, database_name, node, client_address, application_name, " \
    "backend_pid, backend_started, started_at_ms, state, ended_at_ms, cause, confirmation, detail "

// Left to itself, SQLite would go through the sessions of years for the sake of their order.
constexpr Dialects unfinished_sessions{
    "SELECT " CURFEW_SESSION_COLUMNS
    "FROM sessions INDEXED BY sessions_unfinished WHERE state <> 'ended' AND ? IN ('', node) ORDER BY seq",
    "SELECT " CURFEW_SESSION_COLUMNS "FROM sessions WHERE state <> 'ended' AND ? IN ('', node) ORDER BY seq"};
constexpr std::string_view sessions_before =
    "SELECT " CURFEW_SESSION_COLUMNS ", seq FROM sessions WHERE seq < ? ORDER BY seq DESC LIMIT ?";
constexpr int seq_column = 16;
// A grant that was revoked ended then.
constexpr Dialects live_sessions{
    "SELECT " CURFEW_SESSION_COLUMNS
    ", (SELECT coalesce(revoked_at_ms, ends_at_ms) FROM grants WHERE grants.id = grant_id) "
    "FROM sessions INDEXED BY sessions_unfinished WHERE state <> 'ended' ORDER BY seq",
    "SELECT " CURFEW_SESSION_COLUMNS
    ", (SELECT coalesce(revoked_at_ms, ends_at_ms) FROM grants WHERE grants.id = grant_id) "
    "FROM sessions WHERE state <> 'ended' ORDER BY seq"};
constexpr int grant_end_column = 16;
constexpr std::string_view one_session = "SELECT " CURFEW_SESSION_COLUMNS "FROM sessions WHERE id = ?";
// Of those whose claim has run out, or is this node's own.
constexpr std::string_view claim_orphans =
    "UPDATE sessions SET reaper = ?, reaper_until_ms = ? WHERE state <> 'ended' AND resource = ? "
    "AND (reaper_until_ms IS NULL OR reaper_until_ms <= ? OR reaper = ?) "
    "AND node IN (SELECT name FROM nodes WHERE orphans_from_ms <= ?) RETURNING " CURFEW_SESSION_COLUMNS;

#undef CURFEW_SESSION_COLUMNS

[[noreturn]] void refuse(const std::string& id) {
    throw std::runtime_error("The store holds a session that cannot be read: '" + printable(id) +
                             "'; somebody changed it by hand, or a newer curfewd wrote it");
}

// Of the columns above, in their order.
SessionRecord read_session(const Query& row) {
    const std::string id_text = row.text(0);
    const auto id = SessionId::parse(id_text);
    const auto grant = GrantId::parse(row.text(1));
    const auto state = parse_session_state(row.text(11));
    const auto confirmation = parse_confirmation(row.text(14));
    if (!id || !grant || !state || !confirmation) refuse(id_text);

    SessionRecord session;
    session.id = *id;
    session.grant = *grant;
    session.user = row.text(2);
    session.resource = row.text(3);
    session.database = row.text(4);
    session.node = row.text(5);
    session.client_address = row.text(6);
    session.application_name = row.text(7);
    session.backend = {static_cast<std::int32_t>(row.integer(8)), row.text(9)};
    session.started_at = row.instant(10);
    session.state = *state;
    session.ended_at = row.optional_instant(12);
    if (!row.is_null(13)) {
        session.cause = policy::parse_end_cause(row.text(13));
        if (!session.cause) refuse(id_text);
    }
    session.confirmation = *confirmation;
    session.detail = row.text(15);
    return session;
}

std::vector<SessionRecord> read_all(Query&& rows) {
    std::vector<SessionRecord> sessions;
    while (rows.next())
        sessions.push_back(read_session(rows));
    return sessions;
}

// `changed` gives whose session it was, to what, under which grant. False if it gives nothing.
bool record_session_event(Connection& connection, const StoreTime& now, std::string_view kind,
                          const SessionId& id, std::string_view cause, Query&& changed) {
    if (!changed.next()) return false;
    const std::string user = changed.text(0);
    boost::json::object summary{{"user", printable(user)},
                                {"resource", printable(changed.text(1))},
                                {"grant", printable(changed.text(2))}};
    if (!cause.empty()) summary["cause"] = cause;
    record_event(connection, now, kind, id.text(), user, summary);
    return true;
}

bool has_session(Connection& connection, const SessionId& id) {
    return Query{connection, "SELECT 1 FROM sessions WHERE id = ?", id.text()}.next();
}

// What an update that changed nothing means: the first word stays, or there is no such session.
Result<void> unchanged(Connection& connection, const SessionId& id) {
    if (has_session(connection, id)) return {};
    return Error{ErrorCode::not_found, "There is no session " + printable(id.text())};
}

}  // namespace

Result<void> start_session(Connection& connection, const StoreTime& now, const SessionRecord& session) {
    if (!has_grant(connection, session.grant))
        return Error{ErrorCode::not_found, "There is no grant " + printable(session.grant.text())};
    if (has_session(connection, session.id)) {
        return Error{ErrorCode::conflict, "Session " + printable(session.id.text()) + " is recorded already"};
    }
    Query added{
        connection,
        "INSERT INTO sessions (id, grant_id, user_name, resource, database_name, node, client_address, "
        "application_name, backend_pid, backend_started, started_at_ms, state, confirmation, detail) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'live', 'pending', ?) "
        "RETURNING user_name, resource, grant_id",
        session.id.text(),
        session.grant.text(),
        session.user,
        session.resource,
        session.database,
        session.node,
        session.client_address,
        connection.holdable(session.application_name),
        session.backend.pid,
        session.backend.started,
        session.started_at,
        session.detail};
    record_session_event(connection, now, "session.started", session.id, {}, std::move(added));
    return {};
}

Result<void> begin_session_end(Connection& connection, const StoreTime& now, const SessionId& id,
                               policy::EndCause cause) {
    Query update{connection,
                 "UPDATE sessions SET state = 'ending', cause = ?, ending_at_ms = ? "
                 "WHERE id = ? AND state = 'live' RETURNING user_name, resource, grant_id",
                 policy::to_string(cause), now.in_milliseconds(), id.text()};
    const auto word = policy::to_string(cause);
    if (record_session_event(connection, now, "session.ending", id, word, std::move(update))) return {};
    return unchanged(connection, id);
}

Result<void> end_session(Connection& connection, const StoreTime& now, const SessionEnd& end) {
    if (end.confirmation == Confirmation::pending) {
        return Error{ErrorCode::invalid, "The end of session " + printable(end.id.text()) +
                                             " cannot be recorded while its confirmation is pending"};
    }
    Query update{connection,
                 "UPDATE sessions SET state = 'ended', cause = ?, confirmation = ?, detail = ?, "
                 "ended_at_ms = ? WHERE id = ? AND state <> 'ended' RETURNING user_name, resource, grant_id",
                 policy::to_string(end.cause),
                 to_string(end.confirmation),
                 end.detail,
                 now.in_milliseconds(),
                 end.id.text()};
    const auto word = policy::to_string(end.cause);
    if (record_session_event(connection, now, "session.ended", end.id, word, std::move(update))) return {};
    return unchanged(connection, end.id);
}

Result<std::vector<SessionRecord>> list_unfinished_sessions(Connection& connection, const std::string& node) {
    return read_all(Query{connection, connection.choose(unfinished_sessions), node});
}

Result<std::vector<LiveSession>> list_live_sessions(Connection& connection, const StoreTime& now) {
    Query rows{connection, connection.choose(live_sessions)};
    std::vector<LiveSession> sessions;
    while (rows.next()) {
        LiveSession session;
        session.record = read_session(rows);
        session.ends_at = rows.instant(grant_end_column);
        session.remaining = session.ends_at - now.wall;
        sessions.push_back(std::move(session));
    }
    return sessions;
}

Result<SessionRecord> find_session_record(Connection& connection, const SessionId& id) {
    Query row{connection, one_session, id.text()};
    if (!row.next()) return Error{ErrorCode::not_found, "There is no session " + printable(id.text())};
    return read_session(row);
}

Result<SessionRecord> ask_for_session_end(Connection& connection, const StoreTime& now, const SessionId& id,
                                          const std::string& by) {
    auto session = find_session_record(connection, id);
    if (!session) return session;
    if (session->state == SessionState::ended)
        return Error{ErrorCode::not_found, "Session " + printable(id.text()) + " is over already"};
    const boost::json::object summary{{"user", printable(session->user)},
                                      {"resource", printable(session->resource)},
                                      {"grant", printable(session->grant.text())},
                                      {"node", printable(session->node)}};
    record_event(connection, now, "session.kill_asked", id.text(), by, summary);
    return session;
}

Result<std::vector<SessionRecord>> claim_orphaned_sessions(Connection& connection, const StoreTime& now,
                                                           const std::string& by,
                                                           const std::vector<std::string>& resources,
                                                           Duration at_most) {
    const WallInstant at = now.in_milliseconds();
    const WallInstant until = at + std::chrono::floor<WallInstant::duration>(at_most);
    std::vector<SessionRecord> claimed;
    for (const std::string& resource : resources) {
        auto some = read_all(Query{connection, claim_orphans, by, until, resource, at, by, at});
        std::move(some.begin(), some.end(), std::back_inserter(claimed));
    }
    return claimed;
}

Result<SessionPage> list_sessions(Connection& connection, const Page& page) {
    const auto before = begin_of(page, largest_session_page);
    if (!before) return before.error();
    // One more tells whether there are more.
    Query rows{connection, sessions_before, *before, static_cast<std::int64_t>(page.limit + 1)};
    SessionPage found;
    RowPlace last = 0;
    while (rows.next()) {
        if (found.sessions.size() == page.limit) {
            found.next = cursor_after(last);
            break;
        }
        last = rows.integer(seq_column);
        found.sessions.push_back(read_session(rows));
    }
    return found;
}

}  // namespace curfew::store
