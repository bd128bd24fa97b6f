// The recording thread: what it is handed stands in the files, and whoever has to know is told where it does
// not.
#include "recording/scribe.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "memory_storage.hpp"
#include "metrics/metrics.hpp"
#include "recording/reader.hpp"

namespace curfew::recording {
namespace {

using namespace std::chrono_literals;
using config::OnRecordingFailure;

class Scribing : public testing::Test {
protected:
    static std::string message(char type, std::string body) {
        const auto length = static_cast<std::uint32_t>(body.size() + 4);
        std::string bytes{type};
        for (const unsigned shift : {24U, 16U, 8U, 0U})
            bytes.push_back(static_cast<char>(length >> shift));
        return bytes + body;
    }

    Result<Scribe::Slot> begin(const SessionId& of, OnRecordingFailure on_failure = OnRecordingFailure::end) {
        auto answer = std::make_shared<std::promise<Result<Scribe::Slot>>>();
        Scribe::Opening opening;
        opening.what.started.session = of;
        opening.what.started.at = clock.wall_now();
        opening.what.at = clock.boot_now();
        opening.what.redactor = std::make_shared<const Redactor>();
        opening.on_failure = on_failure;
        opening.begun = [answer](Result<Scribe::Slot> slot) { answer->set_value(std::move(slot)); };
        opening.failed = [this] { failed.set_value(); };
        scribe.begin(std::move(opening));
        return answer->get_future().get();
    }

    Finished finish(Scribe::Slot slot) { return finish_later(slot).get(); }
    std::future<Finished> finish_later(Scribe::Slot slot) {
        auto answer = std::make_shared<std::promise<Finished>>();
        Scribe::Closing closing;
        closing.slot = slot;
        closing.at = clock.boot_now();
        closing.ended.cause = policy::EndCause::client_closed;
        closing.ended.at = clock.wall_now();
        closing.done = [answer](const Finished& finished) { answer->set_value(finished); };
        scribe.finish(std::move(closing));
        return answer->get_future();
    }

    // A whole message, as a tap that wants all of it would hand it on.
    void push(Ring& into, Scribe::Slot slot, Transcript::From from, char type, const std::string& body) {
        RecordHead head;
        head.at = clock.boot_now();
        head.slot = slot;
        head.body_length = head.wanted = static_cast<std::uint32_t>(body.size());
        head.kind = static_cast<std::uint8_t>(RecordKind::piece);
        head.direction = static_cast<std::uint8_t>(from);
        head.type = type;
        while (!into.wait_for_room(Ring::room_for(body.size())))
            room.sleep(10s, [&] { return !into.has_room(Ring::room_for(body.size())); });
        into.push(head, body);
        into.commit();
        scribe.bell().ring();
    }
    void query(Ring& into, Scribe::Slot slot, const std::string& sql) {
        push(into, slot, Transcript::From::client, 'Q', sql + '\0');
    }
    void answer(Ring& into, Scribe::Slot slot, const std::string& tag) {
        push(into, slot, Transcript::From::server, 'C', tag + '\0');
        push(into, slot, Transcript::From::server, 'Z', "I");
    }

    std::vector<Entry> entries_of(const SessionId& of) {
        RecordingReader reader{recording_of_bytes(storage.bytes_of(of))};
        std::vector<Entry> entries;
        for (;;) {
            auto next = reader.next();
            if (!next || !*next) return entries;
            entries.push_back(std::move(**next));
        }
    }

    template <class T>
    std::vector<T> contents(const SessionId& of) {
        std::vector<T> found;
        for (const Entry& entry : entries_of(of)) {
            if (const auto* content = std::get_if<T>(&entry.content)) found.push_back(*content);
        }
        return found;
    }

