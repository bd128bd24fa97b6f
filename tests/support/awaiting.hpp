// Coroutines of the product in a test: begun on a loop of the test's, and awaited.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <exception>
#include <future>
#include <memory>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "support/timing.hpp"

namespace curfew::test {

namespace detail {

// Not a template, so that what Asio makes of it is compiled once and not for every type that is awaited.
void spawn(const boost::asio::any_io_executor& executor, boost::asio::awaitable<void> task,
           boost::asio::cancellation_slot slot);
// Runs one handler, waiting for it until `deadline`. Throws if there was none to run.
void run_one(boost::asio::io_context& context, std::chrono::steady_clock::time_point deadline);

template <class T>
boost::asio::awaitable<void> keep(std::shared_ptr<std::promise<T>> promise, boost::asio::awaitable<T> task) {
    try {
        if constexpr (std::is_void_v<T>) {
            co_await std::move(task);
            promise->set_value();
        } else {
            promise->set_value(co_await std::move(task));
        }
    } catch (...) {
        promise->set_exception(std::current_exception());
    }
}

}  // namespace detail

template <class T>
bool is_over(const std::future<T>& task) {
    return task.wait_for(std::chrono::seconds{0}) == std::future_status::ready;
}

// Begins `task` on `executor`; what it gives or throws is in the future. `slot`: may cancel it.
template <class T>
std::future<T> start(const boost::asio::any_io_executor& executor, boost::asio::awaitable<T> task,
                     boost::asio::cancellation_slot slot = {}) {
    auto promise = std::make_shared<std::promise<T>>();
    std::future<T> future = promise->get_future();
    detail::spawn(executor, detail::keep(std::move(promise), std::move(task)), slot);
    return future;
}
template <class T>
std::future<T> start(boost::asio::io_context& context, boost::asio::awaitable<T> task,
                     boost::asio::cancellation_slot slot = {}) {
    return start(boost::asio::any_io_executor{context.get_executor()}, std::move(task), slot);
}

// Runs handlers of `context` on this thread until `task`, which must be one of its own, is over. Throws what
// that throws, and if it is not over within `patience`.
template <class T>
T finish(boost::asio::io_context& context, std::future<T>& task) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!is_over(task))
        detail::run_one(context, deadline);
    return task.get();
}
template <class T>
T finish(boost::asio::io_context& context, boost::asio::awaitable<T> task) {
    std::future<T> started = start(context, std::move(task));
    return finish(context, started);
}

// Awaits `task` on a loop of its own. The loop goes on for as long as it has work: a thread that answers is
// not done with the loop when what it answered goes on.
template <class T>
T finish_alone(boost::asio::awaitable<T> task) {
    boost::asio::io_context context{1};
    std::future<T> started = start(context, std::move(task));
    context.run_for(patience);
    if (!is_over(started)) throw std::runtime_error("a task did not end in time");
    return started.get();
}

}  // namespace curfew::test
