#include "cli/requests.hpp"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <boost/json/serialize.hpp>
#include <ostream>
#include <utility>
#include <vector>

#include "base/time_text.hpp"
#include "cli/command_result.hpp"
#include "cli/command_text.hpp"
#include "cli/grants.hpp"
#include "cli/instant_input.hpp"
#include "cli/json_access.hpp"
#include "cli/request_text.hpp"
#include "cli/table.hpp"

namespace curfew::cli {
namespace {

namespace json = boost::json;

std::string local_time(const json::value& object, std::string_view name) {
    const auto instant = instant_of(object, name);
    return instant ? format_local(*instant) : "";
}

void print_progress(const Context& context, const json::value& request) {
    for (const auto& line : progress_lines(request))
        context.out << context.terminal.styled(line.style, line.text) << '\n';
}

void print_request_made(const Context& context, const json::value& request) {
    const auto id = context.terminal.styled(Style::bold, text_of(request, "id"));
    const auto status = text_of(request, "status");
    if (status == "PENDING") {
        fmt::print(context.out, "Asked {}: {}; {}\n", id, wish_text(request), waiting_text(request));
        print_progress(context, request);
        return;
    }
    const auto decision = decision_text(request);
    fmt::print(context.out, "{} {}: {}{}\n", context.terminal.styled(style_of_status(status), status), id,
               wish_text(request), decision.empty() ? "" : "; " + decision);
    const auto& grant = member_of(member_of(request, "view"), "grant");
    if (status != "APPROVED" || grant.is_null()) return;
    fmt::print(context.out, "  {} {}until {}\n", text_of(grant, "id"),
               text_of(grant, "state") == "upcoming" ? "from " + local_time(grant, "starts_at") + " " : "",
               local_time(grant, "ends_at"));
}

void print_optional(const Context& context, std::string_view name, const std::string& value) {
    if (!value.empty()) print_fact(context, name, value);
}

std::string review_line(const json::value& review) {
    const auto duration = text_of(review, "duration");
    const auto comment = text_of(review, "comment");
    return fmt::format("{} {} for {}{}{}, {}", text_of(review, "reviewer"),
                       text_of(review, "verdict") == "approve" ? "approved" : "rejected",
                       text_of(review, "group"), duration.empty() ? "" : ", shortened to " + duration,
                       comment.empty() ? "" : ": " + comment, local_time(review, "at"));
}

void print_result(const Context& context, const json::value& result) {
    if (result.is_null()) return;
    const auto ended = local_time(result, "ended_at");
    print_fact(context, "result",
               text_of(result, "outcome") == "unknown" ? "not known" : text_of(result, "outcome"));
    print_optional(context, "ended", ended);
    print_output(context, result);
}

void print_grant(const Context& context, const json::value& grant) {
    fmt::print(context.out, "{} {}\n", context.terminal.styled(Style::bold, text_of(grant, "id")),
               text_of(grant, "state"));
    print_fact(context, "who", text_of(grant, "subject"));
    print_fact(context, "what", text_of(grant, "resource") + use_text(grant));
    print_optional(context, "why", text_of(grant, "reason"));
    print_optional(context, "from", local_time(grant, "starts_at"));
    print_optional(context, "until", local_time(grant, "ends_at"));
    print_fact(context, "given",
               fmt::format("by {}, {}", text_of(grant, "given_by"), local_time(grant, "given_at")));
    const auto& revoked = member_of(grant, "revoked");
    if (revoked.is_null()) return;
    const auto reason = text_of(revoked, "reason");
    print_fact(context, "revoked",
               fmt::format("by {}, {}{}", text_of(revoked, "by"), local_time(revoked, "at"),
                           reason.empty() ? "" : ": " + reason));
}

// What it is for, in a column: how long, or one command.
std::string for_text(const json::value& request) {
    if (is_for_command(request)) return is_script(request) ? "script" : "command";
    return (text_of(request, "kind") == "extension" ? "+" : "") + text_of(request, "duration");
}

std::string list_target(const RequestListOptions& options) {
    std::string target = "/requests?view=";
    target += options.waiting ? "waiting_for_me" : options.mine ? "mine" : "all";
    // Which are open, where nothing else is asked for.
    const bool open_only = !options.waiting && !options.mine && !options.all && options.status.empty();
    const auto status = open_only ? "PENDING,APPROVED" : options.status;
    if (!status.empty()) target += "&status=" + status;
    if (!options.requester.empty()) target += "&requester=" + query_value(options.requester);
    if (!options.resource.empty()) target += "&resource=" + query_value(options.resource);
    return target;
}

// The server does not tell types apart in lists.
void keep_type(const RequestListOptions& options, Answer& answer) {
    json::array kept;
    json::value next;
    for (const auto& request : list_of(answer.document, "items")) {
        if (text_of(request, "type") != options.type) continue;
        if (kept.size() == options.limit) {
            next = text_of(kept.back(), "id");
            break;
        }
        kept.push_back(request);
    }
    answer.document = json::object{{"items", std::move(kept)}, {"next", std::move(next)}};
    answer.text = json::serialize(answer.document) + "\n";
}

void print_nothing(const Context& context, const RequestListOptions& options) {
    context.out << (options.waiting ? "Nothing waits for your review.\n"
                    : options.mine  ? "You have asked for nothing yet: curfew request RESOURCE --for 2h\n"
                                    : "No such requests.\n");
}

}  // namespace

Outcome<json::object> request_body(const RequestOptions& options, WallInstant now) {
    json::object body;
    if (options.extends.empty()) {
        body["resource"] = options.resource;
    } else {
        body["extends"] = options.extends;
    }
    if (!options.length.empty()) body["duration"] = options.length;
    if (!options.reason.empty()) body["reason"] = options.reason;
    if (options.break_glass) body["break_glass"] = true;
    if (options.replication) body["replication"] = true;
    if (!options.at.empty()) {
        const auto at = parse_instant(options.at, now);
        if (!at) return at.error();
        body["starts_at"] = format_utc(*at);
    }
    return body;
}

ExitCode print_made(const Context& context, const Answer& answer) {
    if (context.json) {
        context.out << answer.text;
    } else {
        print_request_made(context, answer.document);
    }
    return ExitCode::ok;
}

ExitCode make_request(const Context& context, const RequestOptions& options) {
    const auto body = request_body(options, SystemClock{}.wall_now());
    if (!body) return report(context, body.error());
    const auto answer = context.client.create("/requests", *body);
    if (!answer) return report(context, answer.error());
    print_made(context, *answer);
    if (!context.json && context.terminal.is_terminal && text_of(answer->document, "status") == "APPROVED" &&
        options.extends.empty()) {
        context.out << context.terminal.styled(Style::dim, "  curfew connect " + options.resource + "\n");
    }
    return ExitCode::ok;
}

ExitCode list_requests(const Context& context, const RequestListOptions& options) {
    auto answer = context.client.get_all(list_target(options),
                                         options.type.empty() ? options.limit : ApiClient::everything);
    if (!answer) return report(context, answer.error());
    if (!options.type.empty()) keep_type(options, *answer);
    if (context.json) {
        context.out << answer->text;
        return ExitCode::ok;
    }
    const auto now = SystemClock{}.wall_now();
    Table table{{"REQUEST", "STATUS", "WHO", "RESOURCE", "FOR", "ASKED", "DECISION", "REASON", "COMMAND"}};
    const auto& requests = list_of(answer->document, "items");
    for (const auto& request : requests) {
        const auto status = text_of(request, "status");
        const bool due = flag_of(request, "review_due");
        table.add({{text_of(request, "id"), Style::bold},
                   {status + (due ? " (review due)" : ""), due ? Style::yellow : style_of_status(status)},
                   text_of(request, "requester"),
                   text_of(request, "resource"),
                   for_text(request),
                   format_instant(context.terminal, instant_of(request, "asked_at"), now),
                   decision_text(request),
                   text_of(request, "reason"),
                   command_in_one_line(request)});
    }
    if (!context.terminal.is_terminal || !table.empty()) {
        context.out << table.render(context.terminal);
        if (context.terminal.is_terminal) print_waiting_commands(context, requests);
    } else {
        print_nothing(context, options);
    }
    if (!member_of(answer->document, "next").is_null()) {
        fmt::print(context.err, "curfew: these are the newest {}; --limit shows more\n", options.limit);
    }
    return ExitCode::ok;
}

void print_request(const Context& context, const json::value& request) {
    const auto status = text_of(request, "status");
    fmt::print(context.out, "{} {} {}\n", context.terminal.styled(Style::bold, text_of(request, "id")),
               context.terminal.styled(style_of_status(status), status), decision_text(request));
    print_fact(context, "who", text_of(request, "requester"));
    print_fact(context, "what",
               wish_text(request) + (flag_of(request, "replication") ? ", replication" : ""));
    if (is_script(request)) print_fact(context, "for", "at most " + text_of(request, "duration"));
    print_optional(context, "why", text_of(request, "reason"));
    print_optional(context, "asked", local_time(request, "asked_at"));
    print_optional(context, "starts", local_time(request, "starts_at"));
    print_optional(context, "decided", local_time(request, "decided_at"));
    print_optional(context, "rules", joined(texts_of(request, "rules"), ""));
    for (const auto& review : list_of(request, "reviews"))
        print_fact(context, "review", review_line(review));
    if (flag_of(request, "review_due")) {
        print_fact(context, "review", context.terminal.styled(Style::yellow, "due: the glass was broken"));
    }
    const auto& view = member_of(request, "view");
    if (const auto& grant = member_of(view, "grant"); !grant.is_null()) {
        print_fact(context, "grant",
                   fmt::format("{} {}, until {}", text_of(grant, "id"), text_of(grant, "state"),
                               local_time(grant, "ends_at")));
    }
    if (status == "PENDING") {
        print_optional(context, "lapses", local_time(request, "review_ends_at"));
        print_progress(context, request);
    }
    print_optional(context, "review for", joined(texts_of(view, "may_review_for"), ""));
    print_optional(context, "page", text_of(view, "url"));
    // Last, so that it is what one sees: it is what the decision is about.
    print_command(context, request);
    print_result(context, member_of(request, "command_result"));
}

ExitCode show(const Context& context, const std::string& id) {
    const bool grant = id.starts_with("g-");
    const auto answer = context.client.get((grant ? "/grants/" : "/requests/") + path_segment(id));
    if (!answer) return report(context, answer.error());
    if (context.json) {
        context.out << answer->text;
    } else if (grant) {
        print_grant(context, answer->document);
    } else {
        print_request(context, answer->document);
    }
    return ExitCode::ok;
}

}  // namespace curfew::cli
