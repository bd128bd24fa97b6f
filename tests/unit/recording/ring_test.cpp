#include "recording/ring.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "recording/doorbell.hpp"

namespace curfew::recording {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::size_t everything = std::size_t{1} << 30U;

std::vector<std::string> take_all(Ring& ring) {
    std::vector<std::string> taken;
    ring.drain(everything, [&](const Record& record) { taken.emplace_back(record.bytes); });
    return taken;
}

TEST(Ring, GivesRecordsInTheirOrderWithWhatTheySay) {
    Ring ring{4096, [] {}};
    RecordHead head;
    head.at = BootInstant{5s};
    head.slot = 7;
    head.body_length = 300;
    head.offset = 40;
    head.type = 'Q';
    ring.push(head, "select");
    head.slot = 8;
    ring.push(head, "");
    ring.commit();
    std::vector<RecordHead> heads;
    std::vector<std::string> bytes;
    ring.drain(everything, [&](const Record& record) {
        heads.push_back(record.head);
        bytes.emplace_back(record.bytes);
    });
    ASSERT_EQ(heads.size(), 2U);
    EXPECT_EQ(heads[0].slot, 7U);
    EXPECT_EQ(heads[0].type, 'Q');
    EXPECT_EQ(heads[0].body_length, 300U);
    EXPECT_EQ(heads[0].offset, 40U);
    EXPECT_EQ(heads[0].at, BootInstant{5s});
    EXPECT_EQ(heads[1].slot, 8U);
    EXPECT_THAT(bytes, ElementsAre("select", ""));
}

TEST(Ring, ShowsNothingBeforeItIsCommitted) {
    Ring ring{4096, [] {}};
    ring.push({}, "half a chunk");
    EXPECT_THAT(take_all(ring), IsEmpty());
    EXPECT_TRUE(ring.empty());
    ring.commit();
    EXPECT_FALSE(ring.empty());
    EXPECT_THAT(take_all(ring), ElementsAre("half a chunk"));
}

TEST(Ring, HasRoomForItsWholeCapacity) {
    const std::size_t room = Ring::room_for(10);
    Ring ring{3 * room, [] {}};
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(ring.has_room(room));
        ring.push({}, "0123456789");
    }
    EXPECT_FALSE(ring.has_room(1));
}

TEST(Ring, CarriesARecordOverItsEnd) {
    Ring ring{3 * Ring::room_for(10) + 7, [] {}};
    for (int i = 0; i < 100; ++i) {
        const std::string bytes = "record " + std::to_string(100 + i);
        ASSERT_TRUE(ring.has_room(Ring::room_for(bytes.size())));
        ring.push({}, bytes);
        ring.commit();
        EXPECT_THAT(take_all(ring), ElementsAre(bytes));
    }
}

TEST(Ring, SaysOnceWhenThereIsRoomAgain) {
    int told = 0;
    Ring ring{2 * Ring::room_for(10), [&] { ++told; }};
    ring.push({}, "0123456789");
    ring.push({}, "0123456789");
    ring.commit();
    ASSERT_FALSE(ring.wait_for_room(Ring::room_for(10)));
    take_all(ring);
    EXPECT_EQ(told, 1);
    EXPECT_TRUE(ring.wait_for_room(Ring::room_for(10)));
    ring.push({}, "0123456789");
    ring.commit();
    take_all(ring);
    EXPECT_EQ(told, 1);
}

TEST(Ring, TakesNoMoreThanAskedFor) {
    Ring ring{4096, [] {}};
    for (int i = 0; i < 5; ++i)
        ring.push({}, "x");
    ring.commit();
    int taken = 0;
    EXPECT_EQ(ring.drain(1, [&](const Record&) { ++taken; }), Ring::room_for(1));
    EXPECT_EQ(taken, 1);
    EXPECT_EQ(take_all(ring).size(), 4U);
}

// A small ring, so that either side waits for the other all the time.
TEST(Ring, LosesNothingBetweenTwoThreads) {
    constexpr std::uint32_t records = 200'000;
    Doorbell room;
    Doorbell bell;
    Ring ring{1024, [&] { room.ring(); }};
    std::thread consumer{[&] {
        std::uint32_t next = 0;
        while (next < records) {
            const std::size_t taken = ring.drain(everything, [&](const Record& record) {
                EXPECT_EQ(record.head.slot, next);
                EXPECT_EQ(record.bytes, std::string(next % 90, static_cast<char>('a' + next % 26)));
                ++next;
            });
            if (taken == 0) bell.sleep(10s, [&] { return ring.empty(); });
        }
    }};
    for (std::uint32_t i = 0; i < records; ++i) {
        const std::string bytes(i % 90, static_cast<char>('a' + i % 26));
        const std::size_t needed = Ring::room_for(bytes.size());
        while (!ring.wait_for_room(needed))
            room.sleep(10s, [&] { return !ring.has_room(needed); });
        RecordHead head;
        head.slot = i;
        ring.push(head, bytes);
        ring.commit();
        bell.ring();
    }
    consumer.join();
}

TEST(Doorbell, WakesWhoSleeps) {
    Doorbell bell;
    std::atomic<bool> work{false};
    std::thread sleeper{[&] {
        while (!work.load())
            bell.sleep(60s, [&] { return !work.load(); });
    }};
    work.store(true);
    bell.ring();
    sleeper.join();
}

TEST(Doorbell, LetsNobodySleepWhoHasSomethingToDo) {
    Doorbell bell;
    bell.sleep(60s, [] { return false; });
}

TEST(Doorbell, LetsNobodyDozeThroughAHardRing) {
    Doorbell bell;
    std::atomic<bool> urgent{false};
    std::thread dozing{[&] {
        while (!urgent.load())
            bell.doze(60s, [&] { return !urgent.load(); });
    }};
    bell.ring();
    urgent.store(true);
    bell.ring_hard();
    dozing.join();
}

TEST(Doorbell, EndsASleepAtItsLimit) {
    Doorbell bell;
    bell.sleep(1ms, [] { return true; });
}

}  // namespace
}  // namespace curfew::recording
