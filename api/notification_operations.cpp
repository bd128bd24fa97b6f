#include <fmt/format.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <utility>

#include "api/json_input.hpp"
#include "api/json_values.hpp"
#include "api/operations.hpp"
#include "api/paging.hpp"
#include "api/problem.hpp"
#include "base/text.hpp"

namespace curfew::api {
namespace {

using store::DeliveryState;

// Without its content: that is for whom it is for.
boost::json::object delivery_view(const store::Delivery& delivery) {
    std::optional<WallInstant> next_attempt;
    if (delivery.state == DeliveryState::waiting) next_attempt = delivery.due_at;
    return {{"id", delivery.id.text()},
            {"notifier", text_value(delivery.notifier)},
            {"recipient", text_value(delivery.recipient)},
            {"kind", text_value(delivery.kind)},
            {"subject", text_value(delivery.subject)},
            {"state", store::to_string(delivery.state)},
            {"created_at", instant_or_null(delivery.created_at)},
            {"wanted_at", instant_or_null(delivery.wanted_at)},
            {"next_attempt_at", instant_or_null(next_attempt)},
            {"attempts", delivery.attempts},
            {"node", text_or_null(delivery.claimed_by)},
            {"problem", text_or_null(delivery.problem)}};
}

Result<store::DeliveryFilter> read_filter(const Call& call) {
    const auto all = call.flag("all");
    if (!all) return all.error();
    store::DeliveryFilter filter;
    if (!*all) filter.states = {DeliveryState::waiting, DeliveryState::claimed, DeliveryState::given_up};
    if (const auto word = call.parameter("state")) {
        const auto state = store::parse_delivery_state(*word);
        if (!state) {
            return Error{
                ErrorCode::invalid,
                fmt::format("'state' is waiting, claimed, delivered, given_up or superseded, not '{}'",
                            printable(*word, 40))};
        }
        filter.states = {*state};
    }
    filter.notifier = call.parameter("notifier");
    filter.subject = call.parameter("subject");
    return filter;
}

Awaitable<Reply> list_notifications(store::DeliveryStore& store, Call call) {
    const auto wanted = read_page(call);
    if (!wanted) co_return problem(wanted.error());
    auto filter = read_filter(call);
    if (!filter) co_return problem(filter.error());
    store::Page page{std::min(wanted->limit, store::largest_delivery_page), wanted->after};
    auto asking = store.list_deliveries(std::move(*filter), std::move(page));
    const auto found = co_await std::move(asking);
    if (!found) co_return problem(found.error());
    boost::json::array items;
    for (const auto& delivery : found->deliveries)
        items.emplace_back(delivery_view(delivery));
    co_return json_response(http::status::ok, list_document(std::move(items), found->next));
}

Awaitable<Reply> retry(store::DeliveryStore& store, Call call) {
    const auto id = DeliveryId::parse(call.id);
    if (!id) {
        const Error unknown{
            ErrorCode::not_found,
            fmt::format("There is no notification '{}'; the list of notifications has their identifiers",
                        printable(call.id, 40))};
        co_return refused("retry notification", call.actor(), call.id, unknown);
    }
    if (const auto read = read_nothing(call.request); !read)
        co_return refused("retry notification", call.actor(), call.id, read.error());
    auto asking = store.retry_delivery(*id, call.recorded());
    const auto delivery = co_await std::move(asking);
    if (!delivery) co_return refused("retry notification", call.actor(), call.id, delivery.error());
    log_done("admin.notification_retried", call.actor(), call.id, delivery->notifier);
    co_return json_response(http::status::ok, delivery_view(*delivery));
}

}  // namespace

void add_notification_operations(Router& router, store::DeliveryStore& store) {
    const Requirement see{Access::administrator, {Scope::read}};
    router.add({http::verb::get, "/notifications", see, paged({"all", "state", "notifier", "subject"})},
               [&store](Call call) { return list_notifications(store, std::move(call)); });
    router.add({http::verb::post, "/notifications/{id}/retry", {Access::administrator, {Scope::admin}}},
               [&store](Call call) { return retry(store, std::move(call)); });
}

}  // namespace curfew::api
