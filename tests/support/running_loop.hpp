// Coroutines in a test: each awaited to its end.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <utility>

#include "support/awaiting.hpp"

namespace curfew::test {

// Runs `task`, and whatever else there is to do, on `loop`, this thread, and gives what it returns.
template <class T>
T await_on(boost::asio::io_context& loop, boost::asio::awaitable<T> task) {
    auto outcome = start(loop, std::move(task));
    loop.restart();
    loop.run();
    return outcome.get();
}

// The same on a loop of its own.
template <class T>
T await(boost::asio::awaitable<T> task) {
    boost::asio::io_context loop;
    return await_on(loop, std::move(task));
}

}  // namespace curfew::test
