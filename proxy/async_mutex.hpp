// One at a time, among coroutines of one thread.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <list>
#include <optional>
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
        if (!std::exchange(held_, true)) co_return Hold{*this};
        Turn turn{*this};
        while (!turn.hold)
            co_await turn.come.wait();
        co_return std::move(*turn.hold);
    }

private:
    // A place in the queue, and what it is for once its turn has come. Whoever is called off, or destroyed
    // with its event loop, leaves the queue and lets go of what it was given.
    struct Turn {
        explicit Turn(AsyncMutex& mutex_) : mutex{mutex_}, come{mutex.executor_} {
            mutex.waiting_.push_back(this);
        }
        ~Turn() { mutex.waiting_.remove(this); }
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;

        AsyncMutex& mutex;
        Event come;
        std::optional<Hold> hold;
    };

    void pass_on() {
        if (waiting_.empty()) {
            held_ = false;
            return;
        }
        Turn* next = waiting_.front();
        waiting_.pop_front();
        next->hold.emplace(*this);  // from here on, before anybody else can ask
        next->come.notify();
    }

    boost::asio::any_io_executor executor_;
    bool held_ = false;
    std::list<Turn*> waiting_;
};

}  // namespace curfew::proxy
