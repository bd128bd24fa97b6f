#include "cli/sessions.hpp"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <boost/json/object.hpp>
#include <chrono>
#include <ostream>
#include <string_view>
#include <utility>

#include "base/time_text.hpp"
#include "cli/instant_input.hpp"
#include "cli/json_access.hpp"
#include "cli/session_row.hpp"
#include "cli/table.hpp"

namespace curfew::cli {
namespace {

// An end is recorded once it is established: that it took so long says nothing.
constexpr std::chrono::seconds store_takes{1};

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

// What became of its last transaction where that is not what everybody would think; empty otherwise.
std::string_view remark_on_transaction(const boost::json::value& session) {
    const auto outcome = text_of(session, "transaction_outcome");
    if (outcome == "rolled_back") return "last transaction rolled back";
    return outcome == "unknown" ? "outcome of the last transaction unknown" : "";
}

// What else there is to say of its end; first that it came late.
std::string remark_on(const boost::json::value& session) {
    std::string remark;
    const auto add = [&remark](std::string_view words) {
        if (!words.empty()) remark.append(remark.empty() ? "" : "; ").append(words);
    };
    const std::chrono::milliseconds late{number_of(session, "overstay_ms")};
    if (late >= store_takes) add(fmt::format("over {} after its deadline", format_left(late)));
    add(remark_on_transaction(session));
    add(text_of(session, "detail"));
    return remark;
}

void add_parameter(std::string& target, std::string_view name, std::string_view value) {
    if (value.empty()) return;
    target.append(target.find('?') == std::string::npos ? "?" : "&");
    target.append(name).append("=").append(query_value(value));
}

Outcome<std::string> past_target(const PastFilter& filter, WallInstant now) {
    std::string target = "/sessions/past";
    add_parameter(target, "user", filter.user);
    add_parameter(target, "resource", filter.resource);
    for (const auto& [name, typed] : {std::pair{"from", filter.since}, std::pair{"to", filter.until}}) {
        if (typed.empty()) continue;
        const auto instant = parse_past_instant(typed, now);
        if (!instant) return instant.error();
        add_parameter(target, name, format_utc(*instant));
    }
    add_parameter(target, "cause", filter.cause);
    add_parameter(target, "outcome", filter.outcome);
    return target;
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

ExitCode list_past_sessions(const Context& context, const PastFilter& filter) {
    const auto now = SystemClock{}.wall_now();
    const auto target = past_target(filter, now);
    if (!target) return report(context, target.error());
    const auto answer = context.client.get_all(*target, filter.at_most);
    if (!answer) return report(context, answer.error());
    if (context.json) {
        context.out << answer->text;
        return ExitCode::ok;
    }
    Table table{{"SESSION", "USER", "RESOURCE", "STARTED", "LASTED", "ENDED BY", "BACKEND", "GRANT", "NODE",
                 "REMARK"}};
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
                   text_of(session, "node"),
                   remark_on(session)});
    }
    if (table.empty() && context.terminal.is_terminal) {
        context.out << (target->find('?') == std::string::npos
                            ? "No session was ever recorded.\n"
                            : "No session that was recorded is like that.\n");
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
