#include <optional>
#include <string>
#include <utility>

#include "api/json_input.hpp"
#include "api/json_views.hpp"
#include "api/openapi_document.hpp"
#include "api/operations.hpp"
#include "api/paging.hpp"
#include "api/problem.hpp"

namespace curfew::api {
namespace {

Awaitable<Reply> show_status(RemoteNode& node, Call) {
    auto asking = node.status();
    const auto status = co_await std::move(asking);
    co_return json_response(http::status::ok, view(status));
}

// All that share the store.
Awaitable<Reply> list_nodes(store::NodeStore& store, Call call) {
    const auto page = read_page(call);
    if (!page) co_return problem(page.error());
    const auto nodes = co_await store.nodes();
    if (!nodes) co_return problem(nodes.error());
    boost::json::array items;
    std::optional<std::string> next;
    for (const auto& node : *nodes) {
        if (node.name <= page->after) continue;
        if (items.size() == page->limit) {
            next = std::string{items.back().at("node").as_string()};
            break;
        }
        items.emplace_back(view(node));
    }
    co_return json_response(http::status::ok, list_document(std::move(items), next));
}

Awaitable<Reply> diagnose(RemoteNode& node, Call call) {
    auto asking = node.diagnose(call.id);
    const auto diagnosis = co_await std::move(asking);
    if (!diagnosis) co_return problem(diagnosis.error());
    co_return json_response(http::status::ok, view(*diagnosis));
}

Awaitable<Reply> reload(RemoteNode& node, Call call) {
    if (const auto read = read_nothing(call.request); !read) {
        co_return refused("reload", call.actor(), "", read.error());
    }
    auto reloading = node.reload(call.actor());
    const auto reloaded = co_await std::move(reloading);
    if (!reloaded) co_return refused("reload", call.actor(), "", reloaded.error());
    log_done("admin.config_reloaded", call.actor(), "");
    const boost::json::object body{{"reloaded", true}};
    co_return json_response(http::status::ok, body);
}

Awaitable<Reply> show_me(std::string display_name, Call call) {
    co_return json_response(http::status::ok, view(call.who(), display_name));
}

Awaitable<Reply> show_openapi_json(Call) {
    co_return make_response(http::status::ok, "application/json", std::string{openapi_json()});
}

Awaitable<Reply> show_openapi_yaml(Call) {
    co_return make_response(http::status::ok, "application/yaml", std::string{openapi_yaml()});
}

}  // namespace

void add_node_operations(Router& router, RemoteNode& node, store::NodeStore& store) {
    const Requirement see{Access::administrator, {Scope::read}};
    router.add({http::verb::get, "/status", see},
               [&node](Call call) { return show_status(node, std::move(call)); });
    router.add({http::verb::get, "/nodes", see, paged()},
               [&store](Call call) { return list_nodes(store, std::move(call)); });
    router.add({http::verb::get, "/resources/{name}/diagnosis", see},
               [&node](Call call) { return diagnose(node, std::move(call)); });
    router.add({http::verb::post, "/reload", {Access::administrator, {Scope::admin}}},
               [&node](Call call) { return reload(node, std::move(call)); });
}

void add_own_operations(Router& router, DisplayName display_name) {
    router.add({http::verb::get, "/me", {Access::person, {Scope::read}}},
               [display_name = std::move(display_name)](Call call) {
                   auto name = display_name ? display_name(call.who().user) : std::string{};
                   return show_me(std::move(name), std::move(call));
               });
    router.add({http::verb::get, "/openapi.json", {Access::anyone, {}}}, show_openapi_json);
    router.add({http::verb::get, "/openapi.yaml", {Access::anyone, {}}}, show_openapi_yaml);
}

}  // namespace curfew::api
