// Stream in TLS.
#include <gmock/gmock.h>
#include <malloc.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <vector>

#include "hand_client.hpp"
#include "proxy/stream.hpp"
#include "stream_pair.hpp"

namespace curfew::proxy {
namespace {

namespace asio = boost::asio;
using test::Loop;
using test::pattern;
using test::StreamPair;
using test::tls_pair;
using Status = Stream::Status;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif

class StreamInTls : public testing::Test {
protected:
    Loop loop;
    TlsContext server = test::server_context();
    TlsContext client = test::client_context();
    std::array<char, 64> buffer{};

    StreamPair pair() { return tls_pair(loop, server.get(), client.get()); }
    std::string_view first(std::size_t n) const { return {buffer.data(), n}; }
};

TEST_F(StreamInTls, CarriesBytesBothWays) {
    StreamPair both = pair();
    ASSERT_TRUE(both.server.encrypted());
    ASSERT_EQ(loop.run(both.client.write_all("question")), Status::ok);
    EXPECT_EQ(first(loop.run(both.server.read_some(buffer)).bytes), "question");
    ASSERT_EQ(loop.run(both.server.write_all("answer")), Status::ok);
    EXPECT_EQ(first(loop.run(both.client.read_some(buffer)).bytes), "answer");
}

TEST_F(StreamInTls, GivesSeveralRecordsByOneRead) {
    StreamPair both = pair();
    for (const std::string_view record : {"one ", "two ", "three"})
        ASSERT_EQ(loop.run(both.client.write_all(record)), Status::ok);
    ASSERT_EQ(loop.run(both.server.wait(Status::want_read)), Status::ok);
    const Stream::Outcome outcome = both.server.try_read(buffer);
    EXPECT_EQ(first(outcome.bytes), "one two three");
    EXPECT_EQ(both.server.try_read(buffer).status, Status::want_read);
}

TEST_F(StreamInTls, GivesAtOnceWhatDidNotFitBefore) {
    StreamPair both = pair();
    ASSERT_EQ(loop.run(both.client.write_all(pattern(100))), Status::ok);
    ASSERT_EQ(loop.run(both.server.wait(Status::want_read)), Status::ok);
    ASSERT_EQ(both.server.try_read(buffer).bytes, 64U);
    EXPECT_EQ(both.server.try_read(buffer).bytes, 36U);
}

// The socket is empty by then: only OpenSSL still has the rest.
TEST_F(StreamInTls, DoesNotWaitForBytesThatItHolds) {
    StreamPair both = pair();
    ASSERT_EQ(loop.run(both.client.write_all(pattern(300))), Status::ok);
    std::string received;
    while (received.size() < 300) {
        ASSERT_EQ(loop.run(both.server.wait(Status::want_read)), Status::ok);
        const Stream::Outcome outcome = both.server.try_read(buffer);
        received += first(outcome.bytes);
    }
    EXPECT_EQ(received, pattern(300));
}

// Half a record makes the socket readable, and gives nothing yet.
TEST_F(StreamInTls, WaitsForTheRestOfARecord) {
    test::HalfPair pair = test::half_pair(loop);
    test::HandClient hand{client.get(), std::move(pair.other)};
    auto accepting = loop.start(pair.stream.accept_tls(server.get()));
    hand.shake_hands(loop);
    ASSERT_TRUE(loop.finish(accepting));

    auto reading = loop.start(pair.stream.read_some(buffer));
    for (const char byte : hand.encrypt("whole")) {
        loop.settle();
        ASSERT_FALSE(test::is_over(reading));
        hand.send({&byte, 1});
    }
    EXPECT_EQ(first(loop.finish(reading).bytes), "whole");
}

// Half a record, or a handshake's last bytes, make the socket readable all the same.
TEST_F(StreamInTls, WaitsForInputUntilAByteCanBeRead) {
    test::HalfPair pair = test::half_pair(loop);
    test::HandClient hand{client.get(), std::move(pair.other)};
    auto accepting = loop.start(pair.stream.accept_tls(server.get()));
    hand.shake_hands(loop);
    ASSERT_TRUE(loop.finish(accepting));

    auto waiting = loop.start(pair.stream.wait_for_input());
    for (const char byte : hand.encrypt("whole")) {
        loop.settle();
        ASSERT_FALSE(test::is_over(waiting));
        hand.send({&byte, 1});
    }
    EXPECT_EQ(loop.finish(waiting), Status::ok);
    EXPECT_EQ(loop.run(pair.stream.wait_for_input()), Status::ok);
    EXPECT_EQ(first(pair.stream.try_read(buffer).bytes), "whole");
    waiting = loop.start(pair.stream.wait_for_input());
    loop.settle();
    ASSERT_FALSE(test::is_over(waiting));
    hand.end_without_goodbye();
    EXPECT_EQ(loop.finish(waiting), Status::ok);
    EXPECT_EQ(pair.stream.try_read(buffer).status, Status::eof);
}

// A client that only closed its side may still be told why.
TEST_F(StreamInTls, CanAnswerWhoEndedWithoutGoodbye) {
    test::HalfPair pair = test::half_pair(loop);
    test::HandClient hand{client.get(), std::move(pair.other)};
    auto accepting = loop.start(pair.stream.accept_tls(server.get()));
    hand.shake_hands(loop);
    ASSERT_TRUE(loop.finish(accepting));

    hand.end_without_goodbye();
    EXPECT_EQ(loop.run(pair.stream.read_some(buffer)).status, Status::eof);
    EXPECT_EQ(loop.run(pair.stream.write_all("farewell")), Status::ok);
    EXPECT_EQ(hand.receive(), "farewell");
}

asio::awaitable<Status> write_pattern(Stream& stream, std::size_t total) {
    constexpr std::size_t piece = 60'000;
    for (std::size_t done = 0; done < total; done += piece) {
        const std::string bytes = pattern(std::min(piece, total - done), done);
        const Status status = co_await stream.write_all(bytes);
        if (status != Status::ok) co_return status;
    }
    co_return Status::ok;
}

// How many bytes came before the first that was wrong, or the end.
asio::awaitable<std::size_t> read_pattern(Stream& stream, std::size_t total) {
    std::vector<char> buffer(64 * 1024);
    std::size_t done = 0;
    while (done < total) {
        const Stream::Outcome outcome = co_await stream.read_some(buffer);
        if (outcome.status != Status::ok) break;
        if (pattern(outcome.bytes, done) != std::string_view{buffer.data(), outcome.bytes}) break;
        done += outcome.bytes;
    }
    co_return done;
}

TEST_F(StreamInTls, CarriesAHundredMegabytesBothWaysAtOnce) {
    constexpr std::size_t total = 100'000'000;
    StreamPair both = pair();
    auto server_writes = loop.start(write_pattern(both.server, total));
    auto client_writes = loop.start(write_pattern(both.client, total));
    auto server_reads = loop.start(read_pattern(both.server, total));
    auto client_reads = loop.start(read_pattern(both.client, total));
    EXPECT_EQ(loop.finish(server_reads), total);
    EXPECT_EQ(loop.finish(client_reads), total);
    EXPECT_EQ(loop.finish(server_writes), Status::ok);
    EXPECT_EQ(loop.finish(client_writes), Status::ok);
}

TEST_F(StreamInTls, GoesOnWithAWriteFromBytesThatMoved) {
    StreamPair both = pair();
    const std::string bytes = pattern(20'000'000);
    std::size_t taken = 0;
    Stream::Outcome outcome{Status::ok, 0};
    while ((outcome = both.server.try_write(std::string_view{bytes}.substr(taken))).status == Status::ok)
        taken += outcome.bytes;
    ASSERT_EQ(outcome.status, Status::want_write);
    const std::string elsewhere = bytes.substr(taken);
    std::string received(bytes.size(), '\0');
    auto writing = loop.start(both.server.write_all(elsewhere));
    EXPECT_EQ(loop.run(both.client.read_exactly(received)), Status::ok);
    EXPECT_EQ(loop.finish(writing), Status::ok);
    EXPECT_TRUE(received == bytes);
}

// By close_notify, not only by the end of the socket: some clients take that alone for an attack.
TEST_F(StreamInTls, SaysGoodbye) {
    test::HalfPair pair = test::half_pair(loop);
    test::HandClient hand{client.get(), std::move(pair.other)};
    auto accepting = loop.start(pair.stream.accept_tls(server.get()));
    hand.shake_hands(loop);
    ASSERT_TRUE(loop.finish(accepting));
    ASSERT_FALSE(hand.heard_goodbye());
    pair.stream.shutdown_write();
    EXPECT_TRUE(hand.heard_goodbye());
}

// The number of a closed descriptor is soon another connection's.
TEST_F(StreamInTls, WritesNowhereOnceClosed) {
    StreamPair both = pair();
    both.server.close();
    std::vector<std::array<int, 2>> later(8);
    for (auto& descriptors : later)
        ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, descriptors.data()), 0);
    EXPECT_EQ(both.server.try_write("secret").status, Status::failed);
    EXPECT_EQ(both.server.try_read(buffer).status, Status::failed);
    for (const auto& [one, other] : later) {
        for (const int descriptor : {one, other}) {
            EXPECT_LE(::recv(descriptor, buffer.data(), buffer.size(), MSG_DONTWAIT), 0);
            ::close(descriptor);
        }
    }
}

