// Awaiting on one thread what runs on another.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <optional>
#include <utility>

namespace curfew::proxy {

// Runs `task` on `executor` and resumes on the awaiting coroutine's own. Cancellation stops here: Asio 1.81
// would carry it across threads in a way that can outlive the task.
boost::asio::awaitable<void> run_on(boost::asio::any_io_executor executor, boost::asio::awaitable<void> task);

namespace detail {
template <class T>
boost::asio::awaitable<void> keep(boost::asio::awaitable<T> task, std::optional<T>& outcome) {
    outcome.emplace(co_await std::move(task));
}
}  // namespace detail

template <class T>
boost::asio::awaitable<T> run_on(boost::asio::any_io_executor executor, boost::asio::awaitable<T> task) {
    // In this frame, which whoever runs the task owns until it has: it holds the handler that resumes this.
    std::optional<T> outcome;
    co_await run_on(std::move(executor), detail::keep(std::move(task), outcome));
    co_return std::move(*outcome);
}

}  // namespace curfew::proxy
