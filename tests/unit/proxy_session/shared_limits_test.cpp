// What sessions share: a thread's buffers, a node's places.
#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <set>
#include <thread>
#include <vector>

#include "proxy/buffer_pool.hpp"
#include "proxy/node_context.hpp"

namespace curfew::test {
namespace {

using proxy::BufferPool;
using proxy::Place;

TEST(ABufferPool, GivesBuffersThatAreApart) {
    BufferPool pool;
    const BufferPool::Lease first = pool.lease();
    const BufferPool::Lease second = pool.lease();
    EXPECT_EQ(first.bytes().size(), BufferPool::buffer_size);
    std::ranges::fill(first.bytes(), 'a');
    std::ranges::fill(second.bytes(), 'b');
    EXPECT_EQ(std::ranges::count(first.bytes(), 'a'), static_cast<long>(BufferPool::buffer_size));
}

TEST(ABufferPool, GivesABufferAgainOnceItIsBack) {
    BufferPool pool;
    const char* buffer = nullptr;
    {
        const BufferPool::Lease lease = pool.lease();
        buffer = lease.bytes().data();
    }
    EXPECT_EQ(pool.lease().bytes().data(), buffer);
}

TEST(ABufferPool, GetsABufferBackOnceHoweverOftenItsLeaseMoved) {
    BufferPool pool;
    {
        BufferPool::Lease first = pool.lease();
        const BufferPool::Lease second{std::move(first)};
        const BufferPool::Lease another = pool.lease();
        EXPECT_NE(second.bytes().data(), another.bytes().data());
    }
    const BufferPool::Lease a = pool.lease();
    const BufferPool::Lease b = pool.lease();
    EXPECT_NE(a.bytes().data(), b.bytes().data());
}

TEST(ABufferPool, GivesAsManyAsABurstNeeds) {
    BufferPool pool;
    for (int burst = 0; burst < 2; ++burst) {
        std::vector<BufferPool::Lease> leases;
        std::set<const char*> buffers;
        for (int i = 0; i < 200; ++i) {
            leases.push_back(pool.lease());
            buffers.insert(leases.back().bytes().data());
        }
        EXPECT_EQ(buffers.size(), 200U);
    }
}

TEST(APlace, IsGivenUpToTheLimit) {
    std::atomic<std::uint32_t> taken{0};
    const Place first{taken, 2};
    const Place second{taken, 2};
    const Place third{taken, 2};
    EXPECT_TRUE(first);
    EXPECT_TRUE(second);
    EXPECT_FALSE(third);
    EXPECT_EQ(taken, 2U);
}

TEST(APlace, IsGivenToNobodyWhereTheLimitIsNone) {
    std::atomic<std::uint32_t> taken{0};
    EXPECT_FALSE((Place{taken, 0}));
    EXPECT_EQ(taken, 0U);
}

// As after a reload.
TEST(APlace, IsGivenToNobodyWhereTheLimitIsLowerThanWhatIsTaken) {
    std::atomic<std::uint32_t> taken{0};
    const Place first{taken, 2};
    Place second{taken, 2};
    EXPECT_FALSE((Place{taken, 1}));
    second.release();
    EXPECT_FALSE((Place{taken, 1}));
    EXPECT_TRUE((Place{taken, 2}));
}

TEST(APlace, IsGivenBackOnce) {
    std::atomic<std::uint32_t> taken{0};
    {
        Place place{taken, 1};
        Place moved{std::move(place)};
        EXPECT_TRUE(moved);
        moved.release();
        moved.release();
        EXPECT_EQ(taken, 0U);
        moved = Place{taken, 1};
        EXPECT_EQ(taken, 1U);
        moved = Place{taken, 2};  // the old one goes when the new one is there
        EXPECT_EQ(taken, 1U);
    }
    EXPECT_EQ(taken, 0U);
}

TEST(APlace, IsGivenToNoMoreThanTheLimitHoweverManyThreadsAsk) {
    constexpr unsigned limit = 5;
    constexpr int threads = 8;
    std::atomic<std::uint32_t> taken{0};
    std::atomic<unsigned> inside{0};
    std::atomic<unsigned> most{0};
    std::atomic<unsigned> given{0};
    std::barrier together{threads};
    const auto contend = [&] {
        together.arrive_and_wait();
        for (int i = 0; i < 20'000; ++i) {
            const Place place{taken, limit};
            if (!place) continue;
            ++given;
            const unsigned now = ++inside;
            unsigned before = most;
            while (now > before && !most.compare_exchange_weak(before, now)) {
            }
            --inside;
        }
    };
    std::vector<std::thread> running;
    for (int i = 0; i < threads; ++i)
        running.emplace_back(contend);
    for (std::thread& thread : running)
        thread.join();
    EXPECT_LE(most, limit);
    EXPECT_GT(given, 0U);
    EXPECT_EQ(taken, 0U);
}

}  // namespace
}  // namespace curfew::test
