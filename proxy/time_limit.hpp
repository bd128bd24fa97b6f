// A limit on how long something may take.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <utility>

namespace curfew::proxy {

using SteadyInstant = boost::asio::steady_timer::time_point;

// Calls `stop` if it lives until `deadline`. Belongs to the executor's one thread; `stop` may refer to what
// outlives this object.
class TimeLimit {
public:
    TimeLimit(const boost::asio::any_io_executor& executor, SteadyInstant deadline,
              std::function<void()> stop)
        : state_{std::make_shared<State>(executor, std::move(stop))} {
        state_->timer.expires_at(deadline);
        state_->timer.async_wait([state = state_](const boost::system::error_code&) {
            if (state->over) return;
            state->expired = true;
            state->stop();
        });
    }
    ~TimeLimit() {
        state_->over = true;
        state_->timer.cancel();
    }
    TimeLimit(const TimeLimit&) = delete;
    TimeLimit& operator=(const TimeLimit&) = delete;

    bool expired() const noexcept { return state_->expired; }

private:
    // The timer's handler may run after we are gone.
    struct State {
        State(const boost::asio::any_io_executor& executor, std::function<void()> stop_)
            : timer{executor}, stop{std::move(stop_)} {}

        boost::asio::steady_timer timer;
        std::function<void()> stop;
        bool over = false;
        bool expired = false;
    };
    std::shared_ptr<State> state_;
};

}  // namespace curfew::proxy
