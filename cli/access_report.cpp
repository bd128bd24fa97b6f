#include "cli/access_report.hpp"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <ostream>
#include <string_view>
#include <vector>

#include "base/counted.hpp"
#include "base/time_text.hpp"
#include "cli/csv.hpp"
#include "cli/grants.hpp"
#include "cli/instant_input.hpp"
#include "cli/json_access.hpp"
#include "cli/table.hpp"

namespace curfew::cli {
namespace {

namespace json = boost::json;

struct Interval {
    WallInstant from;
    WallInstant to;
};

Outcome<Interval> interval_of(const ReportChoice& choice, WallInstant now) {
    const auto from = parse_past_instant(choice.since, now);
    if (!from) return from.error();
    Interval interval{*from, now};
    if (!choice.until.empty()) {
        const auto to = parse_past_instant(choice.until, now);
        if (!to) return to.error();
        interval.to = *to;
    }
    if (interval.from >= interval.to)
        return Failure{ExitCode::usage, "--since must be before --until: a report begins before it ends"};
    return interval;
}

std::string review_target(const ReportChoice& choice, const Interval& interval) {
    std::string target = fmt::format("/access-review?from={}&to={}", query_value(format_utc(interval.from)),
                                     query_value(format_utc(interval.to)));
    if (!choice.resource.empty()) target += "&resource=" + query_value(choice.resource);
    if (!choice.user.empty()) target += "&user=" + query_value(choice.user);
    return target;
}

bool has_finding(const json::value& item, std::string_view word) {
    const auto findings = texts_of(item, "findings");
    return std::find(findings.begin(), findings.end(), word) != findings.end();
}

std::string length_text(std::int64_t seconds) {
    return seconds == 0 ? "0s" : format_left(std::chrono::seconds{seconds});
}

// Sums over all grants.
struct Totals {
    std::size_t grants = 0;
    std::size_t used = 0;
    std::size_t unused = 0;
    std::size_t by_hand = 0;
    std::size_t broke_glass = 0;
    std::size_t reviews_due = 0;
    std::int64_t sessions = 0;
    std::int64_t asked_seconds = 0;
    std::int64_t given_seconds = 0;
    std::int64_t used_seconds = 0;
    std::int64_t overstayed = 0;
    std::int64_t unconfirmed = 0;
};

Totals totals_of(const json::array& items) {
    Totals totals;
    for (const json::value& item : items) {
        const auto& use = member_of(item, "use");
        ++totals.grants;
        if (number_of(use, "sessions") > 0) ++totals.used;
        totals.unused += has_finding(item, "unused") ? 1 : 0;
        totals.by_hand += has_finding(item, "given_by_hand") ? 1 : 0;
        totals.broke_glass += has_finding(item, "break_glass") ? 1 : 0;
        totals.reviews_due += has_finding(item, "review_due") ? 1 : 0;
        totals.sessions += number_of(use, "sessions");
        totals.asked_seconds += number_of(item, "asked_seconds");
        totals.given_seconds += number_of(item, "given_seconds");
        totals.used_seconds += number_of(use, "used_seconds");
        totals.overstayed += number_of(use, "overstayed");
        totals.unconfirmed += number_of(use, "unconfirmed");
    }
    return totals;
}

std::string count_text(std::int64_t count) {
    return count == 0 ? "none" : std::to_string(count);
}

void print_totals(const Context& context, const Totals& totals, const Interval& interval) {
    fmt::print(context.out, "Accesses from {} to {}\n", format_local(interval.from),
               format_local(interval.to));
    print_fact(context, "grants",
               fmt::format("{}: {} used, {} over and never used", totals.grants, totals.used, totals.unused));
    print_fact(context, "time",
               fmt::format("asked for {}, given {}, used {} in {}", length_text(totals.asked_seconds),
                           length_text(totals.given_seconds), length_text(totals.used_seconds),
                           counted(static_cast<std::uint64_t>(totals.sessions), "session")));
    print_fact(context, "by hand", count_text(static_cast<std::int64_t>(totals.by_hand)));
    print_fact(context, "glass",
               totals.reviews_due == 0
                   ? count_text(static_cast<std::int64_t>(totals.broke_glass))
                   : fmt::format("{}, a review is due of {}", totals.broke_glass, totals.reviews_due));
    print_fact(context, "overstays", count_text(totals.overstayed));
    print_fact(context, "unproven", count_text(totals.unconfirmed));
}

Style style_of_findings(const json::value& item) {
    if (has_finding(item, "overstayed") || has_finding(item, "unconfirmed")) return Style::red;
    return has_finding(item, "break_glass") || has_finding(item, "review_due") ? Style::yellow : Style::plain;
}

void print_grants(const Context& context, const json::array& items, WallInstant now) {
    Table table{{"GRANT", "SUBJECT", "RESOURCE", "FROM", "ASKED", "GIVEN", "USED", "SESSIONS", "APPROVED BY",
                 "FINDINGS", "REASON"}};
    for (const json::value& item : items) {
        const auto& grant = member_of(item, "grant");
        const auto& use = member_of(item, "use");
        const auto asked = number_of(item, "asked_seconds");
        table.add({{text_of(grant, "id"), Style::bold},
                   text_of(grant, "subject"),
                   text_of(grant, "resource") + use_text(grant),
                   format_instant(context.terminal, instant_of(grant, "starts_at"), now),
                   asked == 0 ? std::string{} : length_text(asked),
                   length_text(number_of(item, "given_seconds")),
                   length_text(number_of(use, "used_seconds")),
                   std::to_string(number_of(use, "sessions")),
                   joined(texts_of(item, "approvers"), ""),
                   {joined(texts_of(item, "findings"), ""), style_of_findings(item)},
                   text_of(grant, "reason")});
    }
    if (!table.empty()) context.out << '\n' << table.render(context.terminal);
}

void print_privileges(const Context& context, const json::array& items) {
    Table table{{"STANDING PRIVILEGE", "RESOURCE", "WHO", "BY", "WHAT"}};
    for (const json::value& item : items) {
        const auto kind = text_of(item, "kind");
        table.add({{kind, kind == "database" ? Style::red : Style::plain},
                   text_of(item, "resource").empty() ? "all" : text_of(item, "resource"),
                   text_of(item, "who"),
                   text_of(item, "source"),
                   text_of(item, "detail")});
    }
    if (!table.empty()) context.out << '\n' << table.render(context.terminal);
}

void print_csv(const Context& context, const json::array& items) {
    context.out << csv_line({"grant", "subject", "resource", "use", "starts_at", "ends_at", "revoked_at",
                             "request", "asked_seconds", "given_seconds", "used_seconds", "sessions", "users",
                             "approvers", "findings", "overstayed", "longest_overstay_ms", "unconfirmed",
                             "reason"});
    for (const json::value& item : items) {
        const auto& grant = member_of(item, "grant");
        const auto& use = member_of(item, "use");
        context.out << csv_line(
            {text_of(grant, "id"), text_of(grant, "subject"), text_of(grant, "resource"),
             text_of(grant, "use"), text_of(grant, "starts_at"), text_of(grant, "ends_at"),
             text_of(member_of(grant, "revoked"), "at"), text_of(member_of(item, "request"), "id"),
             std::to_string(number_of(item, "asked_seconds")),
             std::to_string(number_of(item, "given_seconds")), std::to_string(number_of(use, "used_seconds")),
             std::to_string(number_of(use, "sessions")), joined(texts_of(use, "users"), ""),
             joined(texts_of(item, "approvers"), ""), joined(texts_of(item, "findings"), ""),
             std::to_string(number_of(use, "overstayed")),
             std::to_string(number_of(use, "longest_overstay_ms")),
             std::to_string(number_of(use, "unconfirmed")), text_of(grant, "reason")});
    }
}

}  // namespace

ExitCode report_accesses(const Context& context, const ReportChoice& choice) {
    const auto now = SystemClock{}.wall_now();
    const auto interval = interval_of(choice, now);
    if (!interval) return report(context, interval.error());
    const auto review = context.client.get_all(review_target(choice, *interval));
    if (!review) return report(context, review.error());
    const auto& grants = list_of(review->document, "items");
    if (choice.csv) {
        print_csv(context, grants);
        return ExitCode::ok;
    }
    std::string target = "/standing-privileges";
    if (!choice.resource.empty()) target += "?resource=" + query_value(choice.resource);
    const auto privileges = context.client.get(target);
    if (!privileges) return report(context, privileges.error());
    const auto& standing = list_of(privileges->document, "items");
    if (context.json) {
        const json::object whole{{"from", format_utc(interval->from)},
                                 {"to", format_utc(interval->to)},
                                 {"grants", grants},
                                 {"standing_privileges", standing}};
        context.out << json::serialize(whole) << '\n';
        return ExitCode::ok;
    }
    print_totals(context, totals_of(grants), *interval);
    print_grants(context, grants, now);
    print_privileges(context, standing);
    return ExitCode::ok;
}

}  // namespace curfew::cli
