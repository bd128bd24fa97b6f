// What a review does to a request.
#include "policy/reviewing.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/duration.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "policy/approval.hpp"
#include "policy/reviews.hpp"
#include "policy/wording.hpp"

namespace curfew::policy {
namespace {

struct Reviewing {
    const Request& request;
    const event::Reviewed& event;
    const Circumstances& circumstances;
    std::string reviewer;  // canonical name
    std::string group;     // the one that it counts for

    std::string id() const { return request.id.text(); }
};

// What stands against it, whoever the reviewer's groups are.
std::optional<Error> not_reviewable(const Reviewing& reviewing) {
    const auto& [request, event, circumstances, reviewer, group] = reviewing;
    if (circumstances.directory.are_same_person(reviewer, request.requester)) {
        return make_error(
            ErrorCode::forbidden,
            "{} asked for {}, and nobody reviews what they asked for themselves; somebody else has to",
            printable(request.requester, longest_shown), reviewing.id());
    }
    if (event.comment.size() > longest_text || event.comment.find('\0') != std::string::npos)
        return about_member(
            "comment", make_error(ErrorCode::invalid, "a comment is text of at most {} bytes; say it shorter",
                                  longest_text));
    if (request.status != RequestStatus::pending) {
        if (request.review_due && has_signed(reviewer, request, circumstances)) {
            return make_error(
                ErrorCode::forbidden,
                "{} signed {} offline, and nobody reviews what they signed; somebody else has to",
                printable(reviewer, longest_shown), reviewing.id());
        }
        if (request.review_due) return std::nullopt;
        return make_error(ErrorCode::conflict, "{} is {} already and awaits no review", reviewing.id(),
                          to_string(request.status));
    }
    if (circumstances.now >= request.review_ends_at) {
        return make_error(ErrorCode::conflict,
                          "the time to review {} ended at {}; it has to be asked for again", reviewing.id(),
                          format_utc(request.review_ends_at));
    }
    const Review* own = own_review(reviewer, request, circumstances);
    if (own == nullptr) return std::nullopt;
    return make_error(ErrorCode::conflict,
                      "{} reviewed {} at {} for {} already, and a person counts once; somebody else has to",
                      printable(reviewer, longest_shown), reviewing.id(), format_utc(own->at), own->group);
}

// The group that the review counts for.
Result<std::string> chosen_group(const Reviewing& reviewing) {
    const auto& [request, event, circumstances, reviewer, group] = reviewing;
    const GroupNames possible = groups_to_review_for(reviewer, request, circumstances);
    const auto name = printable(reviewer, longest_shown);
    if (possible.empty()) {
        const GroupNames expected = reviewing_groups(request, circumstances);
        return make_error(ErrorCode::forbidden, "{} is in none of the groups that review {} ({})", name,
                          reviewing.id(), expected.empty() ? "there are none" : listed(expected));
    }
    if (event.group.empty()) {
        if (possible.size() == 1) return *possible.begin();
        return about_member(
            "group", make_error(ErrorCode::invalid, "{} may review {} for one of {}; say for which", name,
                                reviewing.id(), listed(possible)));
    }
    if (possible.contains(event.group)) return event.group;
    return make_error(ErrorCode::forbidden, "{} cannot review {} for '{}', but for {}", name, reviewing.id(),
                      printable(event.group, longest_shown), listed(possible));
}

// What is wrong with a shorter duration that the reviewer names; nullopt: nothing.
std::optional<Error> wrong_duration(const Reviewing& reviewing) {
    const auto& duration = reviewing.event.duration;
    if (!duration) return std::nullopt;
    if (reviewing.event.verdict == Verdict::reject || reviewing.request.status != RequestStatus::pending)
        return make_error(ErrorCode::invalid,
                          "only an approval of a PENDING request names a duration; leave it out");
    if (*duration < shortest_duration) {
        return make_error(ErrorCode::invalid,
                          "the shortest duration is {}; approve that or more, or reject {}",
                          format_duration(shortest_duration), reviewing.id());
    }
    if (*duration > reviewing.request.duration) {
        return make_error(
            ErrorCode::invalid,
            "an approval may shorten what was asked for, {}, and never lengthen it to {}; leave the "
            "duration out, or name a shorter one",
            format_duration(reviewing.request.duration), format_duration(*duration));
    }
    return std::nullopt;
}

Request with_review(const Reviewing& reviewing) {
    Request next = reviewing.request;
    const event::Reviewed& event = reviewing.event;
    auto duration = event.duration;
    if (duration) duration = std::chrono::floor<std::chrono::milliseconds>(*duration);
    next.reviews.push_back({reviewing.reviewer, reviewing.group, event.verdict, event.comment, duration,
                            reviewing.circumstances.now});
    return next;
}

Request decided(Request request, RequestStatus status, Decision decision, const Reviewing& reviewing) {
    request.status = status;
    request.decision = decision;
    request.decided_by = reviewing.reviewer;
    request.decided_at = reviewing.circumstances.now;
    request.decision_comment = reviewing.event.comment;
    return request;
}

// The shortest of what they approve counts.
Duration shortest_approved(const std::vector<const Review*>& approvals, Duration asked_for) {
    for (const Review* approval : approvals)
        asked_for = std::min(asked_for, approval->duration.value_or(asked_for));
    return asked_for;
}

Result<Request> judge_pending(const Reviewing& reviewing) {
    const auto& [request, event, circumstances, reviewer, group] = reviewing;
    Request next = with_review(reviewing);
    if (event.verdict == Verdict::reject)
        return decided(std::move(next), RequestStatus::rejected, Decision::reviewed, reviewing);
    if (!progress(next, circumstances).approved) return next;
    const Terms terms = terms_now(next, circumstances);
    const bool forced = std::any_of(terms.rules.begin(), terms.rules.end(), [&](const Rule* rule) {
        return rule->force_approval_groups.contains(reviewing.group);
    });
    const Duration at_most = shortest_approved(counting_approvals(next, circumstances), next.duration);
    const Approval approval{forced ? Decision::force_approved : Decision::reviewed, reviewer, event.comment,
                            at_most};
    return approved(std::move(next), approval, terms, circumstances);
}

// The glass was broken: somebody answers for it now.
Request judge_afterwards(const Reviewing& reviewing) {
    const auto& [request, event, circumstances, reviewer, group] = reviewing;
    Request next = with_review(reviewing);
    next.review_due = false;
    const bool open = request.status == RequestStatus::approved &&
                      circumstances.now < end_of(request, circumstances.grant, circumstances.now);
    if (event.verdict == Verdict::approve || !open) return next;
    return decided(std::move(next), RequestStatus::revoked, Decision::revoked, reviewing);
}

}  // namespace

Result<Request> reviewed(const Request& request, const event::Reviewed& event,
                         const Circumstances& circumstances) {
    const auto reviewer = circumstances.directory.canonical(event.reviewer);
    if (!reviewer) {
        return make_error(ErrorCode::forbidden, "'{}' is no user here; an administrator can add them",
                          printable(event.reviewer, longest_shown));
    }
    Reviewing reviewing{request, event, circumstances, *reviewer, {}};
    if (auto problem = not_reviewable(reviewing)) return *problem;
    auto group = chosen_group(reviewing);
    if (!group) return group.error();
    reviewing.group = std::move(*group);
    if (auto problem = wrong_duration(reviewing)) return about_member("duration", std::move(*problem));
    return request.status == RequestStatus::pending ? judge_pending(reviewing) : judge_afterwards(reviewing);
}

}  // namespace curfew::policy
