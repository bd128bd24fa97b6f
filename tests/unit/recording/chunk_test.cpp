// Entries become frames: soon enough for those who follow, seldom enough to be cheap.
#include "recording/chunk.hpp"

#include <gtest/gtest.h>

#include "base/utf8.hpp"
#include "recording/frame.hpp"
#include "recording/local_storage.hpp"
#include "recording/reader.hpp"
#include "some_entries.hpp"

namespace curfew::recording {
namespace {

using namespace std::chrono_literals;
using test::query_at;

constexpr BootInstant some_time{1h};

struct Writing {
    FrameCompressor compressor;
    ChunkWriter writer{compressor};
};

std::vector<Entry> entries_in(std::string bytes) {
    RecordingReader reader{recording_of_bytes(std::move(bytes))};
    return test::read_all(reader);
}

TEST(ChunkWriter, HasNothingToTakeWhileNothingWasAdded) {
    Writing it;
    EXPECT_TRUE(it.writer.empty());
    EXPECT_EQ(it.writer.due_at(), std::nullopt);
    EXPECT_EQ(it.writer.finish(), "");
    EXPECT_EQ(it.writer.bytes(), 0U);
}

TEST(ChunkWriter, IsDueOnceItsFirstEntryHasWaited) {
    Writing it;
    it.writer.add(query_at(0us, "a"), some_time);
    it.writer.add(query_at(0us, "b"), some_time + 900ms);
    EXPECT_EQ(it.writer.due_at(), some_time + ChunkWriter::longest_wait);
    EXPECT_FALSE(it.writer.due(some_time + 999ms));
    EXPECT_TRUE(it.writer.due(some_time + 1s));
}

TEST(ChunkWriter, IsDueAtOnceWhenAFrameIsFull) {
    Writing it;
    it.writer.add(query_at(0us, std::string(ChunkWriter::full_at, 'x')), some_time);
    EXPECT_TRUE(it.writer.due(some_time));
}

TEST(ChunkWriter, WaitsAnewForWhatComesAfterWhatWasTaken) {
    Writing it;
    it.writer.add(query_at(0us, "a"), some_time);
    (void)it.writer.finish();
    EXPECT_EQ(it.writer.due_at(), std::nullopt);
    it.writer.add(query_at(0us, "b"), some_time + 5s);
    EXPECT_EQ(it.writer.due_at(), some_time + 6s);
}

TEST(ChunkWriter, BeginsTheFileWithItsMagicOnce) {
    Writing it;
    it.writer.add(query_at(0us, "a"), some_time);
    const std::string first{it.writer.finish()};
    EXPECT_TRUE(first.starts_with("curfew recording 1\nfram"));
    it.writer.add(query_at(0us, "b"), some_time);
    const std::string second{it.writer.finish()};
    EXPECT_TRUE(second.starts_with("fram"));
    EXPECT_EQ(it.writer.bytes(), first.size() + second.size());
    EXPECT_EQ(it.writer.entries(), 2U);
}

TEST(ChunkWriter, GivesEverythingInItsOrder) {
    std::vector<Entry> entries;
    test::RandomEntries random{7};
    while (entries.size() < 500) {
        Entry entry = random.next();
        if (!std::holds_alternative<entry::Ended>(entry.content)) entries.push_back(std::move(entry));
    }
    EXPECT_EQ(entries_in(test::bytes_of(entries, 37)), entries);
}

TEST(ChunkWriter, MakesSeveralFramesOfMoreThanFitsIntoOne) {
    Writing it;
    std::vector<Entry> entries;
    for (int number = 0; number < 10; ++number) {
        entries.push_back(query_at(Offset{number}, std::string(40'000, static_cast<char>('a' + number))));
        it.writer.add(entries.back(), some_time);
    }
    EXPECT_EQ(entries_in(std::string{it.writer.finish()}), entries);
}

TEST(ChunkWriter, CutsAStatementThatIsTooLongForALine) {
    for (const char* character : {"x", "\x01", "ä"}) {
        std::string sql;
        while (sql.size() < longest_line)
            sql += character;
        Writing it;
        it.writer.add(query_at(3us, sql), some_time);
        const auto entries = entries_in(std::string{it.writer.finish()});
        ASSERT_EQ(entries.size(), 1U);
        const auto& query = std::get<entry::Query>(entries[0].content);
        EXPECT_EQ(query.size, sql.size());
        EXPECT_GT(query.sql.size(), longest_line / 16);
        EXPECT_TRUE(sql.starts_with(query.sql));
        EXPECT_TRUE(is_utf8(query.sql)) << "no character is cut";
    }
}

TEST(ChunkWriter, CutsValuesThatAreTooLongForALine) {
    Writing it;
    const Value text{Value::Form::text, std::string(longest_line, 'x'), longest_line};
    const Value binary{Value::Form::binary, std::string(longest_line, '\0'), longest_line};
    it.writer.add({3us, entry::Bind{"", "s", {text, Value{}, binary}}}, some_time);
    const auto entries = entries_in(std::string{it.writer.finish()});
    ASSERT_EQ(entries.size(), 1U);
    const auto& values = std::get<entry::Bind>(entries[0].content).parameters;
    ASSERT_EQ(values.size(), 3U);
    EXPECT_EQ(values[1], Value{});
    for (const std::size_t cut : {0, 2}) {
        EXPECT_EQ(values[cut].size, longest_line);
        EXPECT_GT(values[cut].bytes.size(), longest_line / 32);
    }
}

TEST(ChunkWriter, SaysOfAnEntryThatIsTooLongThatItIsMissing) {
    Writing it;
    it.writer.add({3us, entry::Notice{"NOTICE", "00000", std::string(longest_line, 'x')}}, some_time);
    const auto entries = entries_in(std::string{it.writer.finish()});
    ASSERT_EQ(entries.size(), 1U);
    EXPECT_EQ(entries[0].at, 3us);
    const auto& gap = std::get<entry::Gap>(entries[0].content);
    EXPECT_NE(gap.what.find("notice"), std::string::npos);
    EXPECT_GT(gap.bytes, longest_line);
}

TEST(ChunkWriter, HasTheHashThatAReaderFinds) {
    Writing it;
    std::string bytes;
    for (const Entry& entry : test::one_of_each()) {
        it.writer.add(entry, some_time);
        bytes += it.writer.finish();
    }
    const auto summary = verify(recording_of_bytes(bytes)).value();
    EXPECT_EQ(summary.hash, it.writer.hash());
    EXPECT_NE(summary.hash, first_link());
    EXPECT_EQ(bytes.size(), it.writer.bytes());
}

TEST(ChunkWriter, SharesItsCompressorWithOthers) {
    FrameCompressor compressor;
    ChunkWriter one{compressor};
    ChunkWriter other{compressor};
    one.add(query_at(1us, "one"), some_time);
    other.add(query_at(2us, "other"), some_time);
    const std::string bytes_of_one{one.finish()};
    const std::string bytes_of_other{other.finish()};
    EXPECT_EQ(entries_in(bytes_of_one), std::vector{query_at(1us, "one")});
    EXPECT_EQ(entries_in(bytes_of_other), std::vector{query_at(2us, "other")});
}

TEST(ChunkWriter, CompressesWhatRepeatsItself) {
    std::vector<Entry> entries;
    for (int number = 0; number < 10'000; ++number)
        entries.push_back(
            query_at(Offset{number * 100}, "SELECT abalance FROM pgbench_accounts WHERE aid = 1"));
    EXPECT_LT(test::bytes_of(entries, entries.size()).size(), 100'000U);
}

TEST(Frame, HeaderComesBackFromItsBytes) {
    const FrameHeader header{123, 4567, 8, 9ms, sha256("chain")};
    const auto bytes = write_header(header);
    EXPECT_EQ(read_header({bytes.data(), bytes.size()}).value(), header);
}

TEST(Frame, HeaderIsNotBelievedWhenItSaysThatItIsLongerThanAny) {
    for (const FrameHeader& header :
         {FrameHeader{longest_frame_payload + 1, 10, 1}, FrameHeader{10, longest_frame_text + 1, 1},
          FrameHeader{0, 10, 1}, FrameHeader{10, 10, 0}, FrameHeader{10, 10, 6},
          FrameHeader{10, 10, 1, Offset{-1}}}) {
        const auto bytes = write_header(header);
        EXPECT_FALSE(read_header({bytes.data(), bytes.size()}));
    }
}

}  // namespace
}  // namespace curfew::recording
