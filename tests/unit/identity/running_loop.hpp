// Coroutines in a test: each awaited to its end.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>
#include <utility>

namespace curfew::identity {

// Runs `task` on `loop`, this thread, and gives what it returns.
template <class T>
T await_on(boost::asio::io_context& loop, boost::asio::awaitable<T> task) {
    std::optional<T> outcome;
    boost::asio::co_spawn(loop, std::move(task), [&outcome](const std::exception_ptr& failure, T value) {
        if (failure) std::rethrow_exception(failure);
        outcome.emplace(std::move(value));
    });
    loop.restart();
    loop.run();
    return std::move(outcome.value());
}

// The same on a loop of its own. T needs a default constructor for co_spawn; a Result has one if what it
// holds has one.
template <class T>
T await(boost::asio::awaitable<T> task) {
    boost::asio::io_context loop;
    return await_on(loop, std::move(task));
}

}  // namespace curfew::identity
