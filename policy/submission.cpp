// From a wish to a request.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/duration.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "policy/approval.hpp"
#include "policy/command_checks.hpp"
#include "policy/reviews.hpp"
#include "policy/wording.hpp"

namespace curfew::policy {
namespace {

using std::chrono::milliseconds;
using Problem = std::optional<Error>;

// Everything that the steps below look at.
struct Submission {
    const Wish& wish;
    const Circumstances& circumstances;
    std::string user;  // canonical name
    bool administrator = false;
    Terms terms;

    bool is_extension() const { return wish.kind == RequestKind::extension; }
    const std::string& resource() const { return circumstances.target.name; }
};

struct Step {
    Problem (*check)(const Submission&);
    std::string_view member;  // of a request, that it looks at; empty: none, or several
};

// The required groups of the rules that cover the resource and leave the user out.
std::string required_groups(const Submission& submission) {
    const auto& [wish, circumstances, user, administrator, terms] = submission;
    const auto explanation =
        explain(user, circumstances.target, wish.type, circumstances.rules, circumstances.directory);
    std::string text;
    for (const auto& [rule, applies] : explanation.lines) {
        if (applies != Applies::not_in_groups) continue;
        if (!text.empty()) text += "; ";
        text += fmt::format("rule '{}' wants {}", rule->name, listed(rule->required_groups));
    }
    return text;
}

Problem check_right(const Submission& submission) {
    const Target& target = submission.circumstances.target;
    const auto resource = printable(target.name, longest_shown);
    if (!target.known)
        return make_error(ErrorCode::not_found, "there is no resource '{}'; see which there are", resource);
    if (submission.terms.may_ask() || submission.administrator) return {};
    const auto type = to_string(submission.wish.type);
    if (submission.terms.covered) {
        return make_error(
            ErrorCode::forbidden,
            "{} is in none of the groups that may ask for '{}' ({}): {}; ask an administrator to "
            "be put into one",
            printable(submission.user, longest_shown), resource, type, required_groups(submission));
    }
    return make_error(
        ErrorCode::forbidden,
        "no rule covers '{}' for requests of type {}, so only administrators may ask for it; an "
        "administrator can add a rule",
        resource, type);
}

Problem check_command(const Submission& submission) {
    const Wish& wish = submission.wish;
    if (!wish.command) {
        if (wish.type != RequestType::command) return {};
        return make_error(ErrorCode::invalid,
                          "a request of type command needs the command; say what is to run");
    }
    if (wish.type != RequestType::command) {
        return make_error(ErrorCode::invalid,
                          "a command goes with a request of type command only; give that type");
    }
    return wrong_command(*wish.command);
}

Problem check_replication(const Submission& submission) {
    if (!submission.wish.command || !submission.wish.allow_replication) return {};
    return make_error(ErrorCode::invalid, "a command is no replication connection; leave that out");
}

Problem check_break_glass(const Submission& submission) {
    const auto& [wish, circumstances, user, administrator, terms] = submission;
    if (!wish.break_glass) return {};
    if (submission.is_extension()) {
        return make_error(ErrorCode::invalid,
                          "break-glass gives access, and extends none; ask for an extension without it");
    }
    if (wish.starts_at) {
        return make_error(ErrorCode::invalid, "break-glass begins at once; leave the start out");
    }
    if (terms.may_break_glass) return {};
    for (const Rule* rule : terms.rules) {
        if (!in_common(rule->break_glass_groups, user, circumstances.directory).empty()) continue;
        return make_error(
            ErrorCode::forbidden,
            "rule '{}' lets {} break the glass for '{}', and {} is not among them; ask without "
            "break-glass",
            rule->name, rule->break_glass_groups.empty() ? "nobody" : listed(rule->break_glass_groups),
            printable(circumstances.target.name, longest_shown), printable(user, longest_shown));
    }
    return make_error(ErrorCode::forbidden,
                      "no rule lets {} break the glass for '{}'; ask without break-glass",
                      printable(user, longest_shown), printable(circumstances.target.name, longest_shown));
}

Problem check_reason(const Submission& submission) {
    const Wish& wish = submission.wish;
    if (wish.reason.size() > longest_text || wish.reason.find('\0') != std::string::npos) {
        return make_error(ErrorCode::invalid, "a reason is text of at most {} bytes; say it shorter",
                          longest_text);
    }
    const bool empty = wish.reason.find_first_not_of(" \t\r\n") == std::string::npos;
    if (wish.break_glass) {
        // There may be no ticket yet: no pattern is asked for.
        if (!empty) return {};
        return make_error(ErrorCode::invalid, "break-glass needs a reason; say what the emergency is");
    }
    const bool in_session = wish.command && wish.command->session;
    for (const Rule* rule : submission.terms.rules) {
        // A statement comes without a word about why, and nobody asks its client for one.
        if (in_session && (rule->reason_required || rule->reason_pattern)) {
            return make_error(
                ErrorCode::invalid,
                "rule '{}' wants a reason, which a statement of a session cannot give; run it with "
                "'curfew exec {}' and a reason",
                rule->name, printable(submission.resource(), longest_shown));
        }
        if (empty && (rule->reason_required || rule->reason_pattern))
            return make_error(ErrorCode::invalid, "rule '{}' wants a reason; say what the access is for",
                              rule->name);
        if (rule->reason_pattern && !rule->reason_pattern->matches(wish.reason)) {
            return make_error(
                ErrorCode::invalid,
                "rule '{}' wants a reason that matches {}, such as a ticket's number; add what is "
                "missing",
                rule->name, printable(rule->reason_pattern->text(), 200));
        }
    }
    return {};
}

// The rule that the longest duration comes from; empty where none applies.
std::string shortest_rule(const Terms& terms) {
    const auto rule = std::min_element(
        terms.rules.begin(), terms.rules.end(),
        [](const Rule* one, const Rule* other) { return one->max_duration < other->max_duration; });
    return rule == terms.rules.end() ? std::string{"no rule applies, and access without one"}
                                     : fmt::format("rule '{}'", (*rule)->name);
}

Problem check_duration(const Submission& submission) {
    const auto& [wish, circumstances, user, administrator, terms] = submission;
    if (wish.duration != Duration::zero() && wish.duration < shortest_duration) {
        return make_error(ErrorCode::invalid, "the shortest duration is {}; ask for that or more",
                          format_duration(shortest_duration));
    }
    // An emergency is no time to be sent back over a number: break-glass is cut instead.
    if (!wish.break_glass && wish.duration > terms.max_duration) {
        return make_error(ErrorCode::invalid, "{} allows at most {}, and {} were asked for; ask for less",
                          shortest_rule(terms), format_duration(terms.max_duration),
                          format_duration(wish.duration));
    }
    if (!submission.is_extension()) return {};
    const Duration room = room_in(*circumstances.grant, terms, circumstances.now);
    if (room >= std::max(wish.duration, shortest_duration)) return {};
    return make_error(ErrorCode::invalid,
                      "{} allows at most {} ahead, so that grant {} can be extended by {} now; ask for {}",
                      shortest_rule(terms), format_duration(terms.max_duration),
                      circumstances.grant->id.text(),
                      room < shortest_duration ? "nothing" : format_duration(room),
                      room < shortest_duration ? "more when less is left" : "that or less");
}

Problem check_start(const Submission& submission) {
    const auto& starts_at = submission.wish.starts_at;
    const WallInstant now = submission.circumstances.now;
    if (!starts_at) return {};
    if (submission.is_extension()) {
        return make_error(ErrorCode::invalid,
                          "an extension starts where its grant ends; leave the start out");
    }
    if (submission.wish.command)
        return make_error(ErrorCode::invalid, "a command runs once it is approved; leave the start out");
    if (*starts_at <= now) {
        return make_error(ErrorCode::invalid,
                          "the start, {}, has passed; leave it out to start at the approval",
                          format_utc(*starts_at));
    }
    if (*starts_at - now > furthest_start) {
        return make_error(ErrorCode::invalid, "the start, {}, is more than 366 days ahead; ask for it later",
                          format_utc(*starts_at));
    }
    return {};
}

// What nothing was said about is the default, or what there is room for.
Duration wanted_duration(const Submission& submission) {
    const auto& [wish, circumstances, user, administrator, terms] = submission;
    if (wish.duration != Duration::zero()) return std::chrono::floor<milliseconds>(wish.duration);
    if (wish.break_glass) return terms.break_glass_duration;
    if (!submission.is_extension()) return terms.default_duration;
    return std::min(terms.default_duration, room_in(*circumstances.grant, terms, circumstances.now));
}

Request pending(const Submission& submission, Duration review_timeout) {
    const auto& [wish, circumstances, user, administrator, terms] = submission;
    Request request;
    request.kind = wish.kind;
    request.type = wish.type;
    request.requester = user;
    request.resource = circumstances.target.name;
    request.duration = wanted_duration(submission);
    request.starts_at = wish.starts_at;
    request.reason = wish.reason;
    request.allow_replication = wish.allow_replication;
    request.command = wish.command;
    request.asked_at = circumstances.now;
    request.review_ends_at = circumstances.now + std::chrono::ceil<milliseconds>(review_timeout);
    if (submission.is_extension()) {
        request.grant = circumstances.grant->id;
        request.starts_at = circumstances.grant->window.ends_at;
        request.allow_replication = circumstances.grant->allow_replication;
    }
    return request;
}

Decision decided_at_once(const Submission& submission) {
    if (submission.wish.break_glass) return Decision::break_glass;
    if (submission.administrator) return Decision::administrator;
    return submission.terms.skips_review ? Decision::review_skipped : Decision::none;
}

Problem check_extension(const Submission& submission) {
    if (!submission.is_extension()) return {};
    const Grant* grant = submission.circumstances.grant;
    const auto& extends = submission.wish.extends;
    // The rules for commands must not decide about time to connect in.
    if (submission.wish.type != RequestType::jit) {
        return make_error(
            ErrorCode::invalid,
            "a grant is for time to connect in, and only a request of type jit extends it; a command "
            "is asked for by itself");
    }
    if (!extends) return make_error(ErrorCode::invalid, "an extension needs the grant that it is to extend");
    return not_extendable(grant != nullptr && grant->id == *extends ? grant : nullptr, submission.user,
                          submission.circumstances);
}

}  // namespace

Result<Request> submit(const Wish& wish, Duration review_timeout, const Circumstances& circumstances) {
    const auto user = circumstances.directory.canonical(wish.user);
    if (!user) {
        return make_error(ErrorCode::forbidden, "'{}' is no user here; an administrator can add them",
                          printable(wish.user, longest_shown));
    }
    const Submission submission{
        wish, circumstances, *user, circumstances.directory.is_administrator(*user),
        terms_for(*user, circumstances.target, wish.type, circumstances.rules, circumstances.directory)};
    constexpr std::array steps{Step{check_right, ""},          Step{check_extension, ""},
                               Step{check_command, "command"}, Step{check_break_glass, ""},
                               Step{check_reason, "reason"},   Step{check_duration, "duration"},
                               Step{check_start, "starts_at"}, Step{check_replication, "allow_replication"}};
    for (const auto& [check, member] : steps) {
        auto problem = check(submission);
        if (!problem) continue;
        return member.empty() ? *problem : about_member(member, std::move(*problem));
    }
    Request request = pending(submission, review_timeout);
    const Decision decision = decided_at_once(submission);
    if (decision != Decision::break_glass) {
        const WallInstant start = request.starts_at.value_or(circumstances.now);
        if (auto problem = outside_allowed_times(submission.terms, start, request.duration)) return *problem;
    }
    if (decision == Decision::none) return request;
    const Duration at_most =
        decision == Decision::break_glass ? submission.terms.break_glass_duration : request.duration;
    return approved(std::move(request), {decision, *user, {}, at_most}, submission.terms, circumstances);
}

}  // namespace curfew::policy
