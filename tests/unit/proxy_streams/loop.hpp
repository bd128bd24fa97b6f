// An event loop that the test itself runs: nothing happens but while it is asked to.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <future>
#include <memory>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "support/timing.hpp"

namespace curfew::test {

class Loop {
public:
    boost::asio::any_io_executor executor() { return context_.get_executor(); }

    // Begins `task`; it goes on whenever the loop runs. `slot`: may cancel it.
    template <class T>
    std::future<T> start(boost::asio::awaitable<T> task, boost::asio::cancellation_slot slot = {}) {
        auto promise = std::make_shared<std::promise<T>>();
        std::future<T> future = promise->get_future();
        boost::asio::co_spawn(context_, keep(std::move(promise), std::move(task)),
                              boost::asio::bind_cancellation_slot(slot, boost::asio::detached));
        return future;
    }

    // Runs the loop until the task is over, and gives what it gave. Throws if that takes longer than
    // `patience`.
    template <class T>
    T finish(std::future<T>& task) {
        const Instant deadline = now() + patience;
        while (!is_over(task)) {
            wait_once(deadline);
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

    // Runs one handler that need not wait; false if there is none.
    bool step() {
        context_.restart();
        return context_.poll_one() > 0;
    }

    // Runs one handler, at the latest until `deadline`.
    void wait_once(Instant deadline) {
        context_.restart();
        context_.run_one_until(deadline);
    }

    // Whether anything is still under way or waited for, once what need not wait has run.
    bool is_busy() {
        settle();
        return !context_.stopped();
    }

    template <class T>
    static bool is_over(const std::future<T>& task) {
        return task.wait_for(std::chrono::seconds{0}) == std::future_status::ready;
    }

private:
    template <class T>
    static boost::asio::awaitable<void> keep(std::shared_ptr<std::promise<T>> promise,
                                             boost::asio::awaitable<T> task) {
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

    boost::asio::io_context context_{1};
};

}  // namespace curfew::test