TEST_F(StreamInTls, GoesOnReadingAfterItsGoodbye) {
    StreamPair both = pair();
    both.server.shutdown_write();
    EXPECT_EQ(loop.run(both.client.read_some(buffer)).status, Status::eof);
    ASSERT_EQ(loop.run(both.client.write_all("still here")), Status::ok);
    EXPECT_EQ(first(loop.run(both.server.read_some(buffer)).bytes), "still here");
}

TEST_F(StreamInTls, DeliversWhatCameBeforeGoodbye) {
    StreamPair both = pair();
    ASSERT_EQ(loop.run(both.client.write_all("last words")), Status::ok);
    both.client.shutdown_write();
    both.client.close();
    EXPECT_EQ(first(loop.run(both.server.read_some(buffer)).bytes), "last words");
    EXPECT_EQ(loop.run(both.server.read_some(buffer)).status, Status::eof);
    EXPECT_EQ(loop.run(both.server.read_some(buffer)).status, Status::eof);
}

TEST_F(StreamInTls, SurvivesWritingToWhoIsGone) {
    StreamPair both = pair();
    ASSERT_EQ(loop.run(both.server.write_all("never read")), Status::ok);
    ASSERT_EQ(loop.run(both.client.wait(Status::want_read)), Status::ok);
    both.client.close();  // unread bytes: RST
    EXPECT_EQ(loop.run(both.server.wait(Status::want_read)), Status::ok);
    EXPECT_EQ(loop.run(both.server.write_all("hello")), Status::failed);
    EXPECT_EQ(loop.run(both.server.write_all("hello")), Status::failed);
}

