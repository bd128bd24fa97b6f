#include "store/sql/sessions.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iterator>
#include <string_view>
#include <utility>

#include "base/text.hpp"
#include "store/sql/audit_chain.hpp"
#include "store/sql/events.hpp"
#include "store/sql/grant_rows.hpp"
#include "store/sql/session_rows.hpp"

namespace curfew::store {
namespace {

// Left to itself, SQLite would go through the sessions of years for the sake of their order.
constexpr Dialects unfinished_sessions{
    "SELECT " CURFEW_SESSION_COLUMNS
    "FROM sessions INDEXED BY sessions_unfinished WHERE state <> 'ended' AND ? IN ('', node) ORDER BY seq",
    "SELECT " CURFEW_SESSION_COLUMNS "FROM sessions WHERE state <> 'ended' AND ? IN ('', node) ORDER BY seq"};
constexpr Dialects live_sessions{
    "SELECT " CURFEW_SESSION_COLUMNS ", " CURFEW_SESSION_DEADLINE
    "FROM sessions INDEXED BY sessions_unfinished WHERE state <> 'ended' ORDER BY seq",
    "SELECT " CURFEW_SESSION_COLUMNS ", " CURFEW_SESSION_DEADLINE
    "FROM sessions WHERE state <> 'ended' ORDER BY seq"};
constexpr int grant_end_column = session_columns;
constexpr std::string_view one_session = "SELECT " CURFEW_SESSION_COLUMNS "FROM sessions WHERE id = ?";
// Of those whose claim has run out, or is this node's own.
constexpr std::string_view claim_orphans =
    "UPDATE sessions SET reaper = ?, reaper_until_ms = ? WHERE state <> 'ended' AND resource = ? "
    "AND (reaper_until_ms IS NULL OR reaper_until_ms <= ? OR reaper = ?) "
    "AND node IN (SELECT name FROM nodes WHERE orphans_from_ms <= ?) RETURNING " CURFEW_SESSION_COLUMNS;

std::vector<SessionRecord> read_all(Query&& rows) {
    std::vector<SessionRecord> sessions;
    while (rows.next())
        sessions.push_back(read_session(rows));
    return sessions;
}

// On the store's clock.
std::optional<WallInstant> by_store(const StoreTime& now, std::optional<BootInstant> at) {
    if (!at) return std::nullopt;
    return StoreTime{now.wall - (now.boot - *at), *at}.in_milliseconds();
}

// As much of it as is kept, no character cut in two.
std::string_view beginning_of(std::string_view text) {
    if (text.size() <= longest_last_statement) return text;
    std::size_t end = longest_last_statement;
    while (end > longest_last_statement - 3 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
        --end;
    return text.substr(0, end);
}

// Text that either database can hold.
std::optional<std::string> kept_statement(const std::optional<std::string>& statement) {
    if (!statement) return std::nullopt;
    return std::string{beginning_of(chained_text(beginning_of(*statement)))};  // which may have grown
}

std::optional<std::string_view> word_of(const std::optional<policy::TransactionOutcome>& outcome) {
    if (!outcome) return std::nullopt;
    return policy::to_string(*outcome);
}

std::optional<std::string_view> word_of(const std::optional<policy::RecordingMode>& mode) {
    if (!mode) return std::nullopt;
    return policy::to_string(*mode);
}

// Of no overstay less is kept than there was.
std::int64_t milliseconds_at_least(Duration duration) {
    return std::chrono::ceil<std::chrono::milliseconds>(duration).count();
}

std::optional<std::int64_t> milliseconds_at_least(const std::optional<Duration>& duration) {
    if (!duration) return std::nullopt;
    return milliseconds_at_least(*duration);
}

// Not what was asked for: events go to more places than a session's record does.
void add_facts(boost::json::object& summary, const SessionFacts& facts) {
    if (facts.bytes_from_client) summary["bytes_from_client"] = *facts.bytes_from_client;
    if (facts.bytes_to_client) summary["bytes_to_client"] = *facts.bytes_to_client;
    if (facts.client_overstay) summary["client_overstay_ms"] = milliseconds_at_least(*facts.client_overstay);
    if (facts.backend_overstay)
        summary["backend_overstay_ms"] = milliseconds_at_least(*facts.backend_overstay);
    if (const auto outcome = word_of(facts.transaction_outcome)) summary["transaction_outcome"] = *outcome;
    if (const auto mode = word_of(facts.recording)) summary["recording"] = *mode;
    if (facts.recording_hash) summary["recording_hash"] = to_hex(*facts.recording_hash);
}

// `changed` gives whose session it was, to what, under which grant. False if it gives nothing. `end`: how it
// ended, once it has.
bool record_session_event(Connection& connection, const StoreTime& now, std::string_view kind,
                          const SessionId& id, std::string_view cause, Query&& changed,
                          const SessionEnd* end = nullptr, const SessionRecord* begun = nullptr) {
    if (!changed.next()) return false;
    const std::string user = changed.text(0);
    boost::json::object summary{{"user", printable(user)},
                                {"resource", printable(changed.text(1))},
                                {"grant", printable(changed.text(2))}};
    if (!cause.empty()) summary["cause"] = cause;
    if (begun != nullptr) {
        summary["database"] = printable(begun->database);
        summary["client_address"] = printable(begun->client_address);
        summary["node"] = printable(begun->node);
    }
    if (end != nullptr) {
        summary["confirmation"] = to_string(end->confirmation);
        add_facts(summary, end->facts);
    }
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
        "application_name, backend_pid, backend_started, started_at_ms, state, confirmation, detail, "
        "recording) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'live', 'pending', ?, ?) "
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
        session.detail,
        word_of(session.facts.recording)};
    record_session_event(connection, now, "session.started", session.id, {}, std::move(added), nullptr,
                         &session);
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
    const SessionFacts& facts = end.facts;
    Query update{connection,
                 "UPDATE sessions SET state = 'ended', cause = ?, confirmation = ?, detail = ?, "
                 "ended_at_ms = ?, client_closed_at_ms = ?, backend_gone_at_ms = ?, bytes_from_client = ?, "
                 "bytes_to_client = ?, client_overstay_ms = ?, backend_overstay_ms = ?, last_statement = ?, "
                 "transaction_outcome = ?, recording = coalesce(?, recording), recording_hash = ?, "
                 "recording_bytes = ?, receipt_due = 1 "
                 "WHERE id = ? AND state <> 'ended' RETURNING user_name, resource, grant_id",
                 policy::to_string(end.cause),
                 to_string(end.confirmation),
                 end.detail,
                 now.in_milliseconds(),
                 by_store(now, end.client_closed_at),
                 by_store(now, end.backend_gone_at),
                 facts.bytes_from_client,
                 facts.bytes_to_client,
                 milliseconds_at_least(facts.client_overstay),
                 milliseconds_at_least(facts.backend_overstay),
                 kept_statement(facts.last_statement),
                 word_of(facts.transaction_outcome),
                 word_of(facts.recording),
                 facts.recording_hash,
                 facts.recording_bytes,
                 end.id.text()};
    const auto word = policy::to_string(end.cause);
    if (record_session_event(connection, now, "session.ended", end.id, word, std::move(update), &end))
        return {};
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
                                          const Actor& by) {
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

}  // namespace curfew::store
