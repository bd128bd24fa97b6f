#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "api/access_review_views.hpp"
#include "api/history_input.hpp"
#include "api/operations.hpp"
#include "api/paging.hpp"
#include "api/problem.hpp"
#include "base/text.hpp"
#include "workflow/standing_privileges.hpp"

namespace curfew::api {
namespace {

Awaitable<Reply> review_accesses(store::AccessReviewStore& store, Call call) {
    const auto page = read_page(call);
    if (!page) co_return problem(page.error());
    auto wanted = read_access_review_wanted(call);
    if (!wanted) co_return problem(wanted.error());
    store::Page at{std::min(page->limit, store::largest_access_review_page), page->after};
    auto asking = store.access_review(std::move(*wanted), std::move(at));
    const auto review = co_await std::move(asking);
    if (!review) co_return problem(review.error());
    boost::json::array items;
    for (const auto& reviewed : review->grants)
        items.emplace_back(view(reviewed));
    co_return json_response(http::status::ok, list_document(std::move(items), review->next));
}

struct Privileges {
    RemoteWorkflow& workflow;
    RemoteNode& node;
    store::GrantStore& store;
};

void add_views(boost::json::array& items, const std::vector<workflow::StandingPrivilege>& privileges,
               const std::string& resource) {
    for (const auto& privilege : privileges) {
        if (resource.empty() || privilege.resource.empty() || privilege.resource == resource)
            items.emplace_back(view(privilege));
    }
}

// By the rules and grants of all, and the PostgreSQLs of this node's resources.
Awaitable<Reply> list_standing_privileges(const Privileges& parts, Call call) {
    const std::string resource = call.parameter("resource").value_or("");
    auto asking = parts.workflow.rulebook();
    const auto rulebook = co_await std::move(asking);
    if (!resource.empty() && rulebook->config().find_resource(resource) == nullptr) {
        co_return problem(Error{ErrorCode::not_found, "There is no resource '" + printable(resource) + "'"});
    }
    auto looking = parts.store.grants(false);
    const auto grants = co_await std::move(looking);
    if (!grants) co_return problem(grants.error());
    boost::json::array items;
    add_views(items, workflow::standing_privileges(*rulebook, *grants), resource);
    for (const auto& [name, declared] : rulebook->config().resources) {
        if (!resource.empty() && name != resource) continue;
        auto diagnosing = parts.node.diagnose(name);
        const auto diagnosis = co_await std::move(diagnosing);
        if (!diagnosis) continue;  // removed in between
        add_views(items, workflow::standing_privileges(name, diagnosis->findings), resource);
    }
    co_return json_response(http::status::ok, list_document(std::move(items), std::nullopt));
}

}  // namespace

void add_access_review_operations(Router& router, RemoteWorkflow& workflow, RemoteNode& node,
                                  store::Store& store) {
    const Requirement see_all{Access::auditor, {Scope::read}};
    router.add({http::verb::get, "/access-review", see_all, paged({"from", "to", "resource", "user"})},
               [&store](Call call) { return review_accesses(store, std::move(call)); });
    const Privileges parts{workflow, node, store};
    router.add({http::verb::get, "/standing-privileges", see_all, {"resource"}},
               [parts](Call call) { return list_standing_privileges(parts, std::move(call)); });
}

}  // namespace curfew::api
