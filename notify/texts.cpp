#include "notify/texts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/duration.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "notify/command_text.hpp"

namespace curfew::notify {
namespace {

using policy::Decision;
using policy::Request;
using policy::RequestKind;

constexpr std::size_t longest_reason = 1000;
constexpr std::size_t longest_name = 120;
// Of a command. Whoever wants more reads it in the page.
constexpr std::size_t longest_sql = 4'000;
constexpr std::size_t most_sql_lines = 60;

std::string shown(const Surroundings& surroundings, std::string_view user) {
    return printable(surroundings.shown_name(user), longest_name);
}

std::string shown_resource(const Facts& facts) {
    return printable(facts.resource(), longest_name);
}

// `2 h 30 min` is for people; what they type is `2h30m`, and so they read it here.
std::string length_of(const Request& request) {
    return format_duration(request.granted.value_or(request.duration));
}

std::string names_of(const policy::GroupNames& groups) {
    std::string names;
    for (const std::string& group : groups)
        names += (names.empty() ? "" : ", ") + printable(group, longest_name);
    return names;
}

std::string said(std::string_view comment) {
    return comment.empty() ? std::string{} : ": " + printable(comment, longest_reason);
}

// Who approved it, and how.
std::string approved_by(const Request& request, const Surroundings& surroundings) {
    switch (request.approval) {
        case Decision::administrator:
            return "nobody: an administrator asked";
        case Decision::review_skipped:
            return "nobody: the rules ask for no review here";
        case Decision::break_glass:
            return "nobody: by break-glass";
        default:
            break;
    }
    std::string names;
    for (const policy::Review& review : request.reviews) {
        if (review.verdict != policy::Verdict::approve) continue;
        names += fmt::format("{}{} for {}", names.empty() ? "" : ", ", shown(surroundings, review.reviewer),
                             printable(review.group, longest_name));
    }
    return names;
}

std::string ending_command(const Facts& facts) {
    return facts.grant ? fmt::format("curfew extend {} --by 30m --reason '…'", facts.grant->id.text())
                       : std::string{};
}

class Writing {
public:
    Writing(const Notice& notice, const Facts& facts, const Surroundings& surroundings)
        : notice_{notice}, facts_{facts}, surroundings_{surroundings} {}

    NoticeText text() {
        switch (notice_.kind) {
            case NoticeKind::request_waiting:
                waiting();
                break;
            case NoticeKind::break_glass_used:
                glass_broken();
                break;
            case NoticeKind::review_due:
                review_due();
                break;
            case NoticeKind::request_approved:
                approved();
                break;
            case NoticeKind::request_rejected:
                rejected();
                break;
            case NoticeKind::grant_ending:
                ending();
                break;
            case NoticeKind::grant_ended:
                ended();
                break;
            case NoticeKind::command_ended:
                command_ended();
                break;
        }
        text_.link = link_to(facts_, surroundings_);
        return std::move(text_);
    }

private:
    const Request* request() const { return facts_.request ? &*facts_.request : nullptr; }
    const policy::Command* command() const {
        return request() != nullptr && request()->command ? &*request()->command : nullptr;
    }
    // `alice's script on prod`.
    std::string whose_command() const {
        const bool is_script = command()->form == policy::CommandForm::script;
        return fmt::format("{}'s {} on {}", holder(), is_script ? "script" : "command",
                           shown_resource(facts_));
    }
    bool is_extension() const { return request() != nullptr && request()->kind == RequestKind::extension; }
    std::string holder() const {
        const std::string user = facts_.holder();
        return user.empty() ? "Somebody" : shown(surroundings_, user);
    }
    std::string id() const { return facts_.request ? facts_.request->id.text() : facts_.grant->id.text(); }

    void line(std::string label, std::string value) {
        if (!value.empty()) text_.lines.push_back({std::move(label), std::move(value)});
    }
    void what_would_run() {
        line("Database", printable(command()->database, longest_name));
        line("Needs approval", printable(command()->why_asked, longest_reason));
        CommandText text = notify::text_of(*command(), longest_sql, most_sql_lines);
        text_.sql = std::move(text.text);
        text_.sql_is_whole = text.is_whole;
    }
    void what_was_asked() {
        line("Resource", shown_resource(facts_));
        if (command() != nullptr) what_would_run();
        if (const Request* asked = request()) {
            line("Asked by", holder());
            line("Reason", printable(asked->reason, longest_reason));
            line("Request", id());
        } else {
            line("For", holder());
            line("Grant", id());
        }
    }

