// Notifications in a store of the test's own.
#pragma once

#include <string>
#include <vector>

#include "store_fixture.hpp"

namespace curfew::test {

// To the channel `dba`, about request r-00000001.
inline store::NewDelivery new_delivery(store::EventNumber event, const std::string& kind = "request_waiting",
                                       const std::string& recipient = "#dba",
                                       const std::string& subject = "r-00000001") {
    return {recipient, kind, subject, event, R"({"text": "übel"})"};
}

class DeliveriesTest : public StoreTest {
protected:
    static constexpr Duration lease = std::chrono::seconds{30};

    store::ChainHead place(const std::string& notifier = "slack") {
        return await(store->place_of_notifier(notifier)).value();
    }
    // As if they followed from the events up to the last one.
    std::size_t take_in(std::vector<store::NewDelivery> added,
                        std::vector<store::DeliveryWithdrawal> withdrawn = {}) {
        const store::ChainHead from = place();
        const store::ChainHead to = await(store->head_of_events()).value();
        return await(store->take_in_events("slack", from, to, {std::move(added), std::move(withdrawn)}))
            .value();
    }
    std::vector<store::ClaimedDelivery> claim(const std::string& node = "node-a", std::size_t most = 100) {
        return await(store->claim_deliveries("slack", node, lease, most)).value();
    }
    // The only one that there is to be claimed.
    store::ClaimedDelivery claim_one(const std::string& node = "node-a") {
        auto claimed = claim(node);
        if (claimed.size() != 1)
            throw std::runtime_error(std::to_string(claimed.size()) + " could be claimed");
        return claimed.front();
    }
    store::Delivery finish(const store::ClaimedDelivery& claimed, const store::DeliveryOutcome& outcome) {
        return await(store->finish_delivery(claimed.claim, outcome)).value();
    }
    store::Delivery deliver(const store::ClaimedDelivery& claimed, const std::string& receipt = {}) {
        return finish(claimed, store::Delivered{receipt});
    }
    store::DeliveryState state_of(const DeliveryId& id) {
        return await(store->find_delivery(id)).value().state;
    }
    // In how long there is something to be claimed.
    std::optional<Duration> due_in() {
        const auto due = await(store->next_delivery_due("slack")).value();
        if (!due) return std::nullopt;
        return *due - clock.boot_now();
    }
};

inline std::vector<std::string> kinds_of(const std::vector<store::ClaimedDelivery>& claimed) {
    std::vector<std::string> kinds;
    for (const auto& one : claimed)
        kinds.push_back(one.delivery.kind);
    return kinds;
}

}  // namespace curfew::test