TEST_F(StreamInTls, FailsOnWhatIsNoTls) {
    StreamPair both = test::tcp_pair(loop);
    auto accepting = loop.start(both.server.accept_tls(server.get()));
    ASSERT_EQ(loop.run(both.client.write_all("GET / HTTP/1.1\r\n\r\n")), Status::ok);
    const Result<void> accepted = loop.finish(accepting);
    ASSERT_FALSE(accepted);
    EXPECT_EQ(accepted.error().code, ErrorCode::unavailable);
    EXPECT_THAT(accepted.error().message, testing::HasSubstr("http request"));
}

// What is said after a failed handshake must not go out for all to read.
TEST_F(StreamInTls, SendsNoPlaintextAfterAFailedHandshake) {
    StreamPair both = test::tcp_pair(loop);
    auto accepting = loop.start(both.server.accept_tls(server.get()));
    ASSERT_EQ(loop.run(both.client.write_all("GET / HTTP/1.1\r\n\r\n")), Status::ok);
    ASSERT_FALSE(loop.finish(accepting));
    EXPECT_EQ(both.server.try_write("secret").status, Status::failed);
    both.server.shutdown_write();
    std::string received;
    while (true) {
        const Stream::Outcome outcome = loop.run(both.client.read_some(buffer));
        if (outcome.status != Status::ok) break;
        received += first(outcome.bytes);
    }
    EXPECT_THAT(received, testing::Not(testing::HasSubstr("secret")));
}

TEST_F(StreamInTls, ReportsAClientThatLeavesDuringTheHandshake) {
    StreamPair both = test::tcp_pair(loop);
    auto accepting = loop.start(both.server.accept_tls(server.get()));
    loop.settle();
    both.client.close();
    const Result<void> accepted = loop.finish(accepting);
    ASSERT_FALSE(accepted);
    EXPECT_THAT(accepted.error().message, testing::HasSubstr("closed the connection"));
}

TEST_F(StreamInTls, WorksFromWhereItWasMovedTo) {
    StreamPair both = pair();
    Stream moved = std::move(both.server);
    ASSERT_EQ(loop.run(both.client.write_all("hello")), Status::ok);
    EXPECT_EQ(loop.run(moved.read_some(buffer)).bytes, 5U);
    ASSERT_EQ(loop.run(moved.write_all("hello")), Status::ok);
    EXPECT_EQ(loop.run(both.client.read_some(buffer)).bytes, 5U);
}

// The budget of a whole idle TLS session is 40 KiB, and it has a plaintext stream and itself besides.
TEST_F(StreamInTls, HoldsLittleMemoryWhileIdle) {
    if (sanitized) GTEST_SKIP() << "a sanitizer's allocator does not count";
    constexpr std::size_t count = 100;
    std::vector<Stream> streams;
    streams.reserve(count);
    const std::string bytes = pattern(100'000);
    std::string received(bytes.size(), '\0');
    pair();  // what OpenSSL allocates once
    const std::size_t before = ::mallinfo2().uordblks;
    for (std::size_t i = 0; i < count; ++i) {
        StreamPair both = pair();
        auto writing = loop.start(both.client.write_all(bytes));
        ASSERT_EQ(loop.run(both.server.read_exactly(received)), Status::ok);
        ASSERT_EQ(loop.finish(writing), Status::ok);
        writing = loop.start(both.server.write_all(bytes));
        ASSERT_EQ(loop.run(both.client.read_exactly(received)), Status::ok);
        ASSERT_EQ(loop.finish(writing), Status::ok);
        ASSERT_EQ(both.server.try_read(buffer).status, Status::want_read);
        streams.push_back(std::move(both.server));
    }
    const std::size_t each = (::mallinfo2().uordblks - before) / count;
    RecordProperty("bytes_per_idle_stream", static_cast<int>(each));
    EXPECT_LT(each, 24U * 1024);
}

}  // namespace
}  // namespace curfew::proxy
