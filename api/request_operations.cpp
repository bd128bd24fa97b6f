#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "api/json_input.hpp"
#include "api/operations.hpp"
#include "api/paging.hpp"
#include "api/problem.hpp"
#include "api/proxy_target.hpp"
#include "api/request_input.hpp"
#include "api/request_views.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"

namespace curfew::api {
namespace {

// As many as the store gives at a time.
constexpr std::size_t largest_page_of_requests = 500;

// What the operations ask, and tell people of.
struct Desk {
    RemoteWorkflow& workflow;
    RemoteNode& node;
    PublicPlaces places;
};

Error no_such_request(std::string_view id) {
    return {ErrorCode::not_found, fmt::format("There is no request '{}' that you may see; the list of "
                                              "requests has their identifiers",
                                              printable(id, 40))};
}

// Those by the Unix socket may do everything but what one has to be somebody for.
std::optional<Error> why_nobody(const Principal& principal, std::string_view what) {
    if (!principal.user.empty()) return std::nullopt;
    return Error{
        ErrorCode::forbidden,
        fmt::format("'{}', by the Unix socket, is no user of Curfew, and only users {}; sign in as one "
                    "(curfew login), or give a grant without a request (curfew grant)",
                    printable(principal.recorded_as, 63), what)};
}

Viewer viewer_of(const Desk& desk, const Principal& principal) {
    return {!principal.user.empty(), desk.places.people_address};
}

Response shown(const Desk& desk, const Call& call, const workflow::RequestView& request,
               http::status status = http::status::ok) {
    return json_response(status, view(request, viewer_of(desk, call.who())));
}

Awaitable<Reply> list_requests(const Desk& desk, Call call) {
    const auto page = read_page(call);
    if (!page) co_return problem(page.error());
    auto query = read_request_query(call);
    if (!query) co_return problem(query.error());
    const bool personal = call.parameter("view").value_or("all") != "all";
    boost::json::array items;
    if (personal && call.who().user.empty()) {
        co_return json_response(http::status::ok, list_document(std::move(items), std::nullopt));
    }
    store::Page wanted{std::min(page->limit, largest_page_of_requests), page->after};
    auto asking = desk.workflow.list(std::move(*query), std::move(wanted), person_of(call.who()));
    const auto found = co_await std::move(asking);
    if (!found) co_return problem(found.error());
    for (const auto& one : found->requests)
        items.emplace_back(view(one.request));
    co_return json_response(http::status::ok, list_document(std::move(items), found->next));
}

Awaitable<Reply> create_request(const Desk& desk, Call call) {
    if (const auto error = why_nobody(call.who(), "can ask for access")) {
        co_return refused("request", call.actor(), "", *error);
    }
    auto asked = read_request(call.request, call.who().user);
    if (!asked) co_return refused("request", call.actor(), "", asked.error());
    const auto target = asked->wish.extends ? asked->wish.extends->text() : asked->resource;
    auto submitting =
        desk.workflow.submit(std::move(asked->resource), std::move(asked->wish), call.who().claimed_groups);
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
    auto reviewing = desk.workflow.review(*id, std::move(*review), call.who().claimed_groups);
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

boost::json::object credential_view(const workflow::GrantCredential& credential, const ProxyTarget& target,
                                    const std::string& resource) {
    // Shown to its owner, this once.
    return {{"user", credential.user},
            {"password", credential.password.reveal()},
            {"ends_at", format_utc(credential.ends_at)},
            {"host", target.host},
            {"port", target.port},
            {"database", target.database},
            {"uri", connection_uri(target, credential.user, credential.password)},
            {"pgpass", pgpass_line(target, credential.user, credential.password)},
            {"service_file", service_file(target, resource, credential.user)}};
}

// Where a client finds the resource; an error where it cannot.
Awaitable<Result<ProxyTarget>> find_target(const Desk& desk, const Call& call, std::string name) {
    const auto people_host = host_towards(call.request, call.peer, desk.places.public_url);
    auto asking = desk.workflow.rulebook();
    const auto rulebook = co_await std::move(asking);
    auto looking = desk.node.status();
    const auto status = co_await std::move(looking);
    const auto* resource = rulebook->config().find_resource(name);
    if (resource != nullptr) {
        auto target = target_for(*resource, rulebook->config(), status.listeners, people_host);
        if (target) co_return std::move(*target);
    }
    co_return Error{ErrorCode::conflict,
                    fmt::format("No listener of this node leads to '{}', so that there is "
                                "no use for a credential; an administrator can add one",
                                printable(name, 63))};
}

Awaitable<Reply> issue_credential(const Desk& desk, Call call) {
    constexpr std::string_view what = "credential";
    if (const auto error = why_nobody(call.who(), "get credentials")) {
        co_return refused(what, call.actor(), call.id, *error);
    }
    const auto id = RequestId::parse(call.id);
    if (!id) co_return refused(what, call.actor(), call.id, no_such_request(call.id));
    if (const auto read = read_nothing(call.request); !read) {
        co_return refused(what, call.actor(), call.id, read.error());
    }
    auto finding = desk.workflow.find(*id, person_of(call.who()));
    const auto found = co_await std::move(finding);
    if (!found) co_return refused(what, call.actor(), call.id, found.error());
    auto targeting = find_target(desk, call, found->request.resource);
    const auto target = co_await std::move(targeting);
    if (!target) co_return refused(what, call.actor(), call.id, target.error());
    auto issuing = desk.workflow.issue_credential(*id, call.who().user);
    const auto credential = co_await std::move(issuing);
    if (!credential) co_return refused(what, call.actor(), call.id, credential.error());
    co_return json_response(http::status::created,
                            credential_view(*credential, *target, found->request.resource));
}

}  // namespace

void add_request_operations(Router& router, RemoteWorkflow& workflow, RemoteNode& node, PublicPlaces places) {
    const Requirement see{Access::person, {Scope::read}};
    const Requirement ask{Access::person, {Scope::request}};
    const Requirement review{Access::person, {Scope::review}};
    const Requirement revoke{Access::person, {Scope::request, Scope::review}};
    const auto desk = std::make_shared<const Desk>(Desk{workflow, node, std::move(places)});
    const auto add = [&](const Route& route, Awaitable<Reply> (*operation)(const Desk&, Call)) {
        router.add(route, [desk, operation](Call call) { return operation(*desk, std::move(call)); });
    };
    add({http::verb::get, "/requests", see, paged({"view", "status", "requester", "resource"})},
        list_requests);
    add({http::verb::post, "/requests", ask, {}, true}, create_request);
    add({http::verb::get, "/requests/{id}", see}, show_request);
    add({http::verb::post, "/requests/{id}/reviews", review, {}, true}, review_request);
    add({http::verb::post, "/requests/{id}/revoke", revoke}, revoke_request);
    add({http::verb::post, "/requests/{id}/credential", ask}, issue_credential);
}

}  // namespace curfew::api
