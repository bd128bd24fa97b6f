// Something that one coroutine waits for and others on the same thread make happen.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>

#include "base/clock.hpp"

namespace curfew::proxy {

// Belongs to its executor's thread. One waiter at a time.
class Event {
public:
    explicit Event(const boost::asio::any_io_executor& executor) : timer_{executor} {}

    // Whoever waits goes on; if nobody does, the next wait returns at once.
    void notify() {
        notified_ = true;
        timer_.cancel();
    }

    // Returns once notified since the last wait returned.
    boost::asio::awaitable<void> wait() { return wait_for(forever); }
    // The same, but no longer than `at_most`.
    boost::asio::awaitable<void> wait_for(Duration at_most) {
        if (!notified_) {
            if (at_most == forever) {
                timer_.expires_at(std::chrono::steady_clock::time_point::max());
            } else {
                timer_.expires_after(at_most);
            }
            co_await timer_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
        }
        notified_ = false;
    }

private:
    static constexpr Duration forever = Duration::max();

    boost::asio::steady_timer timer_;
    bool notified_ = false;
};

}  // namespace curfew::proxy