    SystemClock clock;
    metrics::Metrics metrics{"test", ""};
    MemoryStorage storage;
    LiveWatch live;
    Doorbell room;
    std::promise<void> failed;
    Scribe scribe{{storage, live, clock, metrics.recording()}};
    Ring& ring = scribe.add_ring([this] { room.ring(); });
    const SessionId session = SessionId::generate();
};

TEST_F(Scribing, HasTheStartInTheFileBeforeItSaysSo) {
    ASSERT_TRUE(begin(session));
    const auto entries = entries_of(session);
    ASSERT_EQ(entries.size(), 1U);
    EXPECT_EQ(std::get<entry::Started>(entries[0].content).session, session);
}

TEST_F(Scribing, WritesAllThatWasPushedBeforeTheEnd) {
    const auto slot = begin(session);
    ASSERT_TRUE(slot);
    query(ring, *slot, "SELECT 1");
    answer(ring, *slot, "SELECT 1");
    query(ring, *slot, "DROP TABLE t");
    const Finished finished = finish(*slot);
    EXPECT_EQ(finished.last_statement, "DROP TABLE t");
    EXPECT_EQ(finished.bytes, storage.bytes_of(session).size());
    EXPECT_TRUE(storage.is_closed(session));
    const auto asked = contents<entry::Query>(session);
    ASSERT_EQ(asked.size(), 2U);
    EXPECT_EQ(asked[1].sql, "DROP TABLE t");
    const auto verified = verify(recording_of_bytes(storage.bytes_of(session)));
    ASSERT_TRUE(verified);
    EXPECT_EQ(verified->integrity.condition, Condition::complete);
    EXPECT_EQ(verified->hash, finished.hash);
    ASSERT_TRUE(verified->ended);
    EXPECT_EQ(verified->ended->last_statement, "DROP TABLE t");
}

TEST_F(Scribing, KeepsSessionsApart) {
    const SessionId other = SessionId::generate();
    const auto one = begin(session);
    const auto two = begin(other);
    ASSERT_TRUE(one && two);
    query(ring, *one, "SELECT 1");
    query(ring, *two, "SELECT 2");
    finish(*one);
    finish(*two);
    EXPECT_EQ(contents<entry::Query>(session).at(0).sql, "SELECT 1");
    EXPECT_EQ(contents<entry::Query>(other).at(0).sql, "SELECT 2");
}

// The disk may take long over each end, and a relay does not wait for ever.
TEST_F(Scribing, TakesWhatIsRelayedWhileTheDiskIsBusyWithTheEndsOfOthers) {
    const auto first = begin(session);
    const auto second = begin(SessionId::generate());
    ASSERT_TRUE(first && second);
    std::promise<void> disk;
    storage.while_closing([is_ready = disk.get_future().share()] { is_ready.wait(); });
    std::future<Finished> first_end = finish_later(*first);
    std::future<Finished> second_end = finish_later(*second);
    EXPECT_TRUE(begin(SessionId::generate())) << "others can come in";

    const std::string bytes(60'000, 'x');
    const std::size_t needed = Ring::room_for(bytes.size());
    RecordHead of_nobody;
    of_nobody.slot = 1000;
    for (; ring.has_room(needed); ring.commit())
        ring.push(of_nobody, bytes);
    while (!ring.wait_for_room(needed)) {
        scribe.bell().ring_hard();
        room.sleep(10s, [&] { return !ring.has_room(needed); });
    }
    EXPECT_FALSE(storage.is_closed(session));
    disk.set_value();
    EXPECT_TRUE(first_end.get().hash);
    EXPECT_TRUE(second_end.get().hash);
}

TEST_F(Scribing, GivesASlotAgainOnceItIsFree) {
    const auto first = begin(session);
    ASSERT_TRUE(first);
    finish(*first);
    const SessionId other = SessionId::generate();
    const auto second = begin(other);
    ASSERT_TRUE(second);
    EXPECT_EQ(*second, *first);
    query(ring, *second, "SELECT 2");
    finish(*second);
    EXPECT_EQ(contents<entry::Query>(other).size(), 1U);
    EXPECT_TRUE(contents<entry::Query>(session).empty());
}

TEST_F(Scribing, RefusesToBeginWhatCannotBeWritten) {
    storage.fill_up(true);
    const auto slot = begin(session);
    ASSERT_FALSE(slot);
    EXPECT_EQ(slot.error().message, "the disk is full");
    EXPECT_FALSE(storage.has(session)) << "nothing is left of it";
    storage.fill_up(false);
    EXPECT_TRUE(begin(SessionId::generate())) << "it can be again";
}

TEST_F(Scribing, TellsASessionThatItCannotBeWrittenAnyMore) {
    const auto slot = begin(session);
    ASSERT_TRUE(slot);
    storage.fill_up(true);
    query(ring, *slot, "SELECT 1");
    failed.get_future().wait();
    EXPECT_FALSE(finish(*slot).hash);
    EXPECT_FALSE(storage.is_closed(session));
}

TEST_F(Scribing, LeavesAGapWhereASessionMayGoOn) {
    storage.fill_up(true);
    const auto slot = begin(session, OnRecordingFailure::continue_);
    ASSERT_TRUE(slot);
    query(ring, *slot, "SELECT 1");
    answer(ring, *slot, "SELECT 1");
    storage.fill_up(false);
    const Finished finished = finish(*slot);
    EXPECT_TRUE(finished.hash) << "it could be brought to its end";
    EXPECT_EQ(contents<entry::Started>(session).size(), 1U);
    const auto gaps = contents<entry::Gap>(session);
    ASSERT_EQ(gaps.size(), 1U);
    EXPECT_THAT(gaps[0].what, testing::HasSubstr("the disk is full"));
    const auto verified = verify(recording_of_bytes(storage.bytes_of(session)));
    ASSERT_TRUE(verified);
    EXPECT_EQ(verified->integrity.condition, Condition::complete) << verified->integrity.what;
}

TEST_F(Scribing, SaysWhatSessionsAreAt) {
    const auto slot = begin(session);
    ASSERT_TRUE(slot && begin(SessionId::generate()));
    std::promise<void> written;
    const auto watch = live.watch(session, [&] { written.set_value(); });
    query(ring, *slot, "SELECT pg_sleep(60)");
    written.get_future().wait();
    const auto running = scribe.running_statements();
    live.stop_watching(watch);
    ASSERT_EQ(running.size(), 1U) << "the other one is at nothing";
    EXPECT_EQ(running.at(session).statement, "SELECT pg_sleep(60)");
    finish(*slot);
    EXPECT_TRUE(scribe.running_statements().empty());
}

TEST_F(Scribing, BeginsNothingAfterItsEnd) {
    scribe.stop();
    EXPECT_FALSE(begin(session));
}

TEST_F(Scribing, WritesWhatThereIsOfThoseThatWereNotFinished) {
    const auto slot = begin(session);
    ASSERT_TRUE(slot);
    query(ring, *slot, "SELECT 1");
    scribe.stop();
    EXPECT_EQ(contents<entry::Query>(session).size(), 1U);
}

// More than a ring holds, from several threads at a time.
TEST_F(Scribing, LosesNothingOfSeveralThreads) {
    constexpr int threads = 3;
    constexpr int statements = 20'000;
    std::vector<SessionId> sessions;
    std::vector<std::thread> producers;
    std::vector<std::unique_ptr<Doorbell>> bells;
    for (int i = 0; i < threads; ++i) {
        sessions.push_back(SessionId::generate());
        bells.push_back(std::make_unique<Doorbell>());
        Doorbell& bell = *bells.back();
        Ring& own = scribe.add_ring([&bell] { bell.ring(); });
        const auto slot = begin(sessions.back());
        ASSERT_TRUE(slot);
        producers.emplace_back([this, &bell, &own, slot = *slot] {
            const std::string sql = std::string(300, 'x') + '\0';
            RecordHead head;
            head.slot = slot;
            head.body_length = head.wanted = static_cast<std::uint32_t>(sql.size());
            head.type = 'Q';
            for (int n = 0; n < statements; ++n) {
                head.at = clock.boot_now();
                while (!own.wait_for_room(Ring::room_for(sql.size()))) {
                    scribe.bell().ring_hard();
                    bell.sleep(10s, [&] { return !own.has_room(Ring::room_for(sql.size())); });
                }
                own.push(head, sql);
                own.commit();
                scribe.bell().ring();
            }
            finish(slot);
        });
    }
    for (std::thread& producer : producers)
        producer.join();
    for (const SessionId& each : sessions)
        EXPECT_EQ(contents<entry::Query>(each).size(), statements);
}

}  // namespace
}  // namespace curfew::recording
