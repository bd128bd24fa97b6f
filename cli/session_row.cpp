#include "cli/session_row.hpp"

#include "cli/json_access.hpp"

namespace curfew::cli {
namespace {

SessionRow read_session(const boost::json::value& session, const Clock& clock) {
    SessionRow row;
    row.id = text_of(session, "id");
    row.grant = text_of(session, "grant");
    row.user = text_of(session, "user");
    row.place = text_of(session, "resource");
    if (const auto database = text_of(session, "database"); !database.empty()) row.place += "/" + database;
    row.client = text_of(session, "client_address");
    row.phase = text_of(session, "phase");
    row.cause = text_of(session, "cause");
    row.bytes_from_client = static_cast<std::uint64_t>(number_of(session, "bytes_from_client"));
    row.bytes_to_client = static_cast<std::uint64_t>(number_of(session, "bytes_to_client"));
    const auto now = clock.wall_now();
    // Both on this machine's clock: the socket is a local one. More exact than the whole seconds left.
    row.ends_at = instant_of(session, "ends_at")
                      .value_or(now + std::chrono::seconds{number_of(session, "remaining_seconds")});
    row.deadline = clock.boot_now() + (row.ends_at - now);
    if (const auto started = instant_of(session, "started_at")) row.total = row.ends_at - *started;
    return row;
}

}  // namespace

std::vector<SessionRow> read_sessions(const boost::json::value& document, const Clock& clock) {
    std::vector<SessionRow> rows;
    for (const auto& session : list_of(document, "items"))
        rows.push_back(read_session(session, clock));
    return rows;
}

std::string state_text(const SessionRow& row) {
    return row.cause.empty() ? row.phase : row.phase + " (" + row.cause + ")";
}

}  // namespace curfew::cli
