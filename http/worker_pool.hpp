// A few threads for work that would hold up others: hashing passwords, talking to a sign-in provider.
#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace curfew::http {

template <class T>
using Awaitable = boost::asio::awaitable<T>;

// Bounded in threads and in what waits for them, so that no flood of work takes memory without end or makes
// people wait for what they gave up on long ago. The executor that awaits must live until it is answered:
// stop the pool before the loops that await it.
class WorkerPool {
public:
    struct Options {
        std::string name;  // of the threads, 15 bytes at most
        unsigned threads = 1;
        std::size_t most_waiting = 32;
        int niceness = 0;      // above 0: gives way to the rest of the process
        std::string too_busy;  // what to tell people when there is no room for their work
    };

    explicit WorkerPool(Options options);
    // Waits for what runs; what waits is not done, and answered `unavailable`.
    ~WorkerPool();
    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;

    // Runs `work()`, which gives a Result<T>, on one of the threads and resumes on the caller's executor.
    // unavailable: no room. internal: it threw. Cancellation does not reach it. Give `work` by name: g++ 12
    // destroys a temporary lambda of a co_await expression twice.
    template <class T, class Work>
    Awaitable<Result<T>> run(Work work) {
        auto start = [this, task = std::move(work)](auto handler) mutable {
            using Awaited = AwaitedJob<T, Work, decltype(handler)>;
            add(std::make_unique<Awaited>(std::move(task), std::move(handler)));
        };
        co_return co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void(Result<T>)>(
            std::move(start), boost::asio::use_awaitable);
    }

private:
    class Job {
    public:
        Job() = default;
        virtual ~Job() = default;
        Job(const Job&) = delete;
        Job& operator=(const Job&) = delete;
        virtual void perform() = 0;
        virtual void fail(Error error) = 0;
        // Gives the outcome to who awaits it. The last call.
        virtual void answer() = 0;
    };

    template <class T, class Work, class Handler>
    class AwaitedJob final : public Job {
    public:
        AwaitedJob(Work work, Handler handler)
            : work_{std::move(work)},
              guard_{boost::asio::make_work_guard(handler)},
              handler_{std::move(handler)} {}

        void perform() override { outcome_.emplace(work_()); }
        void fail(Error error) override { outcome_.emplace(std::move(error)); }
        void answer() override {
            auto call = [handler = std::move(handler_), outcome = std::move(*outcome_)]() mutable {
                std::move(handler)(std::move(outcome));
            };
            boost::asio::post(guard_.get_executor(), std::move(call));
            guard_.reset();
        }

    private:
        Work work_;
        // The asker's executor has work until it is answered.
        boost::asio::executor_work_guard<boost::asio::associated_executor_t<Handler>> guard_;
        Handler handler_;
        std::optional<Result<T>> outcome_;
    };

    void add(std::unique_ptr<Job> job);
    void work();
    // nullptr once the pool is being stopped.
    std::unique_ptr<Job> next();
    static void perform(Job& job);

    const Options options_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::unique_ptr<Job>> waiting_;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace curfew::http
