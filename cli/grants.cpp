#include "cli/grants.hpp"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <boost/json/object.hpp>
#include <optional>
#include <ostream>

#include "base/duration.hpp"
#include "base/time_text.hpp"
#include "cli/json_access.hpp"
#include "cli/table.hpp"

namespace curfew::cli {
namespace {

namespace json = boost::json;

std::string local_time(const std::optional<WallInstant>& instant) {
    return instant ? format_local(*instant) : "-";
}

Duration left_of(const json::value& grant) {
    return std::chrono::seconds{number_of(grant, "remaining_seconds")};
}

// `alice on prod`, for a sentence.
std::string name_of(const json::value& grant) {
    return fmt::format("{} on {}", text_of(grant, "subject"), text_of(grant, "resource"));
}

Style style_of_state(const std::string& state) {
    if (state == "active") return Style::green;
    if (state == "upcoming") return Style::cyan;
    return state == "revoked" ? Style::red : Style::dim;
}

// One line for the column of remarks: why it was given, and who revoked it.
std::string remark_of(const json::value& grant) {
    const auto& revoked = member_of(grant, "revoked");
    if (revoked.is_null()) return text_of(grant, "reason");
    const auto reason = text_of(revoked, "reason");
    return fmt::format("revoked by {}{}{}", revoker_of(revoked), reason.empty() ? "" : ": ", reason);
}

std::string left_text(const json::value& grant, const std::string& state) {
    if (state == "upcoming") {
        return "in " + format_left(std::chrono::seconds{number_of(grant, "starts_in_seconds")});
    }
    return state == "active" ? format_left(left_of(grant)) : "";
}

std::string path_of(const std::string& id, std::string_view action) {
    return fmt::format("/grants/{}/{}", path_segment(id), action);
}

}  // namespace

ExitCode give_grant(const Context& context, const GrantOptions& options) {
    json::object body{{"subject", options.subject}, {"resource", options.resource}, {"for", options.length}};
    if (!options.starts_in.empty()) body["starts_in"] = options.starts_in;
    if (!options.reason.empty()) body["reason"] = options.reason;
    if (options.replication) body["replication"] = true;
    const auto answer = context.client.create("/grants", body);
    if (!answer) return report(context, answer.error());
    if (context.json) {
        context.out << answer->text;
        return ExitCode::ok;
    }
    const json::value& grant = answer->document;
    const auto id = text_of(grant, "id");
    const auto starts = text_of(grant, "state") == "upcoming"
                            ? fmt::format("from {} ", local_time(instant_of(grant, "starts_at")))
                            : std::string{};
    fmt::print(context.out, "Granted {}: {} {}until {}\n", context.terminal.styled(Style::bold, id),
               name_of(grant), starts, local_time(instant_of(grant, "ends_at")));
    if (context.terminal.is_terminal) {
        const auto hints = fmt::format("  curfew extend {} --by 30m\n  curfew revoke {}\n", id, id);
        context.out << context.terminal.styled(Style::dim, hints);
    }
    return ExitCode::ok;
}

Outcome<Answer> post_revocation(const Context& context, const std::string& id, const std::string& reason) {
    json::object body;
    if (!reason.empty()) body["reason"] = reason;
    return context.client.post(path_of(id, "revoke"), body);
}

ExitCode print_revocation(const Context& context, const Answer& answer) {
    if (context.json) {
        context.out << answer.text;
        return ExitCode::ok;
    }
    fmt::print(context.out, "Revoked {}: {}; its sessions are told to end\n", text_of(answer.document, "id"),
               name_of(answer.document));
    return ExitCode::ok;
}

ExitCode extend_grant(const Context& context, const std::string& id, const std::string& by) {
    const json::object body{{"by", by}};
    const auto answer = context.client.create(path_of(id, "extend"), body);
    if (!answer) return report(context, answer.error());
    if (context.json) {
        context.out << answer->text;
        return ExitCode::ok;
    }
    const json::value& grant = answer->document;
    fmt::print(context.out, "Extended {}: {} until {}, {} left\n", text_of(grant, "id"), name_of(grant),
               local_time(instant_of(grant, "ends_at")), format_left(left_of(grant)));
    return ExitCode::ok;
}

std::string revoker_of(const json::value& revoked) {
    const auto by = text_of(revoked, "by");
    return by.empty() ? "Curfew" : by;
}

std::string use_text(const json::value& grant) {
    const auto use = text_of(grant, "use");
    std::string text;
    if (use == "commands") text = " (by command)";
    if (use == "script") text = " (one script)";
    if (use == "preview") text = " (a preview)";
    return flag_of(grant, "replication") ? text + " (replication)" : text;
}

ExitCode list_grants(const Context& context, bool all) {
    const auto answer = context.client.get_all(all ? "/grants?all=true" : "/grants");
    if (!answer) return report(context, answer.error());
    if (context.json) {
        context.out << answer->text;
        return ExitCode::ok;
    }
    const auto now = SystemClock{}.wall_now();
    Table table{{"GRANT", "SUBJECT", "RESOURCE", "STATE", "LEFT", "FROM", "UNTIL", "BY", "REMARK"}};
    for (const json::value& grant : list_of(answer->document, "items")) {
        const auto state = text_of(grant, "state");
        const auto resource = text_of(grant, "resource") + use_text(grant);
        const auto left_style = state == "active" ? style_of_left(left_of(grant)) : Style::plain;
        table.add({{text_of(grant, "id"), Style::bold},
                   text_of(grant, "subject"),
                   resource,
                   {state, style_of_state(state)},
                   {left_text(grant, state), left_style},
                   format_instant(context.terminal, instant_of(grant, "starts_at"), now),
                   format_instant(context.terminal, instant_of(grant, "ends_at"), now),
                   text_of(grant, "given_by"),
                   remark_of(grant)});
    }
    if (table.empty() && context.terminal.is_terminal) {
        context.out << (all ? "No grant was ever given.\n"
                            : "No grants. Give one: curfew grant USER RESOURCE --for 2h\n");
        return ExitCode::ok;
    }
    context.out << table.render(context.terminal);
    return ExitCode::ok;
}

}  // namespace curfew::cli
