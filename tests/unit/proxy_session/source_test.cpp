// Reading by the piece, small where little comes and large where much does.
#include "proxy/source.hpp"

#include <gmock/gmock.h>

#include <array>
#include <random>

#include "message_stream.hpp"
#include "sockets.hpp"

namespace curfew::test {
namespace {

using proxy::BufferPool;
using proxy::Source;
using proxy::Stream;
using Status = Stream::Status;

class ReadingFromASource : public testing::TestWithParam<Transport> {
protected:
    Loop loop;
    StreamPair pair = local_pair(loop, GetParam(), 400'000);
    BufferPool buffers;
    std::array<char, 1024> small{};
    Source source{pair.server, buffers, small};

    void send(std::string_view bytes) { ASSERT_EQ(loop.run(pair.client.write_all(bytes)), Status::ok); }
    std::string next() {
        const Source::Chunk chunk = loop.run(source.next());
        EXPECT_EQ(chunk.status, Status::ok);
        return std::string{chunk.bytes};
    }
    // By as many reads as it takes.
    std::string read(std::size_t size) {
        std::string all;
        while (all.size() < size)
            all += next();
        return all;
    }
};

TEST_P(ReadingFromASource, GivesWhatCameTogetherTogether) {
    for (const std::size_t size : {1U, 1'023U, 1'024U, 1'025U, 20'000U, 65'535U, 65'536U}) {
        const std::string bytes = pattern(size, size);
        send(bytes);
        // OpenSSL gives a record at a time.
        const bool together = GetParam() == Transport::plaintext || size <= 16'384;
        EXPECT_TRUE((together ? next() : read(size)) == bytes) << size;
    }
}

TEST_P(ReadingFromASource, GivesNoMoreAtATimeThanABufferHolds) {
    const std::string bytes = pattern(200'000);
    auto writing = loop.start(pair.client.write_all(bytes));
    std::string all;
    while (all.size() < bytes.size()) {
        const std::string chunk = next();
        EXPECT_LE(chunk.size(), BufferPool::buffer_size);
        all += chunk;
    }
    EXPECT_EQ(loop.finish(writing), Status::ok);
    EXPECT_TRUE(all == bytes);
}

TEST_P(ReadingFromASource, WaitsForWhatIsNotThereYet) {
    auto reading = loop.start(source.next());
    loop.settle();
    ASSERT_FALSE(test::is_over(reading));
    send("late");
    EXPECT_EQ(loop.finish(reading).bytes, "late");
}

TEST_P(ReadingFromASource, GivesAllThatCameBeforeTheEnd) {
    for (const std::size_t size : {10U, 1'024U, 1'500U, 65'536U, 70'000U}) {
        Loop own_loop;
        StreamPair own = local_pair(own_loop, GetParam(), 400'000);
        Source own_source{own.server, buffers, small};
        const std::string bytes = pattern(size);
        ASSERT_EQ(own_loop.run(own.client.write_all(bytes)), Status::ok);
        own.client.shutdown_write();
        std::string all;
        Source::Chunk chunk = own_loop.run(own_source.next());
        for (; chunk.status == Status::ok; chunk = own_loop.run(own_source.next()))
            all += chunk.bytes;
        EXPECT_EQ(chunk.status, Status::eof) << size;
        EXPECT_TRUE(all == bytes) << size;
    }
}

// A buffer that is filled says that there is more, whether or not there is.
TEST_P(ReadingFromASource, WaitsAgainAfterABufferThatWasFilledExactly) {
    send(pattern(BufferPool::buffer_size));
    EXPECT_EQ(read(BufferPool::buffer_size).size(), BufferPool::buffer_size);
    auto reading = loop.start(source.next());
    loop.settle();
    ASSERT_FALSE(test::is_over(reading));
    send("more");
    EXPECT_EQ(loop.finish(reading).bytes, "more");
}

TEST_P(ReadingFromASource, LetsItsBufferGoWhileItWaits) {
    send(pattern(30'000));
    const Source::Chunk chunk = loop.run(source.next());
    const char* const buffer = chunk.bytes.data();
    auto reading = loop.start(source.next());
    loop.settle();
    ASSERT_FALSE(test::is_over(reading));
    EXPECT_EQ(buffers.lease().bytes().data(), buffer);
    pair.server.interrupt();
    EXPECT_EQ(loop.finish(reading).status, Status::interrupted);
}

TEST_P(ReadingFromASource, IsInterruptedWhileItWaits) {
    auto reading = loop.start(source.next());
    loop.settle();
    pair.server.interrupt();
    EXPECT_EQ(loop.finish(reading).status, Status::interrupted);
    EXPECT_EQ(loop.run(source.next()).status, Status::interrupted);
    pair.server.resume();
    send("after that");
    EXPECT_EQ(next(), "after that");
}

TEST_P(ReadingFromASource, IsInterruptedHoweverMuchThereIsToRead) {
    const std::string bytes = pattern(150'000);
    send(bytes);
    std::string all = next();
    pair.server.interrupt();
    EXPECT_EQ(loop.run(source.next()).status, Status::interrupted);
    pair.server.resume();
    all += read(bytes.size() - all.size());
    EXPECT_TRUE(all == bytes);
}

TEST_P(ReadingFromASource, LosesNothingWhateverComesInWhateverPieces) {
    std::mt19937 random{11};
    const std::string bytes = pattern(3'000'000);
    std::size_t sent = 0;
    std::string all;
    while (all.size() < bytes.size()) {
        const std::size_t most = between(random, 0, 3) == 0 ? 140'000 : 2'000;
        const std::string_view piece = std::string_view{bytes}.substr(sent, between(random, 1, most));
        if (!piece.empty()) sent += pair.client.try_write(piece).bytes;
        if (sent > all.size()) all += next();
    }
    EXPECT_TRUE(all == bytes);
}

INSTANTIATE_TEST_SUITE_P(Over, ReadingFromASource, testing::Values(Transport::plaintext, Transport::tls),
                         [](const auto& instance) { return name_of(instance.param); });

}  // namespace
}  // namespace curfew::test
