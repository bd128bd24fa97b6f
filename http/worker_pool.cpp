#include "http/worker_pool.hpp"

#include <pthread.h>
#include <sys/resource.h>

namespace curfew::http {

WorkerPool::WorkerPool(Options options) : options_{std::move(options)} {
    for (unsigned i = 0; i < options_.threads; ++i)
        threads_.emplace_back([this] { work(); });
}

WorkerPool::~WorkerPool() {
    std::deque<std::unique_ptr<Job>> left;
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
        left.swap(waiting_);
    }
    changed_.notify_all();
    for (const auto& job : left) {
        job->fail({ErrorCode::unavailable, "this node is being stopped; try again on another, or later"});
        job->answer();
    }
    for (std::thread& thread : threads_)
        thread.join();
}

void WorkerPool::add(std::unique_ptr<Job> job) {
    {
        const std::lock_guard lock{mutex_};
        if (!stopping_ && waiting_.size() < options_.most_waiting) {
            waiting_.push_back(std::move(job));
            changed_.notify_one();
            return;
        }
    }
    job->fail({ErrorCode::unavailable, options_.too_busy});
    job->answer();
}

std::unique_ptr<WorkerPool::Job> WorkerPool::next() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) return nullptr;
    auto job = std::move(waiting_.front());
    waiting_.pop_front();
    return job;
}

void WorkerPool::perform(Job& job) {
    try {
        job.perform();
    } catch (const std::exception& failure) {
        job.fail({ErrorCode::internal, failure.what()});
    }
}

void WorkerPool::work() {
    // Names are for people who look (`top -H`), niceness is a courtesy: neither is worth failing for.
    (void)::pthread_setname_np(::pthread_self(), options_.name.c_str());
    // On Linux a thread of its own, whatever POSIX says: setpriority(2), C library/kernel differences.
    (void)::setpriority(PRIO_PROCESS, 0, options_.niceness);
    while (const auto job = next()) {
        perform(*job);
        job->answer();
    }
}

}  // namespace curfew::http
