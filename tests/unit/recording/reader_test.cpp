// A recording is read as it was written, or it is said from where on it is not.
#include "recording/reader.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "recording/chunk.hpp"
#include "recording/entry_json.hpp"
#include "recording/local_storage.hpp"
#include "some_entries.hpp"

namespace curfew::recording {
namespace {

using namespace std::chrono_literals;
using test::bytes_of;
using test::ended_at;
using test::query_at;
using test::read_all;

std::vector<Entry> a_session() {
    std::vector<Entry> entries = test::one_of_each();
    entries.pop_back();
    for (int number = 0; number < 60; ++number)
        entries.push_back(query_at(Offset{100'000 + number}, "SELECT " + std::to_string(number)));
    entries.push_back(ended_at(1s));
    return entries;
}

struct Outcome {
    std::vector<Entry> entries;
    Integrity integrity;
};

Outcome outcome_of(std::string bytes) {
    RecordingReader reader{recording_of_bytes(std::move(bytes))};
    auto entries = read_all(reader);
    return {std::move(entries), reader.integrity()};
}

bool begins_with(const std::vector<Entry>& all, const std::vector<Entry>& beginning) {
    return beginning.size() <= all.size() && std::equal(beginning.begin(), beginning.end(), all.begin());
}

TEST(RecordingReader, ReadsACompleteRecording) {
    const std::string bytes = bytes_of(a_session(), 10);
    const Outcome outcome = outcome_of(bytes);
    EXPECT_EQ(outcome.entries, a_session());
    EXPECT_EQ(outcome.integrity, (Integrity{Condition::complete, bytes.size(), 0, ""}));
}

TEST(RecordingReader, GivesTheLineOfEachEntry) {
    RecordingReader reader{recording_of_bytes(bytes_of(a_session(), 7))};
    while (const auto entry = reader.next().value())
        EXPECT_EQ(reader.line(), to_json(*entry));
    EXPECT_EQ(reader.count(), a_session().size());
}

TEST(RecordingReader, ReadsUpToTheFrameThatWasTornWhereverItWas) {
    const auto entries = a_session();
    const std::string bytes = bytes_of(entries, 10);
    std::size_t most = 0;
    for (std::size_t length = 0; length < bytes.size(); ++length) {
        const Outcome outcome = outcome_of(bytes.substr(0, length));
        ASSERT_EQ(outcome.integrity.condition, Condition::cut) << length;
        ASSERT_EQ(outcome.integrity.offset + outcome.integrity.lost_bytes, length);
        ASSERT_TRUE(begins_with(entries, outcome.entries));
        ASSERT_GE(outcome.entries.size(), most);
        most = outcome.entries.size();
    }
    EXPECT_EQ(most, 70U);
}

TEST(RecordingReader, SaysHowMuchATornFrameLost) {
    const std::string bytes = bytes_of(a_session(), 10);
    const Outcome outcome = outcome_of(bytes.substr(0, bytes.size() - 1));
    EXPECT_GT(outcome.integrity.lost_bytes, frame_header_size);
    EXPECT_NE(outcome.integrity.what.find("breaks off"), std::string::npos);
    EXPECT_NE(outcome.integrity.what.find(std::to_string(outcome.integrity.lost_bytes) + " bytes"),
              std::string::npos);
}

TEST(RecordingReader, TakesZerosAtTheEndForACrash) {
    const std::string bytes = bytes_of({query_at(1us, "a")}) + std::string(5000, '\0');
    const Outcome outcome = outcome_of(bytes);
    EXPECT_EQ(outcome.entries.size(), 1U);
    EXPECT_EQ(outcome.integrity.condition, Condition::cut);
    EXPECT_EQ(outcome.integrity.lost_bytes, 5000U);
}

TEST(RecordingReader, FindsEachByteThatWasChanged) {
    const auto entries = a_session();
    const std::string bytes = bytes_of(entries, 10);
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        std::string changed = bytes;
        changed[at] = static_cast<char>(changed[at] ^ 0x04);
        const Outcome outcome = outcome_of(std::move(changed));
        // A length that was made larger may make it look torn instead.
        ASSERT_TRUE(outcome.integrity.condition == Condition::broken ||
                    outcome.integrity.condition == Condition::cut)
            << at;
        ASSERT_LE(outcome.integrity.offset, at);
        ASSERT_TRUE(begins_with(entries, outcome.entries));
    }
}

// The bytes of a recording of one entry a frame, by frames; the magic belongs to the first.
std::vector<std::string> frames_of(const std::vector<Entry>& entries) {
    FrameCompressor compressor;
    ChunkWriter writer{compressor};
    std::vector<std::string> frames;
    for (const Entry& entry : entries) {
        writer.add(entry, {});
        frames.emplace_back(writer.finish());
    }
    return frames;
}

std::vector<Entry> four() {
    return {query_at(1us, "one"), query_at(2us, "two"), query_at(3us, "three"), ended_at(4us)};
}

TEST(RecordingReader, NamesTheByteFromWhereAFrameWasTakenOut) {
    const auto frames = frames_of(four());
    const Outcome outcome = outcome_of(frames[0] + frames[2] + frames[3]);
    EXPECT_EQ(outcome.entries, std::vector{query_at(1us, "one")});
    EXPECT_EQ(outcome.integrity.condition, Condition::broken);
    EXPECT_EQ(outcome.integrity.offset, frames[0].size());
    EXPECT_EQ(outcome.integrity.lost_bytes, frames[2].size() + frames[3].size());
    EXPECT_NE(outcome.integrity.what.find("byte " + std::to_string(frames[0].size())), std::string::npos);
}

TEST(RecordingReader, FindsFramesThatChangedPlaces) {
    const auto frames = frames_of(four());
    const Outcome outcome = outcome_of(frames[0] + frames[2] + frames[1] + frames[3]);
    EXPECT_EQ(outcome.integrity.condition, Condition::broken);
    EXPECT_EQ(outcome.integrity.offset, frames[0].size());
}

TEST(RecordingReader, FindsAFrameOfAnotherRecording) {
    const auto frames = frames_of(four());
    const auto others = frames_of({query_at(9us, "other"), query_at(2us, "two"), ended_at(3us)});
    const Outcome outcome = outcome_of(frames[0] + others[1]);
    EXPECT_EQ(outcome.integrity.condition, Condition::broken);
}

TEST(RecordingReader, FindsBytesBehindItsEnd) {
    const auto frames = frames_of(four());
    const std::string whole = frames[0] + frames[1] + frames[2] + frames[3];
    const Outcome outcome = outcome_of(whole + "more");
    EXPECT_EQ(outcome.entries, four());
    EXPECT_EQ(outcome.integrity.condition, Condition::broken);
    EXPECT_EQ(outcome.integrity.offset, whole.size());
}

TEST(RecordingReader, FindsEntriesBehindItsEnd) {
    const Outcome outcome = outcome_of(bytes_of({ended_at(1us), query_at(2us, "after")}, 1));
    EXPECT_EQ(outcome.entries.size(), 1U);
    EXPECT_EQ(outcome.integrity.condition, Condition::broken);
}

TEST(RecordingReader, TellsAShorterRecordingByItsHashAlone) {
    const auto frames = frames_of(four());
    const auto whole = verify(recording_of_bytes(frames[0] + frames[1] + frames[2] + frames[3])).value();
    const auto shorter = verify(recording_of_bytes(frames[0] + frames[1])).value();
    EXPECT_EQ(shorter.integrity.condition, Condition::cut);
    EXPECT_NE(shorter.hash, whole.hash);
}

TEST(RecordingReader, RefusesAFileThatIsNoRecording) {
    const Outcome outcome = outcome_of("PGDMP\x01\x0e and so on, longer than a magic");
    EXPECT_EQ(outcome.integrity.condition, Condition::broken);
    EXPECT_EQ(outcome.integrity.offset, 0U);
    EXPECT_NE(outcome.integrity.what.find("does not begin as a recording does"), std::string::npos);
}

// A frame that is in good order but for what its header says of the text.
std::string frame_with(FrameHeader header, std::string_view text) {
    FrameCompressor compressor;
    const std::string payload{compressor.compress(text)};
    header.payload_size = static_cast<std::uint32_t>(payload.size());
    header.chain = next_link(first_link(), header, payload);
    const auto bytes = write_header(header);
    return std::string{file_magic} + std::string{bytes.data(), bytes.size()} + payload;
}

TEST(RecordingReader, DoesNotInflateAFrameBeyondWhatItsHeaderSays) {
    FrameHeader header;
    header.text_size = 1000;
    header.entries = 1;
    const Outcome outcome = outcome_of(frame_with(header, std::string(30'000'000, ' ')));
    EXPECT_EQ(outcome.integrity.condition, Condition::broken);
    EXPECT_NE(outcome.integrity.what.find("decompressed"), std::string::npos);
}

TEST(RecordingReader, RefusesAFrameWithAnotherNumberOfLines) {
    FrameHeader header;
    const std::string line = to_json(query_at(1us, "a")) + "\n";
    header.text_size = static_cast<std::uint32_t>(line.size());
    header.entries = 2;
    EXPECT_EQ(outcome_of(frame_with(header, line)).integrity.condition, Condition::broken);
    header.entries = 1;
    EXPECT_EQ(outcome_of(frame_with(header, line)).integrity.condition, Condition::cut);
}

TEST(RecordingReader, RefusesALineThatIsNoEntry) {
    FrameHeader header;
    const std::string line = "{\"at\":1}\n";
    header.text_size = static_cast<std::uint32_t>(line.size());
    header.entries = 1;
    const Outcome outcome = outcome_of(frame_with(header, line));
    EXPECT_EQ(outcome.integrity.condition, Condition::broken);
    EXPECT_EQ(outcome.integrity.offset, file_magic.size());
}

TEST(RecordingReader, FollowsALiveRecording) {
    auto growing = std::make_shared<test::GrowingSource::Growing>();
    RecordingReader reader{std::make_unique<test::GrowingSource>(growing)};
    const auto frames = frames_of(four());
    EXPECT_EQ(read_all(reader), std::vector<Entry>{});
    EXPECT_EQ(reader.integrity().condition, Condition::open);
    growing->bytes += frames[0] + frames[1].substr(0, 20);
    EXPECT_EQ(read_all(reader), std::vector{query_at(1us, "one")});
    EXPECT_EQ(reader.integrity().condition, Condition::open);
    growing->bytes += frames[1].substr(20) + frames[2];
    EXPECT_EQ(read_all(reader), (std::vector{query_at(2us, "two"), query_at(3us, "three")}));
    growing->bytes += frames[3];
    growing->live = false;
    EXPECT_EQ(read_all(reader), std::vector{ended_at(4us)});
    EXPECT_EQ(reader.integrity().condition, Condition::complete);
}

TEST(RecordingReader, FindsThatALiveRecordingBrokeOff) {
    auto growing = std::make_shared<test::GrowingSource::Growing>();
    RecordingReader reader{std::make_unique<test::GrowingSource>(growing)};
    growing->bytes = frames_of(four())[0];
    (void)read_all(reader);
    growing->live = false;
    EXPECT_EQ(read_all(reader), std::vector<Entry>{});
    EXPECT_EQ(reader.integrity().condition, Condition::cut);
}

TEST(RecordingVerify, SaysWhatARecordingIsOf) {
    const auto entries = a_session();
    const Summary summary = verify(recording_of_bytes(bytes_of(entries, 10))).value();
    EXPECT_EQ(summary.integrity.condition, Condition::complete);
    EXPECT_EQ(summary.entries, entries.size());
    EXPECT_EQ(summary.length, 1s);
    EXPECT_EQ(summary.started, std::get<entry::Started>(entries.front().content));
    EXPECT_EQ(summary.ended, std::get<entry::Ended>(entries.back().content));
}

TEST(FrameReader, IsFedByAnyPortions) {
    const std::string bytes = bytes_of(a_session(), 10);
    FrameReader reader;
    std::size_t frames = 0;
    for (std::size_t at = 0; at < bytes.size();) {
        const std::size_t portion = std::min<std::size_t>(1 + at % 7, bytes.size() - at);
        at += reader.feed(std::string_view{bytes}.substr(at, portion));
        while (reader.next() == FrameReader::Step::frame)
            ++frames;
    }
    EXPECT_EQ(frames, (a_session().size() + 9) / 10);
    EXPECT_EQ(reader.offset(), bytes.size());
    EXPECT_EQ(reader.pending(), 0U);
}

}  // namespace
}  // namespace curfew::recording
