// The order in which many sessions that end at once do so.
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <mutex>
#include <set>

#include "base/clock.hpp"

namespace curfew::proxy {

class ClientsFirst;

// The clients of a whole node that still have to be told that their sessions are over. Thread-safe.
class UntoldClients {
public:
    void expect() noexcept { count_.fetch_add(1, std::memory_order_relaxed); }
    std::size_t count() const noexcept { return count_.load(std::memory_order_acquire); }
    // Where that was the last one, all who wait go on.
    void told();

private:
    friend class ClientsFirst;

    std::atomic<std::size_t> count_{0};
    std::mutex mutex_;
    std::set<ClientsFirst*> threads_;
};

// Every client is told before the first backend is ended, whichever thread it belongs to: hundreds of
// processes that exit would keep this one from telling the rest. One for each thread, and used by that alone.
class ClientsFirst {
public:
    // `untold` outlives it.
    ClientsFirst(const boost::asio::any_io_executor& executor, UntoldClients& untold);
    ~ClientsFirst();
    ClientsFirst(const ClientsFirst&) = delete;
    ClientsFirst& operator=(const ClientsFirst&) = delete;

    // A client will have to be told that its session is over.
    void expect() noexcept { untold_.expect(); }
    // It was, or has gone.
    void told() { untold_.told(); }

    // Returns when all were told, and after `at_most` even if a client does not take its last words.
    boost::asio::awaitable<void> all_told(Duration at_most);

private:
    friend class UntoldClients;

    UntoldClients& untold_;
    boost::asio::steady_timer timer_;
    std::size_t waiting_ = 0;
};

}  // namespace curfew::proxy
