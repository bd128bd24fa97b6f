// A session is not ahead of its recording: what cannot be taken down is not passed on.
#include "proxy/tape.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <memory>
#include <string>
#include <vector>

#include "metrics/metrics.hpp"
#include "recording/live_watch.hpp"
#include "recording/storage.hpp"
#include "support/awaiting.hpp"
#include "support/wire_format.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using proxy::Tape;
using recording::Record;
using recording::RecordKind;

// No session is begun in it.
class NoStorage final : public recording::RecordingStorage {
public:
    using File = std::unique_ptr<recording::RecordingFile>;
    using Source = std::unique_ptr<recording::RecordingSource>;
    Result<File> create(const recording::RecordingKey&) override { return none(); }
    Result<Source> open(const recording::RecordingKey&) override { return none(); }
    Result<std::vector<recording::StoredRecording>> list() override { return none(); }
    Result<void> remove(const recording::RecordingKey&) override { return none(); }

private:
    static Error none() { return {ErrorCode::unavailable, "there is no storage"}; }
};

class TapeOfASession : public testing::Test {
protected:
    // A ring that takes so many bytes, and a tape that gives up on it after `max_wait`.
    Tape& tape_with(std::size_t ring_bytes, Duration max_wait = 1h,
                    config::OnRecordingFailure on_failure = config::OnRecordingFailure::end) {
        ring = std::make_unique<recording::Ring>(ring_bytes, [this] { waiting.told(); });
        config::Recordings settings;
        settings.on_failure = on_failure;
        settings.max_wait = max_wait;
        Tape::Options options;
        options.slot = 7;
        options.rules = proxy::RecordingRules::make(settings).value();
        options.failed = [this] {
            ++failures;
            tape->interrupt();
        };
        const proxy::RecordingRoom room{scribe, *ring, waiting, metrics.recording()};
        tape = std::make_unique<Tape>(room, clock, loop.get_executor(), std::move(options));
        return *tape;
    }

    // What is in the ring, as text: types and bodies of pieces.
    std::vector<std::string> drain() {
        std::vector<std::string> taken;
        ring->drain(ring->capacity(), [&](const Record& record) {
            EXPECT_EQ(record.head.slot, 7U);
            switch (static_cast<RecordKind>(record.head.kind)) {
                case RecordKind::piece:
                    taken.push_back(record.head.type + std::string{record.bytes.substr(0, 8)});
                    break;
                case RecordKind::count:
                    taken.push_back(record.head.type + std::string{" counted"});
                    break;
                case RecordKind::gap:
                    taken.emplace_back("gap");
                    break;
                case RecordKind::said:
                    taken.emplace_back("said");
                    break;
                case RecordKind::cancel:
                    taken.emplace_back("cancel");
            }
        });
        return taken;
    }
    void run_what_is_ready() {
        loop.restart();
        loop.poll();
    }

    SystemClock clock;
    metrics::Metrics metrics{"test", ""};
    NoStorage storage;
    recording::LiveWatch live;
    recording::Scribe scribe{{storage, live, clock, metrics.recording()}};
    boost::asio::io_context loop;
    proxy::RoomQueue waiting;
    std::unique_ptr<recording::Ring> ring;
    std::unique_ptr<Tape> tape;
    int failures = 0;
};

TEST_F(TapeOfASession, HandsOverMessagesInTheOrderInWhichTheyCame) {
    Tape& all = tape_with(4096);
    EXPECT_TRUE(all.take_from_client(wire::query("SELECT 1")));
    EXPECT_TRUE(all.take_from_server(wire::message('Z', "I")));
    all.cancel_asked();
    all.said(wire::message('N', "VNOTICE"));
    EXPECT_THAT(drain(), testing::ElementsAre("QSELECT 1", "ZI", "cancel", "said"));
}

TEST_F(TapeOfASession, HandsOverWhatIsOnlyCountedAtTheEnd) {
    Tape& all = tape_with(4096);
    EXPECT_TRUE(all.take_from_client(wire::copy_data("a row\n") + wire::copy_data("another\n")));
    EXPECT_THAT(drain(), testing::IsEmpty());
    all.finish();
    EXPECT_THAT(drain(), testing::ElementsAre("d counted"));
}

TEST_F(TapeOfASession, WaitsUntilThereIsRoomForTheRest) {
    Tape& little = tape_with(recording::Ring::room_for(10));
    const std::string bytes = wire::query("SELECT 1") + wire::query("SELECT 2");
    ASSERT_FALSE(little.take_from_client(bytes));
    auto all = start(loop, little.all_from_client());
    run_what_is_ready();
    EXPECT_FALSE(is_over(all));
    EXPECT_THAT(drain(), testing::ElementsAre("QSELECT 1"));
    run_what_is_ready();
    ASSERT_TRUE(is_over(all));
    EXPECT_TRUE(all.get());
    EXPECT_THAT(drain(), testing::ElementsAre("QSELECT 2"));
}

TEST_F(TapeOfASession, WaitsNoLongerThanTheSessionIsThere) {
    Tape& little = tape_with(recording::Ring::room_for(10));
    const std::string bytes = wire::query("SELECT 1") + wire::query("SELECT 2");
    ASSERT_FALSE(little.take_from_client(bytes));
    auto all = start(loop, little.all_from_client());
    run_what_is_ready();
    little.interrupt();
    run_what_is_ready();
    ASSERT_TRUE(is_over(all));
    EXPECT_FALSE(all.get());
    EXPECT_EQ(failures, 0);
}

TEST_F(TapeOfASession, HasFailedWhereThereIsNoRoomForTooLong) {
    Tape& little = tape_with(recording::Ring::room_for(10), 1ms);
    const std::string bytes = wire::query("SELECT 1") + wire::query("SELECT 2");
    ASSERT_FALSE(little.take_from_client(bytes));
    auto all = start(loop, little.all_from_client());
    loop.run();
    ASSERT_TRUE(is_over(all));
    EXPECT_FALSE(all.get());
    EXPECT_EQ(failures, 1);
}

TEST_F(TapeOfASession, LeavesAGapWhereItMayContinue) {
    // Room for three records; the first of them is in the way for long.
    Tape& little = tape_with(3 * recording::Ring::room_for(16), 1ms, config::OnRecordingFailure::continue_);
    std::string bytes;
    for (const char* number : {"1", "2", "3", "4", "5", "6"})
        bytes += wire::query(std::string{"SELECT "} + number);
    ASSERT_FALSE(little.take_from_client(bytes));
    auto all = start(loop, little.all_from_client());
    loop.run();
    ASSERT_TRUE(is_over(all));
    EXPECT_TRUE(all.get()) << "the session goes on";
    EXPECT_EQ(failures, 0);
    drain();
    EXPECT_TRUE(little.take_from_client(wire::query("SELECT 7")));
    EXPECT_THAT(drain(), testing::ElementsAre("gap", "QSELECT 7"));
}

}  // namespace
}  // namespace curfew::test
