// Sends the events of the audit trail to one receiver: each at least once, in their order, by one node of a
// fleet at a time. How far it has come is kept in the store.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "audit/event_receiver.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "http/worker_pool.hpp"
#include "metrics/metrics.hpp"
#include "notify/alarm.hpp"
#include "store/store.hpp"

namespace curfew::audit {

// What all forwarders share. All outlive them.
struct ForwarderParts {
    const Clock& clock;
    store::Store& store;
    metrics::Metrics& metrics;
    std::string node;  // what this node is called
    http::WorkerPool& pool;
};

// Belongs to one thread. Its coroutine keeps it alive until it is over.
class Forwarder : public std::enable_shared_from_this<Forwarder> {
public:
    Forwarder(boost::asio::any_io_executor executor, const ForwarderParts& parts,
              std::shared_ptr<EventReceiver> receiver);

    // Once.
    void start();
    // There may be new events.
    void wake() { news_.ring(); }
    // Lets what is being sent come to its end, which is soon.
    void stop();

private:
    template <class T>
    using Awaitable = boost::asio::awaitable<T>;
    // What to do next.
    struct Pause {
        // absent: until there is news.
        std::optional<Duration> most;
        bool for_news = false;
    };

    Awaitable<void> run();
    Awaitable<Result<Pause>> go_on();
    Awaitable<Result<bool>> send_due();
    Awaitable<Result<bool>> take_in();
    Awaitable<Result<store::ChainHead>> place();
    Awaitable<Result<std::optional<EventBatch>>> batch_of(store::Delivery delivery);
    Awaitable<Result<void>> send(store::ClaimedDelivery claimed);
    Awaitable<std::optional<NotTaken>> hand_over(EventBatch batch);
    Awaitable<Result<void>> finish(store::DeliveryClaim claim, store::DeliveryOutcome outcome);
    Awaitable<void> tidy();
    Awaitable<void> count();

    boost::asio::any_io_executor executor_;
    const ForwarderParts& parts_;
    const std::shared_ptr<EventReceiver> receiver_;
    const std::string name_;  // in the store
    notify::Alarm news_;
    notify::Alarm pause_;
    bool stopping_ = false;
    std::optional<store::ChainHead> place_;  // up to which events are on their way
    std::optional<BootInstant> tidied_at_;
};

}  // namespace curfew::audit
