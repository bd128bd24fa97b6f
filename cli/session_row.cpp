#include "cli/session_row.hpp"

#include <algorithm>
#include <string_view>

#include "cli/json_access.hpp"
#include "cli/output.hpp"

namespace curfew::cli {
namespace {

constexpr std::chrono::seconds clocks_agree{3};

std::optional<std::uint64_t> bytes_of(const boost::json::value& session, std::string_view name) {
    if (member_of(session, name).is_null()) return std::nullopt;
    return static_cast<std::uint64_t>(number_of(session, name));
}

std::string in_one_line(std::string text) {
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
    return text;
}

SessionRow read_session(const boost::json::value& session, const Clock& clock) {
    SessionRow row;
    row.id = text_of(session, "id");
    row.grant = text_of(session, "grant");
    row.user = text_of(session, "user");
    row.place = text_of(session, "resource");
    if (const auto database = text_of(session, "database"); !database.empty()) row.place += "/" + database;
    row.client = text_of(session, "client_address");
    row.phase = text_of(session, "phase");
    if (row.phase == "live" && flag_of(session, "winding_down")) row.phase = "winding down";
    row.by_command = flag_of(session, "by_command");
    row.waiting_for = text_of(session, "waiting_for");
    row.cause = text_of(session, "cause");
    row.node = text_of(session, "node");
    row.bytes_from_client = bytes_of(session, "bytes_from_client");
    row.bytes_to_client = bytes_of(session, "bytes_to_client");
    if (const auto& statement = member_of(session, "statement"); !statement.is_null())
        row.statement = in_one_line(text_of(statement, "sql"));
    const auto now = clock.wall_now();
    const std::chrono::seconds left{number_of(session, "remaining_seconds")};
    row.ends_at = instant_of(session, "ends_at").value_or(now + left);
    // More exact than the whole seconds left, but only where the server's clock says the same as this one.
    const auto apart = row.ends_at - now - left;
    const bool same_clock = apart < clocks_agree && apart > -clocks_agree;
    row.deadline = clock.boot_now() + (same_clock ? Duration{row.ends_at - now} : Duration{left});
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

bool are_of_several_nodes(const std::vector<SessionRow>& rows) {
    return std::any_of(rows.begin(), rows.end(),
                       [&rows](const SessionRow& row) { return row.node != rows.front().node; });
}

std::string bytes_text(std::optional<std::uint64_t> bytes) {
    return bytes ? format_bytes(*bytes) : std::string{};
}

std::string state_text(const SessionRow& row) {
    if (!row.cause.empty()) return row.phase + " (" + row.cause + ")";
    if (!row.waiting_for.empty()) return "waits for " + row.waiting_for;
    return row.by_command ? row.phase + " by command" : row.phase;
}

}  // namespace curfew::cli
