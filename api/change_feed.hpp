// What changes on the node, told to any number of watchers on the API's thread.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <memory>

#include "api/http_types.hpp"
#include "base/clock.hpp"
#include "proxy/control.hpp"

namespace curfew::api {

// Follows proxy::Control::wait_for_change by one coroutine on the control thread, however many watch here.
class ChangeFeed {
public:
    // `own`: the executor on which everything here is called. `control_executor`: the control thread's;
    // `control` must outlive the feed until stop() has returned.
    ChangeFeed(boost::asio::any_io_executor own, boost::asio::any_io_executor control_executor,
               proxy::Control& control);
    ~ChangeFeed();
    ChangeFeed(const ChangeFeed&) = delete;
    ChangeFeed& operator=(const ChangeFeed&) = delete;

    void start();
    // Returns once the control thread has nothing to do with it any more.
    Awaitable<void> stop();

    // Counts up with every change to sessions or grants.
    std::uint64_t number() const;
    // Completes when number() is not `seen`, with it; after `at_most` with the same number. May be cancelled.
    Awaitable<std::uint64_t> wait(std::uint64_t seen, Duration at_most);

private:
    struct State;
    std::shared_ptr<State> state_;  // shared with what runs on the control thread
};

}  // namespace curfew::api
