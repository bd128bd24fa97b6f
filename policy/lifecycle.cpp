#include "policy/lifecycle.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "policy/reviewing.hpp"
#include "policy/reviews.hpp"
#include "policy/standing.hpp"
#include "policy/wording.hpp"

namespace curfew::policy {
namespace {

WallInstant end_of(const Request& request, const Circumstances& circumstances) {
    return end_of(request, circumstances.grant, circumstances.now);
}

struct Outcome {
    RequestStatus status;
    Decision decision;
    std::string by;
    std::string comment;
};

Request ended(Request request, Outcome outcome, WallInstant now) {
    request.status = outcome.status;
    request.decision = outcome.decision;
    request.decided_by = std::move(outcome.by);
    request.decided_at = now;
    request.decision_comment = std::move(outcome.comment);
    return request;
}

// A comment that cannot be kept; nullopt: it can.
std::optional<Error> wrong_comment(const std::string& comment) {
    if (comment.size() <= longest_text && comment.find('\0') == std::string::npos) return std::nullopt;
    return make_error(ErrorCode::invalid, "a comment is text of at most {} bytes; say it shorter",
                      longest_text);
}

bool is_requester(std::string_view user, const Request& request, const Circumstances& circumstances) {
    return circumstances.directory.are_same_person(user, request.requester);
}

Result<Request> cancelled(const Request& request, const event::Cancelled& event,
                          const Circumstances& circumstances) {
    if (!may_cancel(event.by, request, circumstances)) {
        if (request.status != RequestStatus::pending) {
            return make_error(ErrorCode::conflict,
                              "{} is {} already; only a PENDING request can be cancelled", request.id.text(),
                              to_string(request.status));
        }
        return make_error(ErrorCode::forbidden,
                          "only {}, who asked for {}, can cancel it; reviewers can reject it",
                          printable(request.requester, longest_shown), request.id.text());
    }
    if (auto problem = wrong_comment(event.comment)) return *problem;
    return ended(request,
                 {RequestStatus::rejected, Decision::cancelled,
                  circumstances.directory.canonical(event.by).value_or(request.requester), event.comment},
                 circumstances.now);
}

Result<Request> revoked(const Request& request, const event::Revoked& event,
                        const Circumstances& circumstances) {
    if (request.status != RequestStatus::approved) {
        return make_error(ErrorCode::conflict, "{} is {}, and only an APPROVED request can be revoked{}",
                          request.id.text(), to_string(request.status),
                          request.status == RequestStatus::pending ? "; cancel or reject it" : "");
    }
    if (circumstances.now >= end_of(request, circumstances)) {
        return make_error(ErrorCode::conflict, "what {} gave ended by itself at {}", request.id.text(),
                          format_utc(end_of(request, circumstances)));
    }
    if (!may_revoke(event.by, request, circumstances)) {
        return make_error(
            ErrorCode::forbidden, "{} may not revoke {}; {}, administrators and members of {} may",
            printable(event.by, longest_shown), request.id.text(),
            printable(request.requester, longest_shown), listed(groups_concerned(request, circumstances)));
    }
    if (auto problem = wrong_comment(event.comment)) return *problem;
    return ended(request,
                 {RequestStatus::revoked, Decision::revoked,
                  circumstances.directory.canonical(event.by).value_or(event.by), event.comment},
                 circumstances.now);
}

Result<Request> timed_out(const Request& request, const Circumstances& circumstances) {
    if (request.status != RequestStatus::pending || circumstances.now < request.review_ends_at) {
        return make_error(ErrorCode::conflict, "{} is {}, and its reviews are due at {}", request.id.text(),
                          to_string(request.status), format_utc(request.review_ends_at));
    }
    return ended(request, {RequestStatus::rejected, Decision::review_timed_out, {}, {}}, circumstances.now);
}

bool grant_was_revoked(const Circumstances& circumstances) {
    return circumstances.grant != nullptr && circumstances.grant->revoked;
}

// Somebody revoked the grant itself, or another request of the same grant.
Request revoked_with_grant(const Request& request, const Circumstances& circumstances) {
    const auto& revocation = circumstances.grant->revoked.value();
    return ended(request, {RequestStatus::revoked, Decision::revoked, revocation.by, revocation.reason},
                 circumstances.now);
}

Result<Request> executed(const Request& request, const Circumstances& circumstances) {
    if (request.status != RequestStatus::approved) {
        return make_error(ErrorCode::conflict,
                          "{} is {}, and only what is APPROVED has a window that can pass", request.id.text(),
                          to_string(request.status));
    }
    if (circumstances.now < end_of(request, circumstances)) {
        return make_error(ErrorCode::conflict, "the window of {} passes only at {}", request.id.text(),
                          format_utc(end_of(request, circumstances)));
    }
    if (grant_was_revoked(circumstances)) return revoked_with_grant(request, circumstances);
    if (request.type == RequestType::command)
        return ended(request, {RequestStatus::revoked, Decision::not_run, {}, {}}, circumstances.now);
    return ended(request, {RequestStatus::executed, Decision::window_passed, {}, {}}, circumstances.now);
}

Result<Request> run(const Request& request, const Circumstances& circumstances) {
    if (request.type != RequestType::command) {
        return make_error(ErrorCode::invalid, "{} is no command, and only commands are run",
                          request.id.text());
    }
    if (request.status != RequestStatus::approved) {
        return make_error(ErrorCode::conflict, "{} is {}, and only an APPROVED command is run, once",
                          request.id.text(), to_string(request.status));
    }
    if (circumstances.now >= end_of(request, circumstances)) {
        return make_error(ErrorCode::conflict, "{} might be run until {}; ask again", request.id.text(),
                          format_utc(end_of(request, circumstances)));
    }
    if (auto lost = right_lost(request, circumstances))
        return make_error(ErrorCode::forbidden, "{} may not be run: {}", request.id.text(), *lost);
    return ended(request, {RequestStatus::executed, Decision::command_run, {}, {}}, circumstances.now);
}

Result<Request> reconsidered(const Request& request, const Circumstances& circumstances) {
    const bool is_pending = request.status == RequestStatus::pending;
    if (!is_pending && request.status != RequestStatus::approved) return request;
    if (!is_pending && grant_was_revoked(circumstances)) return revoked_with_grant(request, circumstances);
    // What is over by its time is for the other events to say.
    if (circumstances.now >= (is_pending ? request.review_ends_at : end_of(request, circumstances)))
        return request;
    auto lost = right_lost(request, circumstances);
    if (!lost) return request;
    return ended(request,
                 {is_pending ? RequestStatus::rejected : RequestStatus::revoked,
                  Decision::right_lost,
                  {},
                  std::move(*lost)},
                 circumstances.now);
}

struct Apply {
    const Request& request;
    const Circumstances& circumstances;

