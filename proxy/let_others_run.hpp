// Fairness among the coroutines of one thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace curfew::proxy {

// After so many chunks on end, who reads what may never stop coming lets others run. Nothing else would: a
// read that finds bytes does not wait.
inline constexpr int chunks_per_turn = 8;

// Goes on when whatever else can run on this thread has, its timers included.
inline boost::asio::awaitable<void> let_others_run() {
    const auto executor = co_await boost::asio::this_coro::executor;
    co_await boost::asio::post(executor, boost::asio::use_awaitable);
}

}  // namespace curfew::proxy
