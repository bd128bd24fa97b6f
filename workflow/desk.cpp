#include "workflow/desk.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "base/text.hpp"
#include "protocol/postgres/grant_password.hpp"
#include "workflow/carry_out.hpp"
#include "workflow/command_grants.hpp"
#include "workflow/decisions.hpp"

namespace curfew::workflow {
namespace {

Error no_such_request(const policy::RequestId& id) {
    return {ErrorCode::not_found,
            "there is no request '" + id.text() + "' that you may see; curfew requests lists yours"};
}

std::string canonical(const Rulebook& rulebook, const std::string& name) {
    return rulebook.directory().canonical(name).value_or(name);
}

}  // namespace

RulebookPtr as_seen_by(const Person& person, RulebookPtr rulebook) {
    const auto user = rulebook->directory().canonical(person.name);
    if (user && rulebook->config().find_user(*user) != nullptr &&
        rulebook->claims_that_count(*user) != person.claimed_groups) {
        ClaimedGroups claimed = rulebook->claimed();
        claimed[*user] = person.claimed_groups;
        rulebook = rulebook->with(std::move(claimed));
    }
    if (!person.is_administrator || rulebook->directory().is_administrator(person.name)) return rulebook;
    policy::Directory directory = rulebook->directory();
    // An error would say that the name is another user's: they are nobody special then.
    if (!directory.add_member(std::string{policy::administrators}, person.name)) return rulebook;
    return rulebook->with(std::move(directory));
}

bool may_see(const Rulebook& rulebook, std::string_view viewer, const policy::Request& request) {
    const policy::Directory& directory = rulebook.directory();
    if (directory.is_administrator(viewer) || directory.are_same_person(viewer, request.requester) ||
        rulebook.resources_reviewed_by(viewer).contains(request.resource))
        return true;
    // The rule that it was approved under may cover something else by now.
    const policy::Target target = rulebook.target(request.resource);
    const policy::GroupNames groups =
        policy::reviewing_groups(request, {rulebook.rules(), directory, target, request.asked_at});
    const auto own = directory.groups_of(viewer);
    return std::any_of(groups.begin(), groups.end(),
                       [&own](const std::string& group) { return own.contains(group); });
}

RequestView view_for(const Rulebook& rulebook, std::string_view viewer, store::RequestRecord record,
                     WallInstant now) {
    RequestView view;
    view.request = std::move(record.request);
    view.grant = std::move(record.grant);
    const policy::Request& request = view.request;
    const policy::Directory& directory = rulebook.directory();
    const policy::Target target = rulebook.target(request.resource);
    const policy::Circumstances circumstances{rulebook.rules(), directory, target, now,
                                              view.grant ? &view.grant->grant : nullptr};
    if (request.status == policy::RequestStatus::pending) {
        for (policy::Progress::OfRule& rule : policy::progress(request, circumstances).rules) {
            view.progress.push_back({rule.rule->name, rule.approvals, rule.wanted,
                                     std::move(rule.missing_groups), rule.satisfied,
                                     rule.rule->approval_groups});
        }
    }
    view.reviewing_groups = policy::reviewing_groups(request, circumstances);
    view.may_review_for = policy::groups_to_review_for(viewer, request, circumstances);
    // It may show more of the data than the requester may read without an approval.
    if (request.command && directory.are_same_person(viewer, request.requester) &&
        !directory.is_administrator(viewer))
        view.request.command->preview.reset();
    view.may_revoke =
        decide(rulebook, request, view.grant, now, taking_back(request, std::string{viewer}, {})).has_value();
    return view;
}

Desk::Judgement Desk::judgement_for(const Person& person) const {
    RulebookPtr rulebook = rulebook_();
    RulebookPtr as_seen = as_seen_by(person, rulebook);
    return {std::move(rulebook), std::move(as_seen), person.name};
}

// What somebody may see of what others asked for is a matter of the groups that they act in. Their own is
// judged by who they are to everybody else, also while they are not signed in at the provider.
RequestView Desk::shown(const Judgement& judgement, store::RequestRecord record) const {
    const auto& [rulebook, as_seen, viewer] = judgement;
    const bool is_own = rulebook->directory().are_same_person(viewer, record.request.requester);
    return view_for(is_own ? *rulebook : *as_seen, viewer, std::move(record), clock_.wall_now());
}

Awaitable<void> Desk::enforce(std::vector<store::ChangedRequest> changed) {
    const ChangedRequests which = changed_by(changed);
    co_await carry_out(enforcement_, std::move(changed));
    if (changed_ && !which->empty()) changed_(which);
}

// What was judged by a rulebook that was replaced before it was written has not been looked at under the new
// one, and whoever replaced it did not see it. Gives the record as it is then.
Awaitable<store::RequestRecord> Desk::under_new_rules(RulebookPtr judged_by, store::RequestRecord record) {
    if (rulebook_() == judged_by) co_return record;
    const auto reconsidered = co_await reconsider();
    if (!reconsidered) log::error("requests.not_reconsidered", {{"error", reconsidered.error().message}});
    auto now = co_await store_.find_request(record.request.id);
    if (now) record = std::move(*now);
    co_return record;
}

void Desk::raise_alarm(const Rulebook& rulebook, const policy::Request& request) const {
    const policy::Target target = rulebook.target(request.resource);
    const policy::GroupNames groups =
        policy::reviewing_groups(request, {rulebook.rules(), rulebook.directory(), target, request.asked_at});
    log::warning("request.break_glass", {{"request", request.id.text()},
                                         {"requester", request.requester},
                                         {"resource", request.resource},
                                         {"reason", request.reason},
                                         {"groups", fmt::format("{}", fmt::join(groups, ", "))},
                                         {"grant", request.grant ? request.grant->text() : std::string{}}});
    if (glass_broken_) glass_broken_(request);
}

// nullopt: nobody wants one, or nobody will have to decide.
Awaitable<std::optional<policy::Preview>> Desk::preview_of(RulebookPtr rulebook, std::string resource,
                                                           policy::Wish wish) {
    const policy::PreviewMode mode = terms_for_commands(*rulebook, wish.user, resource).preview();
    if (!make_preview_ || mode == policy::PreviewMode::off) co_return std::nullopt;
    // What becomes of it is settled by the store's clock, when it is added.
    const auto foreseen = to_submit(rulebook, resource, wish)(std::nullopt, clock_.wall_now());
    if (!foreseen || foreseen->next.status != policy::RequestStatus::pending) co_return std::nullopt;
    PreviewWanted wanted{mode, foreseen->next.requester, std::move(resource), std::move(*wish.command)};
    auto making = make_preview_(std::move(wanted));
    co_return co_await std::move(making);
}

Awaitable<Result<RequestView>> Desk::submit(std::string resource, policy::Wish wish,
                                            policy::GroupNames claimed_groups, std::string from) {
    const Judgement judgement = judgement_for({wish.user, false, std::move(claimed_groups)});
    if (wish.command) {
        auto previewing = preview_of(judgement.as_seen, resource, wish);
        wish.command->preview = co_await std::move(previewing);
    }
    std::optional<GrantId> extends = wish.extends;
    store::MakeRequest make =
        coming_from(std::move(from), to_submit(judgement.as_seen, std::move(resource), std::move(wish)));
    auto added = co_await store_.add_request(std::move(extends), std::move(make));
    if (!added) co_return added.error();
    std::vector<store::ChangedRequest> changed;
    changed.push_back({policy::Request{}, *added, added->request.status == policy::RequestStatus::approved});
    co_await enforce(std::move(changed));
    if (added->request.approval == policy::Decision::break_glass)
        raise_alarm(*judgement.as_seen, added->request);
    auto record = co_await under_new_rules(judgement.rulebook, std::move(*added));
    co_return shown(judgement, std::move(record));
}

Awaitable<Result<RequestView>> Desk::change(policy::RequestId id, Judgement judgement,
                                            store::ChangeRequest how) {
    const auto& [rulebook, as_seen, viewer] = judgement;
    auto found = co_await store_.find_request(id);
    if (!found) co_return found.error();
    if (!may_see(*as_seen, viewer, found->request)) co_return no_such_request(id);
    store::ReconsiderRequest others = to_reconsider(rulebook);
    auto changed =
        co_await store_.change_request_and_others(std::move(id), std::move(how), std::move(others));
    if (!changed) co_return changed.error();
    store::RequestRecord after = changed->front().after;
    co_await enforce(std::move(*changed));
    after = co_await under_new_rules(rulebook, std::move(after));
    co_return shown(judgement, std::move(after));
}

Awaitable<Result<RequestView>> Desk::review(policy::RequestId id, policy::event::Reviewed review,
                                            policy::GroupNames claimed_groups, std::string from) {
    Judgement judgement = judgement_for({review.reviewer, false, std::move(claimed_groups)});
    store::ChangeRequest how =
        coming_from(std::move(from), to_apply(judgement.as_seen, policy::Event{std::move(review)}));
    return change(std::move(id), std::move(judgement), std::move(how));
}

Awaitable<Result<RequestView>> Desk::revoke(policy::RequestId id, Person by, std::string comment) {
    Judgement judgement = judgement_for(by);
    store::ChangeRequest how =
        coming_from(std::move(by.from), to_revoke(judgement.as_seen, std::move(by.name), std::move(comment)));
    return change(std::move(id), std::move(judgement), std::move(how));
}

Awaitable<Result<store::ChangedRequest>> Desk::run_command(policy::RequestId id) {
    store::ChangeRequest how = to_apply(rulebook_(), policy::Event{policy::event::CommandRun{}});
    auto changed = co_await store_.change_request(std::move(id), std::move(how));
    if (!changed) co_return changed.error();
    std::vector<store::ChangedRequest> all;
    all.push_back(*changed);
    co_await enforce(std::move(all));
    co_return std::move(*changed);
}

Awaitable<Result<store::GrantCountdown>> Desk::revoke_grant(GrantId id, Person by, std::string reason) {
    const RulebookPtr rulebook = as_seen_by(by, rulebook_());
    if (!rulebook->directory().is_administrator(by.name)) {
        co_return Error{ErrorCode::forbidden,
                        "only administrators revoke a grant itself; what a request "
                        "gave is revoked by that request"};
    }
    store::ReconsiderRequest requests = to_reconsider(rulebook_());
    auto revoked = co_await store_.revoke_grant_and_requests(std::move(id), by.actor(), std::move(reason),
                                                             std::move(requests));
    if (!revoked) co_return revoked.error();
    std::vector<store::GrantCountdown> grants;
    grants.push_back(revoked->grant);
    co_await enforcement_.grants_changed(std::move(grants));
    co_await enforce(std::move(revoked->requests));
    co_return std::move(revoked->grant);
}

Awaitable<Result<RequestView>> Desk::find(policy::RequestId id, Person person) {
    const Judgement judgement = judgement_for(person);
    auto found = co_await store_.find_request(id);
    if (!found) co_return found.error();
    if (!may_see(*judgement.as_seen, judgement.viewer, found->request)) co_return no_such_request(id);
    co_return shown(judgement, std::move(*found));
}

Awaitable<Result<RequestViews>> Desk::list(RequestQuery query, store::Page page, Person person) {
    const Judgement judgement = judgement_for(person);
    const RulebookPtr rulebook = judgement.as_seen;
    const std::string viewer = judgement.viewer;
    store::RequestFilter filter;
    filter.statuses = std::move(query.statuses);
    if (query.requester) filter.requester = canonical(*rulebook, *query.requester);
    if (query.resource) filter.resources.insert(*query.resource);
    const std::set<std::string> reviewed = rulebook->resources_reviewed_by(viewer);
    if (!rulebook->directory().is_administrator(viewer))
        filter.scope = store::RequestFilter::Scope{canonical(*rulebook, viewer), reviewed};
    if (query.awaiting_my_review) {
        filter.awaiting_review = true;
        // What was approved under a rule may be for its groups to review afterwards though that covers
        // something else by now.
        filter.scope.reset();
        filter.pending_on = reviewed;
        // What awaits a review has one of several statuses, and the store looks for all of them.
        filter.matches = [rulebook, viewer, statuses = filter.statuses](const policy::Request& request) {
            if (!statuses.empty() && !statuses.contains(request.status)) return false;
            const policy::Target target = rulebook->target(request.resource);
            const policy::Circumstances circumstances{rulebook->rules(), rulebook->directory(), target,
                                                      request.asked_at};
            return !policy::groups_to_review_for(viewer, request, circumstances).empty();
        };
    }
    auto found = co_await store_.list_requests(std::move(filter), std::move(page));
    if (!found) co_return found.error();
    RequestViews views;
    views.next = std::move(found->next);
    views.requests.reserve(found->requests.size());
    for (store::RequestRecord& record : found->requests)
        views.requests.push_back(shown(judgement, std::move(record)));
    co_return views;
}

Awaitable<Result<GrantCredential>> Desk::issue_credential(policy::RequestId id, Actor requester) {
    const RulebookPtr rulebook = rulebook_();
    auto found = co_await store_.find_request(id);
    if (!found) co_return found.error();
    const policy::Request& request = found->request;
    if (!may_see(*rulebook, requester.name, request)) co_return no_such_request(id);
    if (!rulebook->directory().are_same_person(requester.name, request.requester)) {
        co_return Error{ErrorCode::forbidden, "request " + id.text() + " is " + printable(request.requester) +
                                                  "'s: only they get its secret"};
    }
    if (request.status != policy::RequestStatus::approved || !request.grant) {
        co_return Error{ErrorCode::conflict, "request " + id.text() + " is " +
                                                 std::string{to_string(request.status)} +
                                                 ": only one that is APPROVED has a secret"};
    }
    const config::Resource* resource = rulebook->config().find_resource(request.resource);
    if (resource == nullptr || !resource->takes_passwords()) {
        const bool own = resource != nullptr && resource->authenticates_people();
        co_return Error{ErrorCode::conflict,
                        "resource \"" + request.resource +
                            (own ? "\" takes no passwords: log in with your certificate"
                                 : "\" has no managed login: log in with your own PostgreSQL password")};
    }
    Actor by{request.requester, std::move(requester.from)};
    auto credential = co_await set_password(*request.grant, std::move(by), *resource);
    if (credential)
        log::info("credential.issued", {{"request", id.text()}, {"grant", request.grant->text()}});
    co_return credential;
}

Awaitable<Result<CommandAccess>> Desk::open_command_access(GrantId id, Actor user) {
    const RulebookPtr rulebook = rulebook_();
    auto found = co_await store_.find_grant(id);
    if (!found) co_return found.error();
    const policy::Grant& grant = found->grant;
    if (grant.use != policy::GrantUse::commands || grant.subject.kind != policy::Subject::Kind::user ||
        !rulebook->directory().are_same_person(user.name, grant.subject.name)) {
        co_return Error{ErrorCode::forbidden,
                        "grant " + id.text() + " is none by which " + printable(user.name) + " connects"};
    }
    CommandAccess access{std::move(*found), std::nullopt};
    const config::Resource* resource = rulebook->config().find_resource(access.grant.grant.resource);
    if (resource == nullptr || !resource->takes_passwords()) co_return access;
    user.name = access.grant.grant.subject.name;
    auto credential = co_await set_password(id, std::move(user), *resource);
    if (!credential) co_return credential.error();
    log::info("credential.issued", {{"grant", id.text()}});
    access.credential = std::move(*credential);
    co_return access;
}

Awaitable<Result<GrantCredential>> Desk::set_password(GrantId grant, Actor user,
                                                      const config::Resource& resource) {
    auto made = postgres::make_grant_password();
    GrantCredential credential{user.name, resource.default_database, std::move(made.password), {}};
    auto set =
        co_await store_.set_grant_verifier(std::move(grant), std::move(made.verifier), std::move(user));
    if (!set) co_return set.error();
    credential.ends_at = set->grant.window.ends_at;
    std::vector<store::GrantCountdown> grants;
    grants.push_back(std::move(*set));
    co_await enforcement_.grants_changed(std::move(grants));
    co_return credential;
}

Awaitable<Result<void>> Desk::reconsider() {
    store::ReconsiderRequest how = to_reconsider(rulebook_());
    auto changed = co_await store_.change_open_requests(std::move(how));
    if (!changed) co_return changed.error();
    co_await enforce(std::move(*changed));
    co_return co_await end_lost_command_grants(store_, enforcement_, rulebook_());
}

Awaitable<Result<void>> Desk::settle() {
    store::ReconsiderRequest how = to_settle(rulebook_());
    auto changed = co_await store_.change_due_requests(std::move(how));
    if (!changed) co_return changed.error();
    co_await enforce(std::move(*changed));
    co_return Result<void>{};
}

}  // namespace curfew::workflow
