// An event loop that the test itself runs: nothing happens but while it is asked to.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <stdexcept>
#include <utility>

#include "support/timing.hpp"

namespace curfew::test {

class Loop {
public:
    boost::asio::any_io_executor executor() { return context_.get_executor(); }

    // Begins `task`; it goes on whenever the loop runs.
    template <class T>
    std::future<T> start(boost::asio::awaitable<T> task) {
        return boost::asio::co_spawn(context_, std::move(task), boost::asio::use_future);
    }

    // Runs the loop until the task is over, and gives what it gave. Throws if that takes longer than
    // `patience`.
    template <class T>
    T finish(std::future<T>& task) {
        const Instant deadline = now() + patience;
        while (!is_over(task)) {
            context_.restart();
            context_.run_one_until(deadline);
            if (now() >= deadline) throw std::runtime_error("the task did not end in time");
        }
        return task.get();
    }

    template <class T>
    T run(boost::asio::awaitable<T> task) {
        std::future<T> started = start(std::move(task));
        return finish(started);
    }

    // Runs whatever can go on without waiting.
    void settle() {
        context_.restart();
        context_.poll();
    }

    template <class T>
    static bool is_over(const std::future<T>& task) {
        return task.wait_for(std::chrono::seconds{0}) == std::future_status::ready;
    }

private:
    boost::asio::io_context context_{1};
};

}  // namespace curfew::test
