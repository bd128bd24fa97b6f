// An event loop that the test itself runs: nothing happens but while it is asked to.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <future>
#include <stdexcept>
#include <utility>

#include "support/awaiting.hpp"
#include "support/timing.hpp"

namespace curfew::test {

class Loop {
public:
    boost::asio::any_io_executor executor() { return context_.get_executor(); }

    // Begins `task`; it goes on whenever the loop runs. `slot`: may cancel it.
    template <class T>
    std::future<T> start(boost::asio::awaitable<T> task, boost::asio::cancellation_slot slot = {}) {
        return test::start(context_, std::move(task), slot);
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

private:
    boost::asio::io_context context_{1};
};

}  // namespace curfew::test