    std::string wish() const {
        const std::string length = format_duration(request()->duration);
        if (command() != nullptr)
            return fmt::format("{} asks to run {} on {}", holder(), kind_of(*command()),
                               shown_resource(facts_));
        if (is_extension())
            return fmt::format("{} asks for {} more on {}", holder(), length, shown_resource(facts_));
        return fmt::format("{} asks for {} for {}", holder(), shown_resource(facts_), length);
    }

    void waiting() {
        const Request& asked = *request();
        text_.title = wish();
        what_was_asked();
        if (asked.starts_at && !is_extension()) line("From", readable_utc(*asked.starts_at));
        if (asked.allow_replication) line("Replication", "asked for");
        if (asked.status != policy::RequestStatus::pending) {
            line("Status", std::string{policy::to_string(asked.status)});
            if (asked.command_result) line("Result", notify::text_of(*asked.command_result));
            return;
        }
        for (const policy::Progress::OfRule& rule : notify::progress(facts_, surroundings_).rules) {
            if (rule.satisfied) continue;
            const std::string missing = rule.missing_groups.empty()
                                            ? names_of(rule.rule->approval_groups)
                                            : "still " + names_of(rule.missing_groups);
            line(fmt::format("Rule {}", printable(rule.rule->name, longest_name)),
                 fmt::format("{} of {} approvals; {}", rule.approvals, rule.wanted, missing));
        }
        line("Decide before", readable_utc(asked.review_ends_at));
        text_.what_to_do = text_.sql_is_whole ? "Approve or reject it."
                                              : "Only its beginning is here. Read all of it, then decide.";
        text_.command = fmt::format("curfew approve {}", id());
    }

    void glass_broken() {
        text_.title = fmt::format("{} broke the glass for {}", holder(), shown_resource(facts_));
        what_was_asked();
        until_when();
        line("To be reviewed by", names_of(notify::reviewing_groups(facts_, surroundings_)));
        text_.what_to_do = "Look at why, review it, and revoke it if it should not be.";
        text_.command = fmt::format("curfew show {}", id());
    }

    void review_due() {
        text_.title = fmt::format("{}'s access to {} is to be reviewed", holder(), shown_resource(facts_));
        what_was_asked();
        line("Approved by", approved_by(*request(), surroundings_));
        until_when();
        line("To be reviewed by", names_of(notify::reviewing_groups(facts_, surroundings_)));
        text_.what_to_do = "Say whether it was right.";
        text_.command = fmt::format("curfew approve {}", id());
    }

    void approved() {
        if (command() != nullptr) return command_approved();
        const Request& asked = *request();
        text_.title =
            is_extension()
                ? fmt::format("{} may use {} for {} more", holder(), shown_resource(facts_), length_of(asked))
                : fmt::format("{} may use {} for {}", holder(), shown_resource(facts_), length_of(asked));
        what_was_asked();
        line("Approved by", approved_by(asked, surroundings_));
        if (facts_.grant && facts_.grant->window.starts_at > facts_.now)
            line("From", readable_utc(facts_.grant->window.starts_at));
        until_when();
        if (facts_.grant && !is_extension())
            text_.command = fmt::format("curfew connect {}", shown_resource(facts_));
    }

    void command_approved() {
        text_.title = fmt::format("{} was approved", whose_command());
        what_was_asked();
        line("Approved by", approved_by(*request(), surroundings_));
        text_.what_to_do = "It is run now, once; what it prints is kept with the request.";
        text_.command = fmt::format("curfew show {}", id());
    }

    void command_ended() {
        const auto& result = request()->command_result;
        text_.title = result ? fmt::format("{} {}", whose_command(), how_it_went(*result))
                             : fmt::format("{} was not run", whose_command());
        what_was_asked();
        if (result) {
            line("Result", notify::text_of(*result));
            text_.what_to_do = "What it printed is kept with the request.";
        } else {
            line("Why", why_ended(facts_, surroundings_));
        }
        text_.command = fmt::format("curfew show {}", id());
    }

