#include "request_fixture.hpp"

#include <utility>

namespace curfew::test {

using namespace std::chrono_literals;
using policy::Decision;
using policy::Request;
using policy::RequestStatus;
using store::GrantCountdown;
using store::RequestChange;

namespace {

Error not_pending(const Request& request) {
    return {ErrorCode::conflict, "Request " + request.id.text() + " is not PENDING"};
}

Request decided(Request request, RequestStatus status, Decision decision, const std::string& by,
                WallInstant now) {
    request.status = status;
    request.decision = decision;
    request.decided_by = by;
    request.decided_at = now;
    return request;
}

}  // namespace

Request new_request(const std::string& requester, const std::string& resource) {
    Request request;
    request.requester = requester;
    request.resource = resource;
    request.duration = 1h;
    request.reason = "ticket 4711";
    return request;
}

policy::Review review_by(const std::string& reviewer, policy::Verdict verdict) {
    policy::Review review;
    review.reviewer = reviewer;
    review.group = "dba";
    review.verdict = verdict;
    return review;
}

Request new_command_request(policy::CommandForm form) {
    Request request = new_request();
    request.type = policy::RequestType::command;
    policy::Command& command = request.command.emplace();
    command.form = form;
    command.database = "orders";
    command.statements = {{"DELETE FROM orders", {}}};
    if (form != policy::CommandForm::script) command.session = SessionId::parse("s-7k3mq9xd").value();
    return request;
}

store::ChangeRequest command_approval_by(const std::string& reviewer) {
    return [reviewer](const Request& request, const std::optional<GrantCountdown>& grant, WallInstant now) {
        auto change = approval_by(reviewer)(request, grant, now);
        if (change) change->give.reset();
        return change;
    };
}

store::ChangeRequest command_run() {
    return [](const Request& request, const std::optional<GrantCountdown>&,
              WallInstant now) -> Result<RequestChange> {
        RequestChange change;
        change.next = decided(request, RequestStatus::executed, Decision::command_run, "", now);
        if (request.command.value().form == policy::CommandForm::script) {
            change.give = new_grant(request.requester, 30min);
            change.give->resource = request.resource;
            change.give->use = policy::GrantUse::script;
        }
        return change;
    };
}

store::ChangeRequest approval_by(const std::string& reviewer) {
    return [reviewer](const Request& request, const std::optional<GrantCountdown>&,
                      WallInstant now) -> Result<RequestChange> {
        if (request.status != RequestStatus::pending) return not_pending(request);
        RequestChange change;
        change.next = decided(request, RequestStatus::approved, Decision::reviewed, reviewer, now);
        change.next.reviews.push_back(review_by(reviewer));
        change.next.reviews.back().at = now;
        change.next.approval = Decision::reviewed;
        change.next.approved_at = now;
        change.next.granted = request.duration;
        change.next.rules = {"production", "it's \"quoted\""};
        if (request.kind == policy::RequestKind::extension) {
            change.extend = RequestChange::Extension{request.duration, reviewer};
        } else {
            change.give = new_grant(request.requester, request.duration);
            change.give->resource = request.resource;
        }
        return change;
    };
}

store::ChangeRequest rejection_by(const std::string& reviewer) {
    return [reviewer](const Request& request, const std::optional<GrantCountdown>&,
                      WallInstant now) -> Result<RequestChange> {
        if (request.status != RequestStatus::pending) return not_pending(request);
        RequestChange change;
        change.next = decided(request, RequestStatus::rejected, Decision::reviewed, reviewer, now);
        change.next.reviews.push_back(review_by(reviewer, policy::Verdict::reject));
        change.next.reviews.back().at = now;
        return change;
    };
}

store::ChangeRequest opinion_of(const std::string& reviewer) {
    return [reviewer](const Request& request, const std::optional<GrantCountdown>&,
                      WallInstant now) -> Result<RequestChange> {
        RequestChange change;
        change.next = request;
        change.next.reviews.push_back(review_by(reviewer));
        change.next.reviews.back().at = now;
        return change;
    };
}

store::ChangeRequest revocation_by(const std::string& actor) {
    return [actor](const Request& request, const std::optional<GrantCountdown>&,
                   WallInstant now) -> Result<RequestChange> {
        RequestChange change;
        change.next = decided(request, RequestStatus::revoked, Decision::revoked, actor, now);
        change.revoke = RequestChange::Revocation{actor, "no longer needed"};
        return change;
    };
}

store::RequestRecord RequestTest::ask(Request request) {
    auto make = [request = std::move(request)](const std::optional<GrantCountdown>&,
                                               WallInstant now) -> Result<RequestChange> {
        RequestChange change;
        change.next = request;
        change.next.asked_at = now;
        change.next.review_ends_at = now + 1h;
        return change;
    };
    return await(store->add_request(std::nullopt, std::move(make))).value();
}

store::RequestRecord RequestTest::ask_for_extension(const GrantId& grant, Duration more) {
    auto make = [more](const std::optional<GrantCountdown>& extended,
                       WallInstant now) -> Result<RequestChange> {
        RequestChange change;
        change.next = new_request();
        change.next.kind = policy::RequestKind::extension;
        change.next.duration = more;
        change.next.grant = extended.value().grant.id;
        change.next.starts_at = extended.value().grant.window.ends_at;
        change.next.asked_at = now;
        change.next.review_ends_at = now + 1h;
        return change;
    };
    return await(store->add_request(grant, std::move(make))).value();
}

Result<store::ChangedRequest> RequestTest::change(const RequestId& id, store::ChangeRequest with) {
    return await(store->change_request(id, std::move(with)));
}

store::RequestRecord RequestTest::approved(Request request) {
    return change(ask(std::move(request)).request.id, approval_by("bob")).value().after;
}

store::RequestRecord RequestTest::look_up_request(const RequestId& id) {
    return await(store->find_request(id)).value();
}

std::vector<std::string> RequestTest::events(store::EventNumber after) {
    std::vector<std::string> found;
    for (const store::Event& event : await(store->events_since(after, 1000)).value())
        found.push_back(event.kind + ' ' + event.id);
    return found;
}

}  // namespace curfew::test