    Result<Request> operator()(const event::Reviewed& event) const {
        return reviewed(request, event, circumstances);
    }
    Result<Request> operator()(const event::Cancelled& event) const {
        return cancelled(request, event, circumstances);
    }
    Result<Request> operator()(const event::Revoked& event) const {
        return revoked(request, event, circumstances);
    }
    Result<Request> operator()(event::ReviewTimedOut) const { return timed_out(request, circumstances); }
    Result<Request> operator()(event::WindowPassed) const { return executed(request, circumstances); }
    Result<Request> operator()(event::CommandRun) const { return run(request, circumstances); }
    Result<Request> operator()(event::Reconsidered) const { return reconsidered(request, circumstances); }
};

}  // namespace

bool may_cancel(std::string_view user, const Request& request, const Circumstances& circumstances) {
    return request.status == RequestStatus::pending && is_requester(user, request, circumstances);
}

bool may_revoke(std::string_view user, const Request& request, const Circumstances& circumstances) {
    if (request.status != RequestStatus::approved) return false;
    if (is_requester(user, request, circumstances) || circumstances.directory.is_administrator(user))
        return true;
    const auto name = circumstances.directory.canonical(user);
    return name &&
           !in_common(groups_concerned(request, circumstances), *name, circumstances.directory).empty();
}

Result<Request> apply(const Request& request, const Event& event, const Circumstances& circumstances) {
    if (request.resource != circumstances.target.name) {
        return make_error(ErrorCode::internal, "{} is for '{}', and was judged by the rules of '{}'",
                          request.id.text(), printable(request.resource, longest_shown),
                          printable(circumstances.target.name, longest_shown));
    }
    return std::visit(Apply{request, circumstances}, event);
}

}  // namespace curfew::policy
