#include "cli/sessions.hpp"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <boost/json/object.hpp>
#include <ostream>

#include "cli/json_access.hpp"
#include "cli/session_row.hpp"
#include "cli/table.hpp"

namespace curfew::cli {
namespace {

std::string lasted(const boost::json::value& session) {
    const auto started = instant_of(session, "started_at");
    const auto ended = instant_of(session, "ended_at");
    return started && ended ? format_left(*ended - *started) : "";
}

// How sure the end is, in words that need no manual.
Cell confirmation_cell(const std::string& confirmation) {
    if (confirmation == "activity") return {"gone, confirmed", Style::green};
    if (confirmation == "eof") return {"gone (connection closed)", Style::green};
    if (confirmation == "never_started") return {"never started", Style::dim};
    if (confirmation == "unconfirmed") return {"NOT CONFIRMED", Style::red};
    return {confirmation, Style::yellow};
}

}  // namespace

ExitCode list_sessions(const Context& context) {
    const auto answer = context.client.get_all("/sessions");
    if (!answer) return report(context, answer.error());
    if (context.json) {
        context.out << answer->text;
        return ExitCode::ok;
    }
    const SystemClock clock;
    Table table{
        {"SESSION", "USER", "RESOURCE", "CLIENT", "STATE", "LEFT", "UNTIL", "IN", "OUT", "GRANT", "NODE"}};
    for (const SessionRow& row : read_sessions(answer->document, clock)) {
        const auto left = row.left(clock.boot_now());
        table.add({{row.id, Style::bold},
                   row.user,
                   row.place,
                   row.client,
                   {state_text(row), row.phase == "ending" ? Style::red : Style::plain},
                   {format_left(left), style_of_left(left)},
                   format_instant(context.terminal, row.ends_at, clock.wall_now()),
                   bytes_text(row.bytes_from_client),
                   bytes_text(row.bytes_to_client),
                   row.grant,
                   row.node});
    }
    if (table.empty() && context.terminal.is_terminal) {
        context.out << "No live sessions.\n";
        return ExitCode::ok;
    }
    context.out << table.render(context.terminal);
    return ExitCode::ok;
}

ExitCode list_past_sessions(const Context& context) {
    const auto answer = context.client.get_all("/sessions/past", 50);
    if (!answer) return report(context, answer.error());
    if (context.json) {
        context.out << answer->text;
        return ExitCode::ok;
    }
    const auto now = SystemClock{}.wall_now();
    Table table{
        {"SESSION", "USER", "RESOURCE", "STARTED", "LASTED", "ENDED BY", "BACKEND", "GRANT", "REMARK"}};
    for (const auto& session : list_of(answer->document, "items")) {
        const auto cause = text_of(session, "cause");
        table.add({{text_of(session, "id"), Style::bold},
                   text_of(session, "user"),
                   text_of(session, "resource") + "/" + text_of(session, "database"),
                   format_instant(context.terminal, instant_of(session, "started_at"), now),
                   lasted(session),
                   cause.empty() ? text_of(session, "state") : cause,
                   confirmation_cell(text_of(session, "confirmation")),
                   text_of(session, "grant"),
                   text_of(session, "detail")});
    }
    if (table.empty() && context.terminal.is_terminal) {
        context.out << "No session was ever recorded.\n";
        return ExitCode::ok;
    }
    context.out << table.render(context.terminal);
    return ExitCode::ok;
}

ExitCode kill_session(const Context& context, const std::string& id) {
    const auto answer = context.client.post(fmt::format("/sessions/{}/kill", path_segment(id)), {});
    if (!answer) return report(context, answer.error());
    if (context.json) {
        context.out << answer->text;
        return ExitCode::ok;
    }
    const auto& document = answer->document;
    if (text_of(document, "phase") == "asked") {
        fmt::print(context.out, "Session {} is asked to end; its grant stands: {}\n", text_of(document, "id"),
                   text_of(document, "problem"));
        return ExitCode::ok;
    }
    fmt::print(context.out, "Session {} is told to end; its grant stands\n", text_of(document, "id"));
    return ExitCode::ok;
}

}  // namespace curfew::cli
