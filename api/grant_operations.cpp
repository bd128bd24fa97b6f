#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "api/json_input.hpp"
#include "api/json_views.hpp"
#include "api/operations.hpp"
#include "api/paging.hpp"
#include "api/problem.hpp"
#include "base/duration.hpp"
#include "base/text.hpp"

namespace curfew::api {
namespace {

struct Grants {
    RemoteNode& node;
    RemoteWorkflow& workflow;
    store::GrantStore& store;
};

Error no_such_grant(std::string_view id) {
    return {
        ErrorCode::not_found,
        fmt::format("There is no grant '{}'; the list of grants has their identifiers", printable(id, 40))};
}

// Administrators see every grant; others those that they are admitted by.
std::optional<std::vector<policy::Subject>> subjects_seen_by(const Principal& principal) {
    if (principal.is_administrator) return std::nullopt;
    std::vector<policy::Subject> subjects{{policy::Subject::Kind::everyone, {}},
                                          {policy::Subject::Kind::user, principal.user}};
    for (const auto& group : principal.groups)
        subjects.push_back({policy::Subject::Kind::group, group});
    return subjects;
}

bool may_see(const Principal& principal, const policy::Grant& grant) {
    const auto subjects = subjects_seen_by(principal);
    return !subjects || std::find(subjects->begin(), subjects->end(), grant.subject) != subjects->end();
}

Awaitable<Reply> give_grant(Grants grants, Call call) {
    auto wanted = read_new_grant(call.request, call.actor());
    if (!wanted) co_return refused("grant", call.actor(), "", wanted.error());
    wanted->given_from = call.who().from;
    const auto target = fmt::format("{} on {}", policy::to_string(wanted->subject), wanted->resource);
    const auto length = format_duration(wanted->length);
    auto giving = grants.node.grant(std::move(*wanted));
    const auto given = co_await std::move(giving);
    if (!given) co_return refused("grant", call.actor(), target, given.error());
    const auto& id = given->grant.id.text();
    log_done("admin.grant_given", call.actor(), id, fmt::format("{} for {}", target, length));
    auto response = json_response(http::status::created, view(*given));
    response.set(http::field::location, fmt::format("{}/grants/{}", api_prefix, id));
    co_return response;
}

Awaitable<Reply> list_grants(Grants grants, Call call) {
    const auto page = read_page(call);
    if (!page) co_return problem(page.error());
    const auto all = call.flag("all");
    if (!all) co_return problem(all.error());
    store::GrantFilter filter{*all, subjects_seen_by(call.who())};
    auto asking = grants.store.list_grants(std::move(filter), {page->limit, page->after});
    const auto found = co_await std::move(asking);
    if (!found) co_return problem(found.error());
    boost::json::array items;
    for (const auto& grant : found->grants)
        items.emplace_back(view(grant));
    co_return json_response(http::status::ok, list_document(std::move(items), found->next));
}

Awaitable<Reply> show_grant(Grants grants, Call call) {
    const auto id = GrantId::parse(call.id);
    if (!id) co_return problem(no_such_grant(call.id));
    auto finding = grants.store.find_grant(*id);
    const auto found = co_await std::move(finding);
    const bool missing = !found && found.error().code == ErrorCode::not_found;
    if (!found && !missing) co_return problem(found.error());
    if (missing || !may_see(call.who(), found->grant)) co_return problem(no_such_grant(call.id));
    co_return json_response(http::status::ok, view(*found));
}

// With every request of it.
Awaitable<Reply> revoke_grant(Grants grants, Call call) {
    const auto id = GrantId::parse(call.id);
    if (!id) co_return refused("revoke", call.actor(), call.id, no_such_grant(call.id));
    const auto reason = read_revocation_reason(call.request);
    if (!reason) co_return refused("revoke", call.actor(), call.id, reason.error());
    auto revoking = grants.workflow.revoke_grant(*id, person_of(call.who()), *reason);
    auto revoked = co_await std::move(revoking);
    if (!revoked) {
        // One that was signed offline may not be in the store yet.
        auto revoking_here = grants.node.revoke_offline_grant(*id, call.actor(), *reason);
        auto revoked_here = co_await std::move(revoking_here);
        if (revoked_here) revoked = std::move(revoked_here);
    }
    if (!revoked) co_return refused("revoke", call.actor(), call.id, revoked.error());
    log_done("admin.grant_revoked", call.actor(), call.id, *reason);
    co_return json_response(http::status::ok, view(*revoked));
}

Awaitable<Reply> extend_grant(Grants grants, Call call) {
    const auto id = GrantId::parse(call.id);
    if (!id) co_return refused("extend", call.actor(), call.id, no_such_grant(call.id));
    const auto by = read_extension(call.request);
    if (!by) co_return refused("extend", call.actor(), call.id, by.error());
    auto extending = grants.node.extend(*id, *by, call.recorded());
    const auto extended = co_await std::move(extending);
    if (!extended) co_return refused("extend", call.actor(), call.id, extended.error());
    log_done("admin.grant_extended", call.actor(), call.id, "by " + format_duration(*by));
    co_return json_response(http::status::ok, view(*extended));
}

}  // namespace

void add_grant_operations(Router& router, RemoteNode& node, RemoteWorkflow& workflow,
                          store::GrantStore& store) {
    const Requirement see{Access::person, {Scope::read}};
    const Requirement administer{Access::administrator, {Scope::admin}};
    const Grants grants{node, workflow, store};
    const auto add = [&](const Route& route, Awaitable<Reply> (*operation)(Grants, Call)) {
        router.add(route, [grants, operation](Call call) { return operation(grants, std::move(call)); });
    };
    add({http::verb::post, "/grants", administer, {}, true}, give_grant);
    add({http::verb::get, "/grants", see, paged({"all"})}, list_grants);
    add({http::verb::get, "/grants/{id}", see}, show_grant);
    add({http::verb::post, "/grants/{id}/revoke", administer}, revoke_grant);
    add({http::verb::post, "/grants/{id}/extend", administer, {}, true}, extend_grant);
}

}  // namespace curfew::api
