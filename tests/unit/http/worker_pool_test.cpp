#include "http/worker_pool.hpp"

#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/resource.h>

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <future>
#include <stdexcept>
#include <string>
#include <thread>

#include "support/running_loop.hpp"

namespace curfew::http {
namespace {

using test::await;

using Outcome = Result<int>;

// A pool of one thread, and a job that keeps it busy until told.
class WorkerPoolTest : public testing::Test {
protected:
    ~WorkerPoolTest() override {
        if (!released_) release();
    }
    void keep_busy() {
        start([started = &started_, go = go_.get_future().share()]() -> Outcome {
            started->set_value();
            go.wait();
            return 0;
        });
        started_.get_future().wait();
    }
    void release() {
        released_ = true;
        go_.set_value();
    }
    template <class Work>
    void start(Work work) {
        auto keep = [this](const std::exception_ptr&, Outcome outcome) {
            outcomes_.push_back(std::move(outcome));
        };
        boost::asio::co_spawn(loop_, pool_->run<int>(std::move(work)), std::move(keep));
        loop_.poll();
    }
    void run_to_the_end() {
        loop_.restart();
        loop_.run();
    }

    std::promise<void> started_;
    std::promise<void> go_;
    bool released_ = false;
    boost::asio::io_context loop_;
    std::vector<Outcome> outcomes_;
    std::unique_ptr<WorkerPool> pool_ =
        std::make_unique<WorkerPool>(WorkerPool::Options{.name = "curfew-test",
                                                         .threads = 1,
                                                         .most_waiting = 2,
                                                         .niceness = 3,
                                                         .too_busy = "come back later"});
};

TEST_F(WorkerPoolTest, WorksElsewhereAndResumesHere) {
    const auto here = std::this_thread::get_id();
    std::thread::id worked_on;
    std::thread::id resumed_on;
    const auto ask = [&]() -> boost::asio::awaitable<Outcome> {
        auto work = [&]() -> Outcome {
            worked_on = std::this_thread::get_id();
            return 42;
        };
        auto outcome = co_await pool_->run<int>(std::move(work));
        resumed_on = std::this_thread::get_id();
        co_return outcome;
    };
    EXPECT_EQ(await(ask()).value(), 42);
    EXPECT_NE(worked_on, here);
    EXPECT_EQ(resumed_on, here);
}

TEST_F(WorkerPoolTest, NamesItsThreadsAndGivesWayToOthers) {
    std::array<char, 16> name{};
    int niceness = 0;
    auto work = [&]() -> Outcome {
        ::pthread_getname_np(::pthread_self(), name.data(), name.size());
        niceness = ::getpriority(PRIO_PROCESS, 0);
        return 0;
    };
    ASSERT_TRUE(await(pool_->run<int>(std::move(work))));
    EXPECT_STREQ(name.data(), "curfew-test");
    EXPECT_EQ(niceness, 3);
    EXPECT_EQ(::getpriority(PRIO_PROCESS, 0), 0) << "of its own threads alone";
}

TEST_F(WorkerPoolTest, RefusesWhatItHasNoRoomFor) {
    keep_busy();
    for (int i = 1; i <= 3; ++i)
        start([i]() -> Outcome { return i; });
    loop_.restart();
    loop_.poll();
    ASSERT_EQ(outcomes_.size(), 1U) << "answered at once, while the others wait";
    EXPECT_EQ(outcomes_[0].error().code, ErrorCode::unavailable);
    EXPECT_EQ(outcomes_[0].error().message, "come back later");
    release();
    run_to_the_end();
    ASSERT_EQ(outcomes_.size(), 4U);
    EXPECT_EQ(outcomes_[2].value(), 1);
    EXPECT_EQ(outcomes_[3].value(), 2);
}

TEST_F(WorkerPoolTest, TurnsAnExceptionIntoAnError) {
    auto work = []() -> Outcome { throw std::runtime_error("no memory"); };
    const auto outcome = await(pool_->run<int>(std::move(work)));
    EXPECT_EQ(outcome.error().code, ErrorCode::internal);
    EXPECT_EQ(outcome.error().message, "no memory");
    auto next = []() -> Outcome { return 1; };
    EXPECT_EQ(await(pool_->run<int>(std::move(next))).value(), 1) << "its thread goes on";
}

TEST_F(WorkerPoolTest, AnswersWhatWaitsWhenItIsStopped) {
    keep_busy();
    start([]() -> Outcome { return 1; });
    auto stopping = std::async(std::launch::async, [this] { pool_.reset(); });
    loop_.restart();
    loop_.run_one();
    ASSERT_EQ(outcomes_.size(), 1U);
    EXPECT_EQ(outcomes_[0].error().code, ErrorCode::unavailable);
    release();
    stopping.get();
    run_to_the_end();
    ASSERT_EQ(outcomes_.size(), 2U);
    EXPECT_EQ(outcomes_[1].value(), 0) << "what ran was waited for";
}

}  // namespace
}  // namespace curfew::http
