#include "notify/slack/request_message.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "base/duration.hpp"
#include "base/text.hpp"
#include "notify/command_text.hpp"
#include "notify/slack/act.hpp"
#include "notify/slack/text.hpp"

namespace curfew::notify::slack {
namespace {

namespace json = boost::json;
using policy::Decision;
using policy::RequestStatus;

constexpr std::size_t longest_name = 80;
constexpr std::size_t longest_comment = 300;
constexpr std::size_t most_reviews = 8;
constexpr std::size_t most_code_lines = 60;
// Bytes, of which there are never fewer than Slack counts. All lines of what is cut further are short of
// that.
constexpr std::size_t longest_sql = longest_code;

std::string name(std::string_view text) {
    return escaped(text, longest_name);
}

std::string groups(const policy::GroupNames& names) {
    std::string text;
    for (const auto& group : names)
        text += (text.empty() ? "" : ", ") + name(group);
    return text;
}

std::string_view plural(unsigned count) {
    return count == 1 ? "" : "s";
}

// `PENDING`, and how it came to be otherwise.
std::string status_text(const policy::Request& request) {
    std::string text{to_string(request.status)};
    if (!request.decided_by.empty()) text += ", by " + name(request.decided_by);
    switch (request.decision) {
        case Decision::force_approved:
            return text + ", alone";
        case Decision::review_skipped:
            return text + ", without review";
        case Decision::break_glass:
            return text + ", by breaking the glass";
        case Decision::signed_offline:
            return text + ", signed offline";
        case Decision::review_timed_out:
            return text + ": nobody decided in time";
        case Decision::cancelled:
            return text + ": cancelled";
        case Decision::right_lost:
            return text + ": no rule allows it any more";
        case Decision::window_passed:
            return text + ": the time is over";
        case Decision::command_run:
            return text + ": run, once";
        case Decision::not_run:
            return text + ": nobody was there to run it";
        default:
            return text;
    }
}

std::string awaited_text(const std::vector<Awaited>& awaited) {
    std::string text;
    for (const auto& one : awaited) {
        if (!text.empty()) text += "\n";
        if (!one.missing.empty()) {
            text += groups(one.missing);
        } else {
            const unsigned left = one.wanted > one.approvals ? one.wanted - one.approvals : 0;
            text += fmt::format("{} more approval{} of {}", left, plural(left), groups(one.groups));
        }
    }
    return text;
}

class Fields {
public:
    void add(std::string_view title, std::string_view value) {
        // A field that is cut keeps what it says whole, or is left out: an entity must not be torn.
        std::string text = fmt::format("*{}*\n{}", title, value);
        if (length_in_slack(text) > longest_field) text = fmt::format("*{}*\nmore than fits here", title);
        fields_.emplace_back(markdown(std::move(text)));
    }
    json::object section() && { return {{"type", "section"}, {"fields", std::move(fields_)}}; }

private:
    json::array fields_;
};

void add_command(Fields& fields, const policy::Request& request) {
    const policy::Command& command = *request.command;
    if (!command.database.empty()) fields.add("Database", name(command.database));
    if (!command.why_asked.empty()) fields.add("Needs approval", escaped(command.why_asked, longest_comment));
    if (request.command_result) {
        const std::string result = notify::text_of(*request.command_result);
        fields.add("Result", escaped(result, longest_comment));
    }
}

std::string length_text(const policy::Request& request) {
    const bool extension = request.kind == policy::RequestKind::extension;
    std::string length = format_duration(request.duration);
    if (extension) length += " more";
    if (request.granted && *request.granted != request.duration)
        length += fmt::format(", approved for {}", format_duration(*request.granted));
    if (!extension && request.starts_at) length += ", from " + date_for_reader(*request.starts_at);
    if (request.allow_replication) length += ", with replication";
    return length;
}

json::object facts(const RequestCard& card) {
    const policy::Request& request = card.request;
    Fields fields;
    const auto who = card.requester_name.empty() || card.requester_name == request.requester
                         ? name(request.requester)
                         : fmt::format("{} ({})", name(card.requester_name), name(request.requester));
    fields.add("Who", who);
    fields.add("Resource", name(request.resource));
    if (request.command) {
        add_command(fields, request);
    } else {
        fields.add("For", length_text(request));
    }
    fields.add("Status", status_text(request));
    if (request.status == RequestStatus::pending) {
        if (!card.awaited.empty()) fields.add("Waiting for", awaited_text(card.awaited));
        fields.add("To be decided by", date_for_reader(request.review_ends_at));
    } else if (card.access_ends_at) {
        fields.add(card.has_access ? "Access until" : "Access ended", date_for_reader(*card.access_ends_at));
    }
    if (request.review_due) fields.add("Review afterwards", "due: somebody has to say that it was right");
    return std::move(fields).section();
}

json::object quoted(std::string_view title, std::string_view text) {
    const std::string shown = escaped(text, longest_section - 100);
    return {{"type", "section"}, {"text", markdown(fmt::format("*{}*\n> {}", title, shown))}};
}

std::string review_text(const policy::Review& review) {
    const bool approved = review.verdict == policy::Verdict::approve;
    std::string text = fmt::format("{} {} for {}", name(review.reviewer), approved ? "approved" : "rejected",
                                   name(review.group));
    if (review.duration) text += fmt::format(", {} at most", format_duration(*review.duration));
    if (!review.comment.empty()) text += ": " + escaped(review.comment, longest_comment);
    return text;
}

// The last of them: a context takes ten elements at most.
json::object reviews(const policy::Request& request) {
    json::array elements;
    const std::size_t count = request.reviews.size();
    for (std::size_t i = count > most_reviews ? count - most_reviews : 0; i < count; ++i)
        elements.emplace_back(markdown(review_text(request.reviews[i])));
    return {{"type", "context"}, {"elements", std::move(elements)}};
}

json::object button(Act act, std::string_view label, const policy::Request& request) {
    return {{"type", "button"},
            {"action_id", action_id(act)},
            {"text", plain(label, longest_button)},
            {"value", request.id.text()}};
}

// A message is easily touched by mistake, on a phone above all.
json::object confirmation(std::string_view question, std::string_view yes) {
    return {{"title", plain("Are you sure?", 100)},
            {"text", plain(question, 300)},
            {"confirm", plain(yes, 30)},
            {"deny", plain("Not now", 30)}};
}

std::string what_is_approved(const policy::Request& request) {
    if (request.command) {
        return fmt::format("You approve {} of {} on {}. It runs at once.", notify::kind_of(*request.command),
                           request.requester, request.resource);
    }
    return fmt::format("You approve {} on {} for {}.", request.requester, request.resource,
                       format_duration(request.duration));
}

json::object approve_button(const RequestCard& card) {
    const policy::Request& request = card.request;
    const bool afterwards = request.status != RequestStatus::pending;
    auto made = button(Act::approve, afterwards ? "It was right" : "Approve", request);
    made["style"] = "primary";
    const auto question =
        afterwards ? fmt::format("You confirm that {} needed {}.", request.requester, request.resource)
                   : what_is_approved(request);
    made["confirm"] = confirmation(question, afterwards ? "It was right" : "Approve");
    return made;
}

json::object revoke_button(const RequestCard& card) {
    auto made = button(Act::revoke, "Revoke", card.request);
    made["style"] = "danger";
    auto sure = confirmation(fmt::format("The access of {} to {} ends now, and every session under it.",
                                         card.request.requester, card.request.resource),
                             "Revoke");
    sure["style"] = "danger";
    made["confirm"] = std::move(sure);
    return made;
}

json::object page_button(std::string_view url, std::string_view label = "Open in Curfew") {
    return {{"type", "button"},
            {"action_id", action_id(Act::open_page)},
            {"text", plain(label, longest_button)},
            {"url", url}};
}

json::array buttons(const RequestCard& card) {
    const policy::Request& request = card.request;
    json::array made;
    const bool pending = request.status == RequestStatus::pending;
    // What was not shown here is not approved here.
    const bool is_whole = !request.command || is_shown_whole(*request.command);
    if (pending || request.review_due) {
        if (is_whole) made.emplace_back(approve_button(card));
        if (pending && !request.command)
            made.emplace_back(button(Act::shorten, "Approve for less…", request));
        auto reject = button(Act::reject, pending ? "Reject…" : "It was wrong…", request);
        reject["style"] = "danger";
        made.emplace_back(std::move(reject));
    }
    if (request.status == RequestStatus::approved && card.has_access) made.emplace_back(revoke_button(card));
    if (!card.url.empty())
        made.emplace_back(page_button(card.url, is_whole ? "Open in Curfew" : "Read all of it"));
    return made;
}

// What would run, or ran.
void add_code(json::array& blocks, const policy::Command& command) {
    const CommandText sql = notify::text_of(command, longest_sql, most_code_lines);
    // Slack refuses an empty one.
    blocks.emplace_back(code_block(sql.text.empty() ? "-" : sql.text));
    if (!sql.is_whole) {
        blocks.emplace_back(json::object{
            {"type", "section"},
            {"text", markdown("Only its beginning is here. Read all of it before you decide.")}});
    }
}

}  // namespace

bool is_shown_whole(const policy::Command& command) {
    return notify::text_of(command, longest_sql, most_code_lines).is_whole;
}

std::string headline(const RequestCard& card) {
    const policy::Request& request = card.request;
    const auto who = clipped(request.requester, longest_name);
    const auto what = clipped(request.resource, longest_name);
    const auto length = format_duration(request.duration);
    if (request.approval == Decision::break_glass) return fmt::format("{} broke the glass on {}", who, what);
    if (request.command)
        return fmt::format("{} asks to run {} on {}", who, notify::kind_of(*request.command), what);
    if (request.kind == policy::RequestKind::extension)
        return fmt::format("{} asks for {} more on {}", who, length, what);
    return fmt::format("{} asks for {} for {}", who, what, length);
}

SlackMessage request_message(const RequestCard& card) {
    const policy::Request& request = card.request;
    SlackMessage message;
    const auto title = headline(card);
    message.text = escaped(fmt::format("{}: {}", title, to_string(request.status)), longest_fallback);
    auto& blocks = message.blocks;
    blocks.emplace_back(json::object{{"type", "header"}, {"text", plain(title, longest_header)}});
    blocks.emplace_back(facts(card));
    if (request.command) add_code(blocks, *request.command);
    if (!request.reason.empty()) blocks.emplace_back(quoted("Reason", request.reason));
    if (!request.reviews.empty()) blocks.emplace_back(reviews(request));
    const bool said = !request.reviews.empty() && request.reviews.back().comment == request.decision_comment;
    if (!request.decision_comment.empty() && !said)
        blocks.emplace_back(quoted("Said", request.decision_comment));
    if (auto row = buttons(card); !row.empty())
        blocks.emplace_back(json::object{{"type", "actions"}, {"elements", std::move(row)}});
    blocks.emplace_back(json::object{
        {"type", "context"}, {"elements", json::array{markdown("Curfew request " + request.id.text())}}});
    return message;
}

SlackMessage plain_message(std::string_view text, std::string_view url) {
    SlackMessage message;
    message.text = escaped(text, longest_fallback);
    message.blocks.emplace_back(
        json::object{{"type", "section"}, {"text", markdown(escaped(text, longest_section))}});
    if (!url.empty()) {
        message.blocks.emplace_back(
            json::object{{"type", "actions"}, {"elements", json::array{page_button(url)}}});
    }
    return message;
}

}  // namespace curfew::notify::slack
