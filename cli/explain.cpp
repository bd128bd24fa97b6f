#include "cli/explain.hpp"

#include <fmt/format.h>
#include <fmt/ostream.h>
#include <fmt/ranges.h>

#include <ostream>

#include "cli/json_access.hpp"
#include "cli/table.hpp"

namespace curfew::cli {
namespace {

namespace json = boost::json;

Cell applies_cell(const std::string& applies) {
    if (applies == "yes") return {"applies", Style::green};
    if (applies == "other_resource") return {"is for other resources", Style::dim};
    if (applies == "other_type") return {"is for another type of request", Style::dim};
    if (applies == "not_in_groups") return {"is for groups that they are not in", Style::yellow};
    return {applies};
}

std::string times_text(const json::value& terms) {
    std::vector<std::string> all;
    for (const auto& times : list_of(terms, "allowed_times")) {
        all.push_back(
            fmt::format("{} ({})", fmt::join(texts_of(times, "windows"), ", "), text_of(times, "time_zone")));
    }
    return fmt::format("{}", fmt::join(all, ", and within "));
}

std::string duration_text(const json::value& terms) {
    const auto most = text_of(terms, "max_duration");
    const auto usual = text_of(terms, "default_duration");
    auto text = most.empty() ? std::string{"any"} : "at most " + most;
    if (!usual.empty()) text += ", " + usual + " where nothing is said";
    return text;
}

std::string reason_text(const json::value& terms) {
    std::string text = flag_of(terms, "reason_required") ? "required" : "optional";
    const auto patterns = texts_of(terms, "reason_patterns");
    return patterns.empty() ? text : text + ", must match " + joined(patterns);
}

std::string review_text(const json::value& terms) {
    if (flag_of(terms, "skips_review")) return "none needed";
    return "by " + joined(texts_of(terms, "reviewing_groups"), "nobody: there is no approval group");
}

// What the rules that apply want to be written down: of several, the one that writes down most. The resource
// may want more.
std::string recording_text(const json::value& explanation) {
    bool statements = false;
    for (const auto& entry : list_of(explanation, "rules")) {
        if (text_of(entry, "applies") != "yes") continue;
        const auto recording = text_of(member_of(entry, "rule"), "recording");
        if (recording == "full") return "statements and results";
        statements = statements || recording == "statements";
    }
    return statements ? "statements" : "";
}

// `SELECT of public.orders, analytics.*; functions public.total`; empty: nothing runs without asking.
std::string allowed_text(const json::value& rule) {
    const auto& allowed = member_of(rule, "allowed_statements");
    const auto tables = joined(texts_of(allowed, "select"), "");
    const auto functions = joined(texts_of(allowed, "functions"), "");
    std::string text = tables.empty() ? "" : "SELECT of " + tables;
    if (!functions.empty()) text += (text.empty() ? "functions " : "; functions ") + functions;
    return text;
}

// What the rules that apply want to be shown to those who decide: of several, the one that shows most.
std::string preview_text(const json::value& explanation) {
    bool plans = false;
    for (const auto& entry : list_of(explanation, "rules")) {
        if (text_of(entry, "applies") != "yes") continue;
        const auto preview = text_of(member_of(entry, "rule"), "preview");
        if (preview == "dry_run") return "by a dry run, rolled back, or EXPLAIN";
        plans = plans || preview == "explain";
    }
    return plans ? "by EXPLAIN" : "";
}

// What the rules that apply say of commands. What is to run without asking, all of them must allow.
void print_command_terms(const Context& context, const json::value& explanation) {
    for (const auto& entry : list_of(explanation, "rules")) {
        const auto& rule = member_of(entry, "rule");
        if (text_of(entry, "applies") != "yes") continue;
        const auto allowed = allowed_text(rule);
        const auto name = text_of(rule, "name");
        print_fact(context, "unasked", fmt::format("{}: {}", name, allowed.empty() ? "nothing" : allowed));
    }
    if (const auto preview = preview_text(explanation); !preview.empty())
        print_fact(context, "preview", preview);
}

void print_terms(const Context& context, const json::value& terms) {
    print_fact(context, "duration", duration_text(terms));
    print_fact(context, "reason", reason_text(terms));
    if (const auto times = times_text(terms); !times.empty()) print_fact(context, "times", times);
    print_fact(context, "review", review_text(terms));
    if (flag_of(terms, "may_break_glass")) {
        const auto most = text_of(terms, "break_glass_duration");
        print_fact(context, "emergency",
                   "may break the glass" + (most.empty() ? "" : ", for at most " + most));
    }
}

void print_verdict(const Context& context, const json::value& explanation) {
    const auto& terms = member_of(explanation, "terms");
    const auto who = text_of(explanation, "user");
    const auto what = text_of(explanation, "resource");
    const auto yes = context.terminal.styled(Style::green, "may ask for");
    const auto no = context.terminal.styled(Style::red, "may not ask for");
    if (flag_of(explanation, "administrator")) {
        fmt::print(context.out, "{} {} {}: an administrator needs no rule\n", who, yes, what);
    } else if (flag_of(terms, "may_ask")) {
        fmt::print(context.out, "{} {} {}\n", who, yes, what);
        print_terms(context, terms);
        if (const auto recorded = recording_text(explanation); !recorded.empty())
            print_fact(context, "recorded", recorded);
        if (text_of(explanation, "type") == "command") print_command_terms(context, explanation);
    } else {
        fmt::print(
            context.out, "{} {} {}: {}\n", who, no, what,
            flag_of(terms, "covered") ? "rules cover it, but none is for their groups" : "no rule covers it");
    }
}

}  // namespace

ExitCode explain_rules(const Context& context, const std::string& user, const std::string& resource,
                       const std::string& type) {
    auto target = "/explain?resource=" + query_value(resource) + "&type=" + query_value(type);
    if (!user.empty()) target += "&user=" + query_value(user);
    const auto answer = context.client.get(target);
    if (!answer) return report(context, answer.error());
    if (context.json) {
        context.out << answer->text;
        return ExitCode::ok;
    }
    print_verdict(context, answer->document);
    Table table{{"RULE", "", "ASKED BY", "APPROVED BY", "AT MOST", "DESCRIPTION"}};
    for (const auto& entry : list_of(answer->document, "rules")) {
        const auto& rule = member_of(entry, "rule");
        const auto wanted = number_of(rule, "min_approvals");
        auto reviewers = joined(texts_of(rule, "approval_groups"));
        if (flag_of(rule, "require_all_groups")) reviewers += " (each)";
        if (wanted > 1) reviewers += fmt::format(" ({} approvals)", wanted);
        table.add({{text_of(rule, "name"), Style::bold},
                   applies_cell(text_of(entry, "applies")),
                   joined(texts_of(rule, "required_groups"), "everyone"),
                   reviewers,
                   text_of(rule, "max_duration"),
                   text_of(rule, "description")});
    }
    if (!table.empty()) context.out << table.render(context.terminal);
    return ExitCode::ok;
}

ExitCode list_catalogue(const Context& context) {
    const auto answer = context.client.get_all("/catalogue");
    if (!answer) return report(context, answer.error());
    if (context.json) {
        context.out << answer->text;
        return ExitCode::ok;
    }
    Table table{{"RESOURCE", "DURATION", "REASON", "REVIEW", "LOGIN", "DESCRIPTION"}};
    for (const auto& entry : list_of(answer->document, "items")) {
        const auto& terms = member_of(entry, "terms");
        table.add({{text_of(entry, "resource"), Style::bold},
                   duration_text(terms),
                   reason_text(terms),
                   review_text(terms),
                   text_of(entry, "login"),
                   text_of(entry, "description")});
    }
    if (table.empty() && context.terminal.is_terminal) {
        context.out << "There is nothing that you may ask for; see why: curfew rules explain USER RESOURCE\n";
        return ExitCode::ok;
    }
    context.out << table.render(context.terminal);
    return ExitCode::ok;
}

}  // namespace curfew::cli
