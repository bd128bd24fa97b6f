// The order in which many sessions that end at once do so.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstddef>

#include "base/clock.hpp"

namespace curfew::proxy {

// Every client is told before the first backend is ended: hundreds of processes that exit would keep this one
// from telling the rest. Belongs to its executor's thread.
class ClientsFirst {
public:
    explicit ClientsFirst(const boost::asio::any_io_executor& executor) : timer_{executor} {}

    // A client will have to be told that its session is over.
    void expect() noexcept { ++untold_; }
    // It was, or has gone.
    void told() {
        if (--untold_ == 0) timer_.cancel();
    }
    std::size_t untold() const noexcept { return untold_; }

    // Returns when all were told, and after `at_most` even if a client does not take its last words.
    boost::asio::awaitable<void> all_told(Duration at_most) {
        if (untold_ == 0) co_return;
        if (waiting_++ == 0) timer_.expires_after(at_most);
        co_await timer_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
        --waiting_;
    }

private:
    boost::asio::steady_timer timer_;
    std::size_t untold_ = 0;
    std::size_t waiting_ = 0;
};

}  // namespace curfew::proxy
