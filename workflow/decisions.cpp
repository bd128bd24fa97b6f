#include "workflow/decisions.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace curfew::workflow {
namespace {

using policy::RequestKind;
using policy::RequestStatus;
using Countdown = std::optional<store::GrantCountdown>;

// Valid while `target` and `grant` are.
policy::Circumstances circumstances(const Rulebook& rulebook, const policy::Target& target,
                                    const Countdown& grant, WallInstant now) {
    return {rulebook.rules(), rulebook.directory(), target, now, grant ? &grant->grant : nullptr};
}

// The same where an event that does not fit the request is none.
std::optional<store::RequestChange> apply_if_it_fits(const Rulebook& rulebook, const policy::Request& request,
                                                     const Countdown& grant, WallInstant now,
                                                     const policy::Event& event) {
    auto change = decide(rulebook, request, grant, now, event);
    if (!change || change->next == request) return std::nullopt;
    return std::move(*change);
}

std::string approver(const policy::Request& request) {
    return request.decided_by.empty() ? request.requester : request.decided_by;
}

store::NewGrant grant_for(const policy::Request& request, WallInstant now) {
    const policy::Window window = policy::window_of(request).value_or(policy::Window{now, now});
    store::NewGrant grant;
    grant.subject = {policy::Subject::Kind::user, request.requester};
    grant.resource = request.resource;
    grant.length = window.ends_at - window.starts_at;
    grant.starts_in = std::max<Duration>(window.starts_at - now, Duration::zero());
    grant.allow_replication = request.allow_replication;
    grant.reason = request.reason;
    grant.given_by = approver(request);
    return grant;
}

// Who decided that it may be run: once it is, nobody decided anything more.
std::string approver_of_command(const policy::Request& request) {
    const auto last = std::find_if(request.reviews.rbegin(), request.reviews.rend(), [](const auto& review) {
        return review.verdict == policy::Verdict::approve;
    });
    return last == request.reviews.rend() ? request.requester : last->reviewer;
}

// What the node that runs a script has for it: what is left of the time that was approved.
store::NewGrant grant_to_run(const policy::Request& request, WallInstant now) {
    const policy::Window window = policy::window_of(request).value_or(policy::Window{now, now});
    store::NewGrant grant = grant_for(request, now);
    grant.use = policy::GrantUse::script;
    grant.given_by = approver_of_command(request);
    grant.length = window.ends_at - now;
    grant.starts_in = Duration::zero();
    return grant;
}

bool is_script(const policy::Request& request) {
    return request.command && request.command->form == policy::CommandForm::script;
}

}  // namespace

store::RequestChange consequences(const policy::Request* before, policy::Request next, WallInstant now) {
    const RequestStatus was = before == nullptr ? RequestStatus::pending : before->status;
    const bool approved = next.status == RequestStatus::approved && was == RequestStatus::pending;
    store::RequestChange change;
    // Who asked for one command is not let in to run others.
    const bool to_connect = next.kind == RequestKind::access && next.type == policy::RequestType::jit;
    if (approved && to_connect) change.give = grant_for(next, now);
    const bool is_run = next.decision == policy::Decision::command_run && was == RequestStatus::approved;
    if (is_run && is_script(next)) change.give = grant_to_run(next, now);
    if (approved && next.kind == RequestKind::extension) {
        change.extend = store::RequestChange::Extension{next.granted.value_or(next.duration), approver(next)};
    }
    if (next.status == RequestStatus::revoked && was == RequestStatus::approved && next.grant) {
        change.revoke = store::RequestChange::Revocation{
            next.decided_by,
            next.decision_comment.empty() ? std::string{to_string(next.decision)} : next.decision_comment};
    }
    change.next = std::move(next);
    return change;
}

Result<store::RequestChange> decide(const Rulebook& rulebook, const policy::Request& request,
                                    const Countdown& grant, WallInstant now, const policy::Event& event) {
    const policy::Target target = rulebook.target(request.resource);
    auto next = policy::apply(request, event, circumstances(rulebook, target, grant, now));
    if (!next) return next.error();
    return consequences(&request, std::move(*next), now);
}

policy::Event taking_back(const policy::Request& request, std::string by, std::string comment) {
    if (request.status == RequestStatus::pending)
        return policy::event::Cancelled{std::move(by), std::move(comment)};
    return policy::event::Revoked{std::move(by), std::move(comment)};
}

store::MakeRequest to_submit(RulebookPtr rulebook, std::string resource, policy::Wish wish) {
    return [rulebook = std::move(rulebook), resource = std::move(resource), wish = std::move(wish)](
               const Countdown& extended, WallInstant now) -> Result<store::RequestChange> {
        const bool of_the_grant = resource.empty() && extended;
        const policy::Target target = rulebook->target(of_the_grant ? extended->grant.resource : resource);
        auto request = policy::submit(wish, rulebook->config().requests.review_timeout,
                                      circumstances(*rulebook, target, extended, now));
        if (!request) return request.error();
        store::RequestChange change = consequences(nullptr, std::move(*request), now);
        if (change.next.approval == policy::Decision::break_glass) {
            change.alarmed_groups =
                policy::reviewing_groups(change.next, circumstances(*rulebook, target, extended, now));
        }
        return change;
    };
}

store::ChangeRequest to_apply(RulebookPtr rulebook, policy::Event event) {
    return [rulebook = std::move(rulebook), event = std::move(event)](
               const policy::Request& request, const Countdown& grant, WallInstant now) {
        return decide(*rulebook, request, grant, now, event);
    };
}

store::ChangeRequest to_revoke(RulebookPtr rulebook, std::string by, std::string comment) {
    return [rulebook = std::move(rulebook), by = std::move(by), comment = std::move(comment)](
               const policy::Request& request, const Countdown& grant, WallInstant now) {
        return decide(*rulebook, request, grant, now, taking_back(request, by, comment));
    };
}

store::MakeRequest coming_from(std::string from, store::MakeRequest make) {
    return [from = std::move(from), make = std::move(make)](const Countdown& extended, WallInstant now) {
        auto change = make(extended, now);
        if (change) change->from = from;
        return change;
    };
}

store::ChangeRequest coming_from(std::string from, store::ChangeRequest change) {
    return [from = std::move(from), change = std::move(change)](const policy::Request& request,
                                                                const Countdown& grant, WallInstant now) {
        auto changed = change(request, grant, now);
        if (changed) changed->from = from;
        return changed;
    };
}

store::ReconsiderRequest to_reconsider(RulebookPtr rulebook) {
    return [rulebook = std::move(rulebook)](const policy::Request& request, const Countdown& grant,
                                            WallInstant now) {
        return apply_if_it_fits(*rulebook, request, grant, now, policy::event::Reconsidered{});
    };
}

store::ReconsiderRequest to_settle(RulebookPtr rulebook) {
    return [rulebook = std::move(rulebook)](const policy::Request& request, const Countdown& grant,
                                            WallInstant now) {
        if (request.status == RequestStatus::pending)
            return apply_if_it_fits(*rulebook, request, grant, now, policy::event::ReviewTimedOut{});
        return apply_if_it_fits(*rulebook, request, grant, now, policy::event::WindowPassed{});
    };
}

}  // namespace curfew::workflow
