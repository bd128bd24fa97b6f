// What people log in with, where Curfew gives it to them.
#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <memory>
#include <utility>

#include "api/json_input.hpp"
#include "api/json_views.hpp"
#include "api/operations.hpp"
#include "api/problem.hpp"
#include "api/proxy_target.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"

namespace curfew::api {
namespace {

// What the operations ask, and where people find what it leads to.
struct Counter {
    RemoteWorkflow& workflow;
    RemoteNode& node;
    PublicPlaces places;
};

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
Awaitable<Result<ProxyTarget>> find_target(const Counter& counter, const Call& call, std::string name) {
    const auto people_host = host_towards(call.request, call.peer, counter.places.public_url);
    auto asking = counter.workflow.rulebook();
    const auto rulebook = co_await std::move(asking);
    auto looking = counter.node.status();
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

Awaitable<Reply> issue_credential(const Counter& counter, Call call) {
    constexpr std::string_view what = "credential";
    if (const auto error = why_nobody(call.who(), "get credentials")) {
        co_return refused(what, call.actor(), call.id, *error);
    }
    const auto id = RequestId::parse(call.id);
    if (!id) co_return refused(what, call.actor(), call.id, no_such_request(call.id));
    if (const auto read = read_nothing(call.request); !read) {
        co_return refused(what, call.actor(), call.id, read.error());
    }
    auto finding = counter.workflow.find(*id, person_of(call.who()));
    const auto found = co_await std::move(finding);
    if (!found) co_return refused(what, call.actor(), call.id, found.error());
    auto targeting = find_target(counter, call, found->request.resource);
    const auto target = co_await std::move(targeting);
    if (!target) co_return refused(what, call.actor(), call.id, target.error());
    auto issuing = counter.workflow.issue_credential(*id, Actor{call.who().user, call.who().from});
    const auto credential = co_await std::move(issuing);
    if (!credential) co_return refused(what, call.actor(), call.id, credential.error());
    co_return json_response(http::status::created,
                            credential_view(*credential, *target, found->request.resource));
}

// So that somebody connects whose commands are approved one by one.
Awaitable<Reply> open_command_access(const Counter& counter, Call call) {
    constexpr std::string_view what = "command-access";
    if (const auto error = why_nobody(call.who(), "connect")) {
        co_return refused(what, call.actor(), call.id, *error);
    }
    if (const auto read = read_nothing(call.request); !read) {
        co_return refused(what, call.actor(), call.id, read.error());
    }
    auto asking = counter.workflow.rulebook();
    const auto rulebook = co_await std::move(asking);
    if (rulebook->config().find_resource(call.id) == nullptr) {
        const Error unknown{
            ErrorCode::not_found,
            fmt::format("There is no resource '{}'; see which there are", printable(call.id, 63))};
        co_return refused(what, call.actor(), call.id, unknown);
    }
    auto opening = counter.workflow.open_command_access(Actor{call.who().user, call.who().from}, call.id);
    const auto access = co_await std::move(opening);
    if (!access) co_return refused(what, call.actor(), call.id, access.error());
    boost::json::object answer{{"grant", view(access->grant)}, {"credential", nullptr}};
    if (access->credential) {
        auto targeting = find_target(counter, call, call.id);
        const auto target = co_await std::move(targeting);
        if (!target) co_return refused(what, call.actor(), call.id, target.error());
        answer["credential"] = credential_view(*access->credential, *target, call.id);
    }
    co_return json_response(http::status::ok, answer);
}

}  // namespace

void add_credential_operations(Router& router, RemoteWorkflow& workflow, RemoteNode& node,
                               PublicPlaces places) {
    const Requirement ask{Access::person, {Scope::request}};
    const auto counter = std::make_shared<const Counter>(Counter{workflow, node, std::move(places)});
    const auto add = [&](const Route& route, Awaitable<Reply> (*operation)(const Counter&, Call)) {
        router.add(route, [counter, operation](Call call) { return operation(*counter, std::move(call)); });
    };
    add({http::verb::post, "/requests/{id}/credential", ask}, issue_credential);
    add({http::verb::post, "/resources/{name}/command-access", ask}, open_command_access);
}

}  // namespace curfew::api
