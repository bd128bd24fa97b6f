#include "cli/request_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "cli/command_text.hpp"
#include "cli/json_access.hpp"
#include "cli/table.hpp"

namespace curfew::cli {
namespace {

namespace json = boost::json;

// What came of a command, once it was handed to PostgreSQL.
std::string run_words(const json::value& result) {
    const auto outcome = text_of(result, "outcome");
    if (outcome == "succeeded") return "was run";
    if (outcome == "unknown") return "was run, its outcome is not known";
    if (outcome != "failed") return "runs, or was run";
    const auto code = text_of(result, "sqlstate");
    return "was run, and failed" + (code.empty() ? "" : " (" + code + ")");
}

std::string decision_words(const json::value& request) {
    const auto decision = text_of(request, "decision");
    const auto by = text_of(request, "decided_by");
    const auto by_whom = by.empty() ? std::string{} : " by " + by;
    if (decision == "reviewed") return "decided" + by_whom;
    if (decision == "force_approved") return "approved alone" + by_whom;
    if (decision == "review_skipped") return "needs no review";
    if (decision == "administrator") return "an administrator's own";
    if (decision == "break_glass") return "broke the glass";
    if (decision == "signed_offline") return "signed offline";
    if (decision == "review_timed_out") return "nobody decided in time";
    if (decision == "cancelled") return "cancelled" + by_whom;
    if (decision == "revoked") return "revoked" + by_whom;
    if (decision == "right_lost") return "the right to it is gone";
    if (decision == "window_passed") return "its time is over";
    if (decision == "command_run") return run_words(member_of(request, "command_result"));
    if (decision == "not_run") return "nobody was there to run it in time";
    return decision == "none" ? "" : decision;
}

std::vector<std::string> approvers_for(const json::value& request, const std::string& group) {
    std::vector<std::string> names;
    for (const auto& review : list_of(request, "reviews")) {
        if (text_of(review, "verdict") == "approve" && text_of(review, "group") == group) {
            names.push_back(text_of(review, "reviewer"));
        }
    }
    return names;
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

// One rule's groups. `named`: say which rule it is, for there are several.
void add_rule(const json::value& request, const json::value& rule, bool named,
              std::vector<StatusLine>& lines) {
    const auto groups = texts_of(rule, "approval_groups");
    const auto missing = texts_of(rule, "missing_groups");
    const bool satisfied = flag_of(rule, "satisfied");
    const auto wanted = number_of(rule, "wanted");
    if (named || wanted > 1) {
        lines.push_back({fmt::format("  {}: {} of {} approvals", text_of(rule, "rule"),
                                     number_of(rule, "approvals"), wanted),
                         satisfied ? Style::green : Style::plain});
    }
    std::size_t width = 0;
    for (const auto& group : groups)
        width = std::max(width, display_width(group));
    for (const auto& group : groups) {
        const auto names = approvers_for(request, group);
        const auto padding = std::string(width - display_width(group), ' ');
        if (!names.empty()) {
            lines.push_back({fmt::format("  {}{}  approved by {}", group, padding, fmt::join(names, ", ")),
                             Style::green});
        } else {
            const bool needed = contains(missing, group) || (missing.empty() && !satisfied);
            lines.push_back({fmt::format("  {}{}  {}", group, padding, needed ? "waiting" : "not needed"),
                             needed ? Style::yellow : Style::dim});
        }
    }
}

}  // namespace

Style style_of_status(const std::string& status) {
    if (status == "PENDING") return Style::yellow;
    if (status == "APPROVED") return Style::green;
    return status == "EXECUTED" ? Style::dim : Style::red;
}

std::string decision_text(const json::value& request) {
    auto text = decision_words(request);
    if (const auto comment = text_of(request, "decision_comment"); !comment.empty()) {
        text += (text.empty() ? "" : ": ") + comment;
    }
    return text;
}

std::string wish_text(const json::value& request) {
    const auto duration = text_of(request, "duration");
    if (text_of(request, "kind") == "extension") {
        return fmt::format("{} more of {} on {}", duration, text_of(request, "grant"),
                           text_of(request, "resource"));
    }
    if (is_for_command(request))
        return fmt::format("{} on {}", command_kind(request), text_of(request, "resource"));
    return fmt::format("{} for {}", text_of(request, "resource"), duration);
}

std::vector<StatusLine> progress_lines(const json::value& request) {
    std::vector<StatusLine> lines;
    const auto& progress = member_of(member_of(request, "view"), "progress");
    const auto& rules = list_of(progress, "rules");
    for (const auto& rule : rules)
        add_rule(request, rule, rules.size() > 1, lines);
    return lines;
}

std::string waiting_text(const json::value& request) {
    const auto url = text_of(member_of(request, "view"), "url");
    return "waiting for approval " + (url.empty() ? "of " + text_of(request, "id") : "at " + url);
}

}  // namespace curfew::cli
