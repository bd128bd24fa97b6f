// One at a time, among coroutines of one thread.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <list>
#include <utility>

#include "proxy/event.hpp"

namespace curfew::proxy {

// Belongs to its executor's thread. First come, first served.
class AsyncMutex {
public:
    explicit AsyncMutex(boost::asio::any_io_executor executor) : executor_{std::move(executor)} {}

    // Held for as long as it lives.
    class Hold {
    public:
        explicit Hold(AsyncMutex& mutex) : mutex_{&mutex} {}
        Hold(Hold&& other) noexcept : mutex_{std::exchange(other.mutex_, nullptr)} {}
        Hold& operator=(Hold&&) = delete;
        ~Hold() {
            if (mutex_ != nullptr) mutex_->pass_on();
        }

    private:
        AsyncMutex* mutex_;
    };

    boost::asio::awaitable<Hold> hold() {
        if (held_) {
            Event turn{executor_};
            waiting_.push_back(&turn);
            co_await turn.wait();
        }
        held_ = true;
        co_return Hold{*this};
    }

private:
    void pass_on() {
        if (waiting_.empty()) {
            held_ = false;
            return;
        }
        Event* next = waiting_.front();  // held by it from here on, before anybody else can ask
        waiting_.pop_front();
        next->notify();
    }

    boost::asio::any_io_executor executor_;
    bool held_ = false;
    std::list<Event*> waiting_;
};

}  // namespace curfew::proxy
