#include "cli/audit.hpp"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <boost/json/serialize.hpp>
#include <ostream>
#include <utility>

#include "base/clock.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "cli/audit_pages.hpp"
#include "cli/instant_input.hpp"
#include "cli/json_access.hpp"
#include "cli/table.hpp"

namespace curfew::cli {
namespace {

constexpr std::size_t events_a_page = 1000;
constexpr std::size_t longest_shown_summary = 1000;

std::string shown_summary(const boost::json::value& event) {
    const std::string text = boost::json::serialize(member_of(event, "summary"));
    if (text == "{}") return {};
    return printable(text, longest_shown_summary);
}

}  // namespace

Outcome<std::string> query_of(const TrailChoice& choice) {
    std::string query;
    const auto now = SystemClock{}.wall_now();
    for (const auto& [name, typed] : {std::pair{"from", choice.since}, std::pair{"to", choice.until}}) {
        if (typed.empty()) continue;
        const auto instant = parse_past_instant(typed, now);
        if (!instant) return instant.error();
        query += fmt::format("&{}={}", name, query_value(format_utc(*instant)));
    }
    for (const auto& [name, value] :
         {std::pair{"kind", choice.kind}, std::pair{"id", choice.id}, std::pair{"actor", choice.actor}}) {
        if (!value.empty()) query += fmt::format("&{}={}", name, query_value(value));
    }
    return query;
}

Outcome<void> for_each_event(const ApiClient& client, const std::string& query,
                             const std::function<bool(const boost::json::value& event)>& found) {
    std::string after;
    do {
        std::string target =
            fmt::format("/audit-trail?verbatim=true&order=oldest&limit={}{}", events_a_page, query);
        if (!after.empty()) target += "&after=" + query_value(after);
        const auto answer = client.get(target);
        if (!answer) return answer.error();
        for (const auto& event : list_of(answer->document, "items")) {
            if (!found(event)) return {};
        }
        after = text_of(answer->document, "next");
    } while (!after.empty());
    return {};
}

ExitCode list_trail(const Context& context, const TrailChoice& choice) {
    const auto query = query_of(choice);
    if (!query) return report(context, query.error());
    const auto answer = context.client.get_all("/audit-trail?order=newest" + *query, choice.limit);
    if (!answer) return report(context, answer.error());
    if (context.json) {
        context.out << answer->text;
        return ExitCode::ok;
    }
    const auto now = SystemClock{}.wall_now();
    Table table{{"NUMBER", "AT", "KIND", "ABOUT", "BY", "SUMMARY"}};
    for (const auto& event : list_of(answer->document, "items")) {
        table.add({std::to_string(number_of(event, "number")),
                   format_instant(context.terminal, instant_of(event, "at"), now),
                   {text_of(event, "kind"), Style::bold},
                   text_of(event, "id"),
                   text_of(event, "actor"),
                   shown_summary(event)});
    }
    if (table.empty() && context.terminal.is_terminal) {
        context.out << "There are no such events.\n";
        return ExitCode::ok;
    }
    context.out << table.render(context.terminal);
    return ExitCode::ok;
}

ExitCode export_trail(const Context& context, const TrailChoice& choice) {
    const auto query = query_of(choice);
    if (!query) return report(context, query.error());
    const auto done = for_each_event(context.client, *query, [&context](const boost::json::value& event) {
        context.out << boost::json::serialize(event) << '\n';
        return static_cast<bool>(context.out);
    });
    if (!done) return report(context, done.error());
    return ExitCode::ok;
}

ExitCode show_audit_key(const Context& context, bool pem) {
    const auto answer = context.client.get("/audit-key");
    if (!answer) return report(context, answer.error());
    const auto& key = answer->document;
    if (context.json) {
        context.out << answer->text;
    } else if (pem) {
        context.out << lines_of(key, "pem");
    } else {
        print_fact(context, "node", text_of(key, "node"));
        print_fact(context, "fingerprint", text_of(key, "fingerprint"));
        print_fact(context, "base64", text_of(key, "public_key"));
        context.out << lines_of(key, "pem");
    }
    return ExitCode::ok;
}

ExitCode show_audit_head(const Context& context) {
    const auto answer = context.client.get("/audit-heads/latest");
    if (!answer) return report(context, answer.error());
    context.out << answer->text;
    return ExitCode::ok;
}

}  // namespace curfew::cli
