#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "api/json_input.hpp"
#include "api/operations.hpp"
#include "api/paging.hpp"
#include "api/problem.hpp"
#include "api/request_input.hpp"
#include "api/request_views.hpp"

namespace curfew::api {
namespace {

// As many as the store gives at a time.
constexpr std::size_t largest_page_of_requests = 500;

// What the operations ask, and tell people of.
struct Desk {
    RemoteWorkflow& workflow;
    PublicPlaces places;
};

Viewer viewer_of(const Desk& desk, const Principal& principal) {
    return {!principal.user.empty(), desk.places.people_address};
}

Response shown(const Desk& desk, const Call& call, const workflow::RequestView& request,
               http::status status = http::status::ok) {
    return json_response(status, view(request, viewer_of(desk, call.who()), Extent::whole));
}

Awaitable<Reply> list_requests(const Desk& desk, Call call) {
    const auto page = read_page(call);
    if (!page) co_return problem(page.error());
    auto query = read_request_query(call);
    if (!query) co_return problem(query.error());
    const auto with_views = call.flag("with_views");
    if (!with_views) co_return problem(with_views.error());
    const bool personal = call.parameter("view").value_or("all") != "all";
    boost::json::array items;
    if (personal && call.who().user.empty()) {
        co_return json_response(http::status::ok, list_document(std::move(items), std::nullopt));
    }
    store::Page wanted{std::min(page->limit, largest_page_of_requests), page->after};
    auto asking = desk.workflow.list(std::move(*query), std::move(wanted), person_of(call.who()));
    const auto found = co_await std::move(asking);
    if (!found) co_return problem(found.error());
    const Viewer viewer = viewer_of(desk, call.who());
    for (const auto& one : found->requests)
        items.emplace_back(*with_views ? view(one, viewer, Extent::brief) : view(one.request));
    co_return json_response(http::status::ok, list_document(std::move(items), found->next));
}

Awaitable<Reply> create_request(const Desk& desk, Call call) {
    if (const auto error = why_nobody(call.who(), "can ask for access")) {
        co_return refused("request", call.actor(), "", *error);
    }
    auto asked = read_request(call.request, call.who().user);
    if (!asked) co_return refused("request", call.actor(), "", asked.error());
    const auto target = asked->wish.extends ? asked->wish.extends->text() : asked->resource;
    if (asked->script) {
        auto asking = desk.workflow.rulebook();
        const auto rulebook = co_await std::move(asking);
        auto command = script_of(std::move(*asked->script), asked->resource, rulebook->config());
        if (!command) co_return refused("request", call.actor(), target, command.error());
        asked->wish.command = std::move(*command);
    }
    auto submitting = desk.workflow.submit(std::move(asked->resource), std::move(asked->wish),
                                           call.who().claimed_groups, call.who().from);
    const auto made = co_await std::move(submitting);
    if (!made) co_return refused("request", call.actor(), target, made.error());
    auto response = shown(desk, call, *made, http::status::created);
    response.set(http::field::location, fmt::format("{}/requests/{}", api_prefix, made->request.id.text()));
    co_return response;
}

Awaitable<Reply> show_request(const Desk& desk, Call call) {
    const auto id = RequestId::parse(call.id);
    if (!id) co_return problem(no_such_request(call.id));
    auto finding = desk.workflow.find(*id, person_of(call.who()));
    const auto found = co_await std::move(finding);
    if (!found) co_return problem(found.error());
    co_return shown(desk, call, *found);
}

Awaitable<Reply> review_request(const Desk& desk, Call call) {
    if (const auto error = why_nobody(call.who(), "can review")) {
        co_return refused("review", call.actor(), call.id, *error);
    }
    const auto id = RequestId::parse(call.id);
    if (!id) co_return refused("review", call.actor(), call.id, no_such_request(call.id));
    auto review = read_review(call.request, call.who().user);
    if (!review) co_return refused("review", call.actor(), call.id, review.error());
    auto reviewing =
        desk.workflow.review(*id, std::move(*review), call.who().claimed_groups, call.who().from);
    const auto reviewed = co_await std::move(reviewing);
    if (!reviewed) co_return refused("review", call.actor(), call.id, reviewed.error());
    co_return shown(desk, call, *reviewed);
}

Awaitable<Reply> revoke_request(const Desk& desk, Call call) {
    const auto id = RequestId::parse(call.id);
    if (!id) co_return refused("revoke", call.actor(), call.id, no_such_request(call.id));
    auto comment = read_comment(call.request);
    if (!comment) co_return refused("revoke", call.actor(), call.id, comment.error());
    auto revoking = desk.workflow.revoke(*id, person_of(call.who()), std::move(*comment));
    const auto revoked = co_await std::move(revoking);
    if (!revoked) co_return refused("revoke", call.actor(), call.id, revoked.error());
    co_return shown(desk, call, *revoked);
}

}  // namespace

void add_request_operations(Router& router, RemoteWorkflow& workflow, PublicPlaces places) {
    const Requirement see{Access::person, {Scope::read}};
    const Requirement ask{Access::person, {Scope::request}};
    const Requirement review{Access::person, {Scope::review}};
    const Requirement revoke{Access::person, {Scope::request, Scope::review}};
    const auto desk = std::make_shared<const Desk>(Desk{workflow, std::move(places)});
    const auto add = [&](const Route& route, Awaitable<Reply> (*operation)(const Desk&, Call)) {
        router.add(route, [desk, operation](Call call) { return operation(*desk, std::move(call)); });
    };
    add({http::verb::get, "/requests", see, paged({"view", "status", "requester", "resource", "with_views"})},
        list_requests);
    add({http::verb::post, "/requests", ask, {}, true}, create_request);
    add({http::verb::get, "/requests/{id}", see}, show_request);
    add({http::verb::post, "/requests/{id}/reviews", review, {}, true}, review_request);
    add({http::verb::post, "/requests/{id}/revoke", revoke}, revoke_request);
}

}  // namespace curfew::api
