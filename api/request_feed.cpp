#include "api/request_feed.hpp"

#include <map>
#include <string_view>
#include <utility>

namespace curfew::api {
namespace {

using ChangesPtr = std::shared_ptr<const RequestChanges>;

constexpr std::size_t events_at_a_time = 100;
constexpr std::string_view of_requests = "request.";

// The last event of each request, in their order.
std::map<store::EventNumber, RequestId> last_of_each(const std::vector<store::Event>& events) {
    std::map<RequestId, store::EventNumber> last;
    for (const auto& event : events) {
        if (!std::string_view{event.kind}.starts_with(of_requests)) continue;
        if (const auto id = RequestId::parse(event.id)) last[*id] = event.number;
    }
    std::map<store::EventNumber, RequestId> in_order;
    for (const auto& [id, number] : last)
        in_order.emplace(number, id);
    return in_order;
}

}  // namespace

Awaitable<Result<ChangesPtr>> RequestFeed::since(store::EventNumber after) {
    const auto hold = co_await asking_.hold();
    const bool fresh =
        latest_ && latest_->after == after && clock_.boot_now() - latest_->read_at < least_interval_;
    if (fresh) co_return latest_;
    auto reading = read(after);
    auto changes = co_await std::move(reading);
    if (changes && (*changes)->upto != after) latest_ = *changes;
    co_return changes;
}

Awaitable<Result<ChangesPtr>> RequestFeed::read(store::EventNumber after) {
    auto changes = std::make_shared<RequestChanges>();
    changes->read_at = clock_.boot_now();
    changes->after = changes->upto = after;
    auto asking = store_.events_since(after, events_at_a_time);
    const auto events = co_await std::move(asking);
    if (!events) co_return events.error();
    if (!events->empty()) changes->upto = events->back().number;
    const auto wanted = last_of_each(*events);
    for (auto next = wanted.begin(); next != wanted.end(); ++next) {
        auto finding = store_.find_request(next->second);
        auto found = co_await std::move(finding);
        if (!found) co_return found.error();
        changes->changes.push_back({next->first, std::move(found->request)});
    }
    auto looking = workflow_.rulebook();
    changes->rulebook = co_await std::move(looking);
    co_return ChangesPtr{std::move(changes)};
}

Awaitable<Result<store::EventNumber>> RequestFeed::last() {
    return store_.last_event();
}

}  // namespace curfew::api
