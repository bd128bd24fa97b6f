// Awaiting on one thread what runs on another.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace curfew::proxy {

// Runs `task` on `executor` and resumes on the awaiting coroutine's own. Cancellation stops here: Asio 1.81
// would carry it across threads in a way that can outlive the task.
template <class T>
boost::asio::awaitable<T> run_on(boost::asio::any_io_executor executor, boost::asio::awaitable<T> task) {
    co_return co_await boost::asio::co_spawn(
        executor, std::move(task),
        boost::asio::bind_cancellation_slot(boost::asio::cancellation_slot{}, boost::asio::use_awaitable));
}

}  // namespace curfew::proxy
