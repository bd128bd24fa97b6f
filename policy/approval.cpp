#include "policy/approval.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/duration.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "policy/wording.hpp"

namespace curfew::policy {
namespace {

using std::chrono::milliseconds;

// Windows that are tried to find one that is long enough: those of a week and more.
constexpr int tries = 64;

milliseconds whole(Duration duration) {
    return std::chrono::floor<milliseconds>(duration);
}

// The first instant, `at` or later, that is inside the allowed times of every rule.
std::optional<WallInstant> next_allowed(const Terms& terms, WallInstant at) {
    for (int attempt = 0; attempt < tries; ++attempt) {
        WallInstant next = at;
        for (const Rule* rule : terms.rules) {
            if (!rule->allowed_times) continue;
            const auto inside = rule->allowed_times->next_inside(next);
            if (!inside) return std::nullopt;
            next = *inside;
        }
        if (next == at) return at;
        at = next;
    }
    return std::nullopt;
}

// `; 2h fit from … on`, or what fits at most.
std::string what_fits(const Terms& terms, WallInstant start, Duration duration) {
    std::string text;
    if (const Duration left = end_of_allowed_times(terms, start) - start; left >= shortest_rest)
        text = fmt::format("; at most {} fit from {} on", format_duration(left), format_utc(start));
    auto next = next_allowed(terms, start);
    for (int attempt = 0; next && attempt < tries; ++attempt) {
        const WallInstant end = end_of_allowed_times(terms, *next);
        if (end - *next >= duration)
            return text + fmt::format("; {} fit from {} on", format_duration(duration), format_utc(*next));
        next = next_allowed(terms, end);
    }
    return text + fmt::format("; {} fit into none of them", format_duration(duration));
}

std::string described(const AllowedTimes& times) {
    return fmt::format("{} ({})", fmt::join(times.windows(), ", "), times.time_zone());
}

}  // namespace

std::optional<Error> not_extendable(const Grant* grant, std::string_view user,
                                    const Circumstances& circumstances) {
    if (grant == nullptr) {
        return Error{ErrorCode::not_found,
                     "there is no such grant to extend; ask for access instead of an extension"};
    }
    const std::string id = grant->id.text();
    if (grant->subject.kind != Subject::Kind::user ||
        !circumstances.directory.are_same_person(grant->subject.name, user)) {
        return Error{
            ErrorCode::forbidden,
            fmt::format("grant {} is not {}'s own, and only one's own can be extended; ask for access", id,
                        printable(user, longest_shown))};
    }
    if (grant->use != GrantUse::sessions) {
        return Error{ErrorCode::invalid,
                     fmt::format("grant {} is for commands, each of which is approved by itself, and is not "
                                 "extended; ask for access",
                                 id)};
    }
    if (grant->resource != circumstances.target.name) {
        return Error{ErrorCode::invalid,
                     fmt::format("grant {} is for resource '{}', not for '{}'; name its own", id,
                                 printable(grant->resource, longest_shown),
                                 printable(circumstances.target.name, longest_shown))};
    }
    if (grant->ended || grant->revoked || circumstances.now >= grant->window.ends_at) {
        return Error{ErrorCode::conflict,
                     fmt::format("grant {} is over and cannot be extended; ask for access anew", id)};
    }
    return std::nullopt;
}

Duration room_in(const Grant& grant, const Terms& terms, WallInstant now) {
    return terms.max_duration - (grant.window.ends_at - std::max(now, grant.window.starts_at));
}

WallInstant end_of_allowed_times(const Terms& terms, WallInstant at) {
    // Far enough for any duration.
    WallInstant end = at + milliseconds{furthest_start / milliseconds{1}};
    for (const Rule* rule : terms.rules) {
        if (rule->allowed_times) end = std::min(end, rule->allowed_times->end_of_window(at));
    }
    return end;
}

std::optional<Error> outside_allowed_times(const Terms& terms, WallInstant start, Duration duration) {
    for (const Rule* rule : terms.rules) {
        if (!rule->allowed_times || rule->allowed_times->contain(start, start + whole(duration))) continue;
        return Error{ErrorCode::invalid,
                     fmt::format("rule '{}' allows access only {}, and {} from {} on are not inside that{}",
                                 rule->name, described(*rule->allowed_times), format_duration(duration),
                                 format_utc(start), what_fits(terms, start, duration))};
    }
    return std::nullopt;
}

Result<Request> approved(Request request, const Approval& approval, const Terms& terms,
                         const Circumstances& circumstances) {
    const WallInstant now = circumstances.now;
    const Duration wanted = std::min(request.duration, approval.at_most);
    Duration granted = std::min(wanted, terms.max_duration);
    if (request.kind == RequestKind::extension) {
        const Grant* grant = circumstances.grant;
        if (auto problem = not_extendable(grant, request.requester, circumstances)) return *problem;
        // Its end may have moved since.
        request.starts_at = grant->window.ends_at;
        granted = std::min(granted, room_in(*grant, terms, now));
    }
    const WallInstant start = std::max(now, request.starts_at.value_or(now));
    // A broken glass is for emergencies, which keep no hours.
    if (approval.as != Decision::break_glass)
        granted = std::min<Duration>(granted, end_of_allowed_times(terms, start) - start);
    if (granted < std::min(wanted, shortest_rest)) {
        return Error{
            ErrorCode::conflict,
            fmt::format("nothing of {}, or too little, is left to grant from {} on: the rules' longest "
                        "duration or allowed times end it; ask again, with another start",
                        format_duration(request.duration), format_utc(start))};
    }
    request.status = RequestStatus::approved;
    request.decision = request.approval = approval.as;
    request.decided_by = approval.by;
    request.decided_at = request.approved_at = now;
    request.decision_comment = approval.comment;
    request.granted = whole(granted);
    request.review_due = approval.as == Decision::break_glass;
    request.rules.clear();
    for (const Rule* rule : terms.rules)
        request.rules.push_back(rule->name);
    return request;
}

}  // namespace curfew::policy