    static std::string_view how_it_went(const policy::CommandResult& result) {
        switch (result.outcome) {
            case policy::CommandResult::Outcome::succeeded:
                return "was run";
            case policy::CommandResult::Outcome::failed:
                return "failed";
            case policy::CommandResult::Outcome::unknown:
                break;
        }
        return "was begun, and how it ended is not known";
    }

    void rejected() {
        const Request& asked = *request();
        const std::string what = command() != nullptr
                                     ? whose_command()
                                     : fmt::format("{}'s request for {}", holder(), shown_resource(facts_));
        text_.title = asked.decision == Decision::review_timed_out
                          ? fmt::format("Nobody decided about {}", what)
                          : fmt::format("{} was rejected", what);
        what_was_asked();
        line("Why", why_rejected(asked, surroundings_));
        text_.what_to_do = "Ask again if it is still needed.";
        text_.command = fmt::format("curfew show {}", id());
    }

    void ending() {
        // In whole minutes where there are some: seconds would be wrong by the time that it is read.
        const auto minutes = std::chrono::round<std::chrono::minutes>(facts_.remaining);
        const std::string left = minutes.count() > 0 ? format_duration(minutes) : "less than a minute";
        text_.title = fmt::format("{} left of {}'s access to {}", left, holder(), shown_resource(facts_));
        what_was_asked();
        until_when();
        text_.what_to_do = "Sessions end then, with what they are doing. Finish, or ask for more time.";
        text_.command = ending_command(facts_);
    }

    void ended() {
        text_.title = fmt::format("{}'s access to {} has ended", holder(), shown_resource(facts_));
        what_was_asked();
        line("Why", why_ended(facts_, surroundings_));
    }

    void until_when() {
        if (facts_.grant) line("Until", readable_utc(facts_.grant->window.ends_at));
    }

    const Notice& notice_;
    const Facts& facts_;
    const Surroundings& surroundings_;
    NoticeText text_;
};

}  // namespace

NoticeText text_of(const Notice& notice, const Facts& facts, const Surroundings& surroundings) {
    return Writing{notice, facts, surroundings}.text();
}

std::string readable_utc(WallInstant instant) {
    std::string text = format_utc(std::chrono::floor<std::chrono::seconds>(instant));
    if (const auto t = text.find('T'); t != std::string::npos) text[t] = ' ';
    if (text.ends_with('Z')) text.replace(text.size() - 1, 1, " UTC");
    return text;
}

std::string link_to(const Facts& facts, const Surroundings& surroundings) {
    const auto& api = surroundings.config->api;
    if (!api || api->public_url.empty() || !facts.request) return {};
    return fmt::format("{}/requests/{}", api->public_url, facts.request->id.text());
}

std::string why_rejected(const Request& request, const Surroundings& surroundings) {
    switch (request.decision) {
        case Decision::review_timed_out:
            return "Nobody decided before " + readable_utc(request.review_ends_at);
        case Decision::cancelled:
            return fmt::format("{} cancelled it{}", shown(surroundings, request.decided_by),
                               said(request.decision_comment));
        case Decision::right_lost:
            return "It cannot be approved any more" + said(request.decision_comment);
        default:
            return fmt::format("{} rejected it{}", shown(surroundings, request.decided_by),
                               said(request.decision_comment));
    }
}

std::string why_ended(const Facts& facts, const Surroundings& surroundings) {
    const Request* request = facts.request ? &*facts.request : nullptr;
    if (request != nullptr && request->decision == Decision::not_run)
        return "Nobody was there to run it while it might" + said(request->decision_comment);
    if (request != nullptr && request->decision == Decision::right_lost)
        return "What it stood on is gone" + said(request->decision_comment);
    if (facts.grant && facts.grant->revoked) {
        const policy::Grant::Revocation& revoked = *facts.grant->revoked;
        const std::string by =
            revoked.by.empty() ? "It was revoked" : shown(surroundings, revoked.by) + " revoked it";
        return fmt::format("{} at {}{}", by, readable_utc(revoked.at), said(revoked.reason));
    }
    if (facts.grant) return "Its time was over at " + readable_utc(facts.grant->window.ends_at);
    if (request != nullptr && !request->decided_by.empty())
        return shown(surroundings, request->decided_by) + " revoked it" + said(request->decision_comment);
    return "Its time was over";
}

}  // namespace curfew::notify
