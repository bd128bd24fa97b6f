// Notifications: taken in from the store's events and sent, on a thread that nobody else waits for.
#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "http/worker_pool.hpp"
#include "notify/courier.hpp"

namespace curfew::notify {

// Made, changed and destroyed on one thread, which it never holds up but when it stops. What it is given
// outlives it. Every node of a fleet has one: what one of them sends the others do not.
class Dispatcher {
public:
    // A notifier of the configuration, working; nullptr: it cannot be made, which has been logged.
    using Make = std::function<std::shared_ptr<Notifier>(const config::Notifier& settings)>;

    explicit Dispatcher(CourierParts parts);
    // As stop().
    ~Dispatcher();
    Dispatcher(const Dispatcher&) = delete;
    Dispatcher& operator=(const Dispatcher&) = delete;

    // These notify from now on. One that is as it was goes on undisturbed; one that is gone, or has changed,
    // finishes what it is sending.
    void use(const std::vector<config::Notifier>& notifiers, const Make& make);
    // Breaks off what is being sent; the next node to start sends it. Returns when nothing is under way any
    // more, which a store that does not answer delays by no more than it takes to say so.
    void stop();

    // For what blocks, such as asking a server.
    http::WorkerPool& pool() noexcept { return *pool_; }
    // The thread's.
    boost::asio::any_io_executor executor() { return context_.get_executor(); }

private:
    Awaitable<void> keep_house(Alarm& alarm);
    Awaitable<Result<bool>> remove_old();
    void wake_all();

    const CourierParts parts_;
    boost::asio::io_context context_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_;
    std::unique_ptr<http::WorkerPool> pool_;
    std::vector<std::shared_ptr<Courier>> couriers_;  // the thread's
    Alarm house_alarm_;
    bool stopping_ = false;             // the thread's
    std::atomic<bool> waking_ = false;  // somebody has posted it already
    store::EventStore::WatchNumber watch_ = 0;
    std::vector<config::Notifier> used_;
    std::thread thread_;
};

}  // namespace curfew::notify
