// What changes on the node, told to any number of watchers on the API's thread.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <memory>

#include "api/http_types.hpp"
#include "base/clock.hpp"
#include "proxy/control.hpp"
#include "store/events.hpp"

namespace curfew::api {

// How far things have come.
struct Changes {
    std::uint64_t sessions = 0;     // counts up with every change to sessions or grants
    store::EventNumber events = 0;  // the last of the store's that was told; 0: none since the start

    bool operator==(const Changes&) const = default;
};

// Follows proxy::Control::wait_for_change by one coroutine on the control thread, and watches
// the store's events once, however many watch here.
class ChangeFeed {
public:
    // `own`: the executor on which everything here is called. `control_executor`: the control thread's.
    // `control` must outlive the feed until stop() has returned, and `events` the feed.
    ChangeFeed(boost::asio::any_io_executor own, boost::asio::any_io_executor control_executor,
               proxy::Control& control, store::EventStore& events);
    ~ChangeFeed();
    ChangeFeed(const ChangeFeed&) = delete;
    ChangeFeed& operator=(const ChangeFeed&) = delete;

    void start();
    // Returns once the control thread has nothing to do with it any more.
    Awaitable<void> stop();

    Changes now() const;
    // Completes when now() is not `seen`, with it; after `at_most` with the same. May be cancelled.
    Awaitable<Changes> wait(Changes seen, Duration at_most);

private:
    struct State;
    void watch_events();

    store::EventStore& events_;
    store::EventStore::WatchNumber watch_ = 0;
    std::shared_ptr<State> state_;  // shared with what runs on the control thread
};

}  // namespace curfew::api
