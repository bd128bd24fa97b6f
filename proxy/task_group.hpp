// Coroutines that run side by side on one thread, and an owner that waits for all of them.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <cstddef>
#include <exception>
#include <memory>
#include <utility>

#include "proxy/event.hpp"

namespace curfew::proxy {

// Belongs to its executor's thread. The tasks may outlive the group; who owns what they use must join them.
class TaskGroup {
public:
    explicit TaskGroup(boost::asio::any_io_executor executor)
        : executor_{std::move(executor)}, state_{std::make_shared<State>(executor_)} {}

    void spawn(boost::asio::awaitable<void> task) {
        ++state_->running;
        boost::asio::co_spawn(executor_, std::move(task),
                              [state = state_](const std::exception_ptr& failure) {
                                  if (failure && !state->failure) state->failure = failure;
                                  if (--state->running == 0) state->idle.notify();
                              });
    }

    // Returns when every task has; throws what the first failing one threw.
    boost::asio::awaitable<void> join() {
        const auto state = state_;
        while (state->running > 0)
            co_await state->idle.wait();
        if (state->failure) std::rethrow_exception(std::exchange(state->failure, nullptr));
    }

    std::size_t running() const noexcept { return state_->running; }

private:
    struct State {
        explicit State(const boost::asio::any_io_executor& executor) : idle{executor} {}
        Event idle;
        std::size_t running = 0;
        std::exception_ptr failure;
    };

    boost::asio::any_io_executor executor_;
    std::shared_ptr<State> state_;
};

}  // namespace curfew::proxy
