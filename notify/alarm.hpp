// Waiting until a time, or until somebody says that there is something to be done.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>
#include <utility>

#include "base/clock.hpp"

namespace curfew::notify {

// One coroutine's. Belongs to one thread. What rings while nobody waits is not lost.
class Alarm {
public:
    explicit Alarm(const boost::asio::any_io_executor& executor) : timer_{executor} {}

    void ring() {
        rung_ = true;
        timer_.cancel();
    }
    // For so long at most; without an end where there is none.
    boost::asio::awaitable<void> wait_for(std::optional<Duration> most) {
        if (!std::exchange(rung_, false)) {
            if (most) {
                timer_.expires_after(*most);
            } else {
                timer_.expires_at(boost::asio::steady_timer::time_point::max());
            }
            (void)co_await timer_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
            rung_ = false;
        }
    }

private:
    boost::asio::steady_timer timer_;
    bool rung_ = false;
};

}  // namespace curfew::notify
