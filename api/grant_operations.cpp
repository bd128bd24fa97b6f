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

// Who has a say when a grant is revoked.
struct GrantRevocation {
    RemoteNode& node;
    RemoteWorkflow& workflow;
    store::RequestStore& requests;
};

Error no_such_grant(std::string_view id) {
    return {
        ErrorCode::not_found,
        fmt::format("There is no grant '{}'; the list of grants has their identifiers", printable(id, 40))};
}

std::optional<bool> parse_flag(const std::string& text) {
    if (text.empty() || text == "true") return true;
    if (text == "false") return false;
    return std::nullopt;
}

// Administrators see every grant; others those that they are admitted by.
bool may_see(const Principal& principal, const policy::Grant& grant) {
    if (principal.is_administrator) return true;
    switch (grant.subject.kind) {
        case policy::Subject::Kind::user:
            return grant.subject.name == principal.user;
        case policy::Subject::Kind::group:
            return principal.groups.contains(grant.subject.name);
        case policy::Subject::Kind::everyone:
            return true;
    }
    return false;
}

Place place_of(const store::GrantCountdown& grant) {
    return {grant.grant.given_at, grant.grant.id.text()};
}

Awaitable<Reply> give_grant(RemoteNode& node, Call call) {
    auto wanted = read_new_grant(call.request, call.actor());
    if (!wanted) co_return refused("grant", call.actor(), "", wanted.error());
    const auto target = fmt::format("{} on {}", policy::to_string(wanted->subject), wanted->resource);
    const auto length = format_duration(wanted->length);
    auto giving = node.grant(std::move(*wanted));
    const auto given = co_await std::move(giving);
    if (!given) co_return refused("grant", call.actor(), target, given.error());
    const auto& id = given->grant.id.text();
    log_done("admin.grant_given", call.actor(), id, fmt::format("{} for {}", target, length));
    auto response = json_response(http::status::created, view(*given));
    response.set(http::field::location, fmt::format("{}/grants/{}", api_prefix, id));
    co_return response;
}

Awaitable<Reply> list_grants(RemoteNode& node, Call call) {
    const auto page = read_page(call);
    if (!page) co_return problem(page.error());
    const auto after = parse_place(page->after);
    if (!page->after.empty() && !after) co_return problem(not_a_place(page->after));
    const auto all = parse_flag(call.parameter("all").value_or("false"));
    if (!all) co_return problem(Error{ErrorCode::invalid, "'all' must be true or false"});
    auto asking = node.grants(*all);
    auto grants = co_await std::move(asking);
    if (!grants) co_return problem(grants.error());

    std::erase_if(*grants, [&](const store::GrantCountdown& grant) {
        return !may_see(call.who(), grant.grant) || (after && !place_of(grant).is_below(*after));
    });
    std::sort(grants->begin(), grants->end(),
              [](const auto& a, const auto& b) { return place_of(b).is_below(place_of(a)); });
    std::optional<std::string> next;
    if (grants->size() > page->limit) {
        grants->resize(page->limit);
        next = to_string(place_of(grants->back()));
    }
    boost::json::array items;
    for (const auto& grant : *grants)
        items.emplace_back(view(grant));
    co_return json_response(http::status::ok, list_document(std::move(items), next));
}

Awaitable<Reply> show_grant(RemoteNode& node, Call call) {
    auto asking = node.grants(true);
    const auto grants = co_await std::move(asking);
    if (!grants) co_return problem(grants.error());
    for (const auto& candidate : *grants) {
        if (candidate.grant.id.text() == call.id && may_see(call.who(), candidate.grant)) {
            co_return json_response(http::status::ok, view(candidate));
        }
    }
    co_return problem(no_such_grant(call.id));
}

// What a request gave is taken back with the request; the rest by itself.
Awaitable<Result<store::GrantCountdown>> revoke_with_request(const GrantRevocation& parts, GrantId id,
                                                             const Principal& by, std::string reason) {
    auto looking = parts.requests.find_request_of(id);
    const auto request = co_await std::move(looking);
    if (!request) co_return request.error();
    if (!*request) {
        auto revoking = parts.node.revoke(std::move(id), by.recorded_as, std::move(reason));
        auto revoked = co_await std::move(revoking);
        co_return revoked;
    }
    auto revoking = parts.workflow.revoke((*request)->request.id, person_of(by), std::move(reason));
    auto revoked = co_await std::move(revoking);
    if (!revoked) co_return revoked.error();
    if (!revoked->grant) co_return no_such_grant(id.text());
    co_return std::move(*revoked->grant);
}

Awaitable<Reply> revoke_grant(GrantRevocation parts, Call call) {
    const auto id = GrantId::parse(call.id);
    if (!id) co_return refused("revoke", call.actor(), call.id, no_such_grant(call.id));
    const auto reason = read_revocation_reason(call.request);
    if (!reason) co_return refused("revoke", call.actor(), call.id, reason.error());
    auto revoking = revoke_with_request(parts, *id, call.who(), *reason);
    const auto revoked = co_await std::move(revoking);
    if (!revoked) co_return refused("revoke", call.actor(), call.id, revoked.error());
    log_done("admin.grant_revoked", call.actor(), call.id, *reason);
    co_return json_response(http::status::ok, view(*revoked));
}

Awaitable<Reply> extend_grant(RemoteNode& node, Call call) {
    const auto id = GrantId::parse(call.id);
    if (!id) co_return refused("extend", call.actor(), call.id, no_such_grant(call.id));
    const auto by = read_extension(call.request);
    if (!by) co_return refused("extend", call.actor(), call.id, by.error());
    auto extending = node.extend(*id, *by, call.actor());
    const auto extended = co_await std::move(extending);
    if (!extended) co_return refused("extend", call.actor(), call.id, extended.error());
    log_done("admin.grant_extended", call.actor(), call.id, "by " + format_duration(*by));
    co_return json_response(http::status::ok, view(*extended));
}

}  // namespace

void add_grant_operations(Router& router, RemoteNode& node, RemoteWorkflow& workflow,
                          store::RequestStore& requests) {
    const Requirement see{Access::person, {Scope::read}};
    const Requirement administer{Access::administrator, {Scope::admin}};
    const auto add = [&](const Route& route, Awaitable<Reply> (*operation)(RemoteNode&, Call)) {
        router.add(route, [&node, operation](Call call) { return operation(node, std::move(call)); });
    };
    add({http::verb::post, "/grants", administer, {}, true}, give_grant);
    add({http::verb::get, "/grants", see, paged({"all"})}, list_grants);
    add({http::verb::get, "/grants/{id}", see}, show_grant);
    const GrantRevocation parts{node, workflow, requests};
    router.add({http::verb::post, "/grants/{id}/revoke", administer},
               [parts](Call call) { return revoke_grant(parts, std::move(call)); });
    add({http::verb::post, "/grants/{id}/extend", administer, {}, true}, extend_grant);
}

}  // namespace curfew::api
