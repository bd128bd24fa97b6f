// Stream in plaintext.
#include "proxy/stream.hpp"

#include <gmock/gmock.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/ip/tcp.hpp>

#include "stream_pair.hpp"

namespace curfew::proxy {
namespace {

using test::half_pair;
using test::HalfPair;
using test::Loop;
using test::pattern;
using test::StreamPair;
using test::tcp_pair;
using test::unix_pair;
using Status = Stream::Status;

void put(const test::FileDescriptor& socket, std::string_view bytes) {
    ASSERT_EQ(::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
}

// Writes until nothing more is taken; how much was.
std::size_t fill(Stream& stream, std::string_view bytes) {
    std::size_t taken = 0;
    for (;;) {
        const Stream::Outcome outcome = stream.try_write(bytes.substr(taken));
        if (outcome.status != Status::ok) {
            EXPECT_EQ(outcome.status, Status::want_write);
            return taken;
        }
        taken += outcome.bytes;
    }
}

class StreamInPlaintext : public testing::Test {
protected:
    Loop loop;
    std::array<char, 64> buffer{};

    std::string_view first(std::size_t n) const { return {buffer.data(), n}; }
};

TEST_F(StreamInPlaintext, ReadsWhatIsThere) {
    HalfPair pair = half_pair(loop);
    put(pair.other, "hello");
    const Stream::Outcome outcome = pair.stream.try_read(buffer);
    EXPECT_EQ(outcome.status, Status::ok);
    EXPECT_EQ(first(outcome.bytes), "hello");
}

TEST_F(StreamInPlaintext, WantsToReadWhenNothingIsThere) {
    HalfPair pair = half_pair(loop);
    EXPECT_EQ(pair.stream.try_read(buffer).status, Status::want_read);
}

// The answer that costs no system call is given once, not for ever.
TEST_F(StreamInPlaintext, SeesWhatCameAfterAShortRead) {
    HalfPair pair = half_pair(loop);
    put(pair.other, "one");
    ASSERT_EQ(pair.stream.try_read(buffer).bytes, 3U);
    put(pair.other, "two");
    EXPECT_EQ(pair.stream.try_read(buffer).status, Status::want_read);
    EXPECT_EQ(pair.stream.try_read(buffer).bytes, 3U);
    EXPECT_EQ(first(3), "two");
}

TEST_F(StreamInPlaintext, WaitsNoLongerForWhatCameAfterAShortRead) {
    HalfPair pair = half_pair(loop);
    put(pair.other, "one");
    ASSERT_EQ(pair.stream.try_read(buffer).bytes, 3U);
    put(pair.other, "two");
    EXPECT_EQ(loop.run(pair.stream.wait(Status::want_read)), Status::ok);
    EXPECT_EQ(pair.stream.try_read(buffer).bytes, 3U);
}

TEST_F(StreamInPlaintext, WaitsUntilSomethingComes) {
    HalfPair pair = half_pair(loop);
    auto reading = loop.start(pair.stream.read_some(buffer));
    loop.settle();
    ASSERT_FALSE(test::is_over(reading));
    put(pair.other, "late");
    const Stream::Outcome outcome = loop.finish(reading);
    EXPECT_EQ(outcome.status, Status::ok);
    EXPECT_EQ(first(outcome.bytes), "late");
}

TEST_F(StreamInPlaintext, GathersExactlyWhatIsAskedFor) {
    HalfPair pair = half_pair(loop);
    std::array<char, 6> six{};
    auto reading = loop.start(pair.stream.read_exactly(six));
    for (const std::string_view piece : {"ab", "cd", "efgh"}) {
        loop.settle();
        ASSERT_FALSE(test::is_over(reading));
        put(pair.other, piece);
    }
    EXPECT_EQ(loop.finish(reading), Status::ok);
    EXPECT_EQ((std::string_view{six.data(), six.size()}), "abcdef");
    EXPECT_EQ(pair.stream.try_read(buffer).bytes, 2U);
    EXPECT_EQ(first(2), "gh");
}

TEST_F(StreamInPlaintext, WritesInPartsWhatTheSocketCannotHold) {
    StreamPair pair = unix_pair(loop);
    const std::string bytes = pattern(1'000'000);
    std::string received(bytes.size(), '\0');
    auto writing = loop.start(pair.server.write_all(bytes));
    loop.settle();
    ASSERT_FALSE(test::is_over(writing));
    EXPECT_EQ(loop.run(pair.client.read_exactly(received)), Status::ok);
    EXPECT_EQ(loop.finish(writing), Status::ok);
    EXPECT_EQ(received, bytes);
}

TEST_F(StreamInPlaintext, SaysHowMuchOfAWriteWasTaken) {
    StreamPair pair = unix_pair(loop);
    const std::string bytes = pattern(1'000'000);
    const std::size_t taken = fill(pair.server, bytes);
    ASSERT_LT(taken, bytes.size());
    std::string received(taken, '\0');
    EXPECT_EQ(loop.run(pair.client.read_exactly(received)), Status::ok);
    EXPECT_EQ(received, bytes.substr(0, taken));
    EXPECT_EQ(pair.client.try_read(buffer).status, Status::want_read);
}

TEST_F(StreamInPlaintext, WaitsUntilThereIsRoomToWrite) {
    StreamPair pair = unix_pair(loop);
    const std::string bytes = pattern(1'000'000);
    std::string received(fill(pair.server, bytes), '\0');
    auto waiting = loop.start(pair.server.wait(Status::want_write));
    loop.settle();
    ASSERT_FALSE(test::is_over(waiting));
    ASSERT_EQ(loop.run(pair.client.read_exactly(received)), Status::ok);
    EXPECT_EQ(loop.finish(waiting), Status::ok);
    EXPECT_EQ(pair.server.try_write("more").status, Status::ok);
}

TEST_F(StreamInPlaintext, ReadsAndWritesBesideEachOther) {
    StreamPair pair = unix_pair(loop);
    const std::string bytes = pattern(1'000'000);
    std::string to_client(bytes.size(), '\0');
    std::string to_server(bytes.size(), '\0');
    auto server_writes = loop.start(pair.server.write_all(bytes));
    auto client_writes = loop.start(pair.client.write_all(bytes));
    auto server_reads = loop.start(pair.server.read_exactly(to_server));
    auto client_reads = loop.start(pair.client.read_exactly(to_client));
    for (auto* task : {&server_writes, &client_writes, &server_reads, &client_reads})
        EXPECT_EQ(loop.finish(*task), Status::ok);
    EXPECT_EQ(to_client, bytes);
    EXPECT_EQ(to_server, bytes);
}

TEST_F(StreamInPlaintext, TellsTheEndFromAReset) {
    StreamPair ended = tcp_pair(loop);
    ended.client.close();
    EXPECT_EQ(loop.run(ended.server.read_some(buffer)).status, Status::eof);

    StreamPair torn = tcp_pair(loop);
    ASSERT_EQ(torn.server.try_write("never read").status, Status::ok);
    ASSERT_EQ(loop.run(torn.client.wait(Status::want_read)), Status::ok);
    torn.client.close();
    EXPECT_EQ(loop.run(torn.server.read_some(buffer)).status, Status::failed);
}

TEST_F(StreamInPlaintext, DeliversWhatCameBeforeTheEnd) {
    HalfPair pair = half_pair(loop);
    put(pair.other, "last words");
    pair.other.reset();
    EXPECT_EQ(loop.run(pair.stream.read_some(buffer)).bytes, 10U);
    EXPECT_EQ(loop.run(pair.stream.read_some(buffer)).status, Status::eof);
}

TEST_F(StreamInPlaintext, WakesAWaitWhenTheOtherSideGoes) {
    StreamPair pair = tcp_pair(loop);
    auto waiting = loop.start(pair.server.wait(Status::want_read));
    loop.settle();
    ASSERT_FALSE(test::is_over(waiting));
    pair.client.close();
    EXPECT_EQ(loop.finish(waiting), Status::ok);
    EXPECT_EQ(pair.server.try_read(buffer).status, Status::eof);
}

// SIGPIPE would end the test program.
TEST_F(StreamInPlaintext, SurvivesWritingToWhoIsGone) {
    HalfPair pair = half_pair(loop);
    pair.other.reset();
    EXPECT_EQ(pair.stream.try_write("hello").status, Status::failed);
    EXPECT_EQ(loop.run(pair.stream.write_all("hello")), Status::failed);
}

TEST_F(StreamInPlaintext, ShowsTheNextByteWithoutTakingIt) {
    HalfPair pair = half_pair(loop);
    EXPECT_EQ(pair.stream.peek(), std::nullopt);
    put(pair.other, "\x16rest");
    EXPECT_EQ(pair.stream.peek(), '\x16');
    EXPECT_EQ(pair.stream.peek(), '\x16');
    EXPECT_EQ(pair.stream.try_read(buffer).bytes, 5U);
}

TEST_F(StreamInPlaintext, GoesOnReadingAfterItsOwnEnd) {
    StreamPair pair = tcp_pair(loop);
    pair.server.shutdown_write();
    EXPECT_EQ(loop.run(pair.client.read_some(buffer)).status, Status::eof);
    ASSERT_EQ(pair.client.try_write("still here").status, Status::ok);
    EXPECT_EQ(loop.run(pair.server.read_some(buffer)).bytes, 10U);
    EXPECT_EQ(pair.server.try_write("no").status, Status::failed);
}

TEST_F(StreamInPlaintext, FailsOnceClosed) {
    HalfPair pair = half_pair(loop);
    auto waiting = loop.start(pair.stream.wait(Status::want_read));
    loop.settle();
    pair.stream.close();
    EXPECT_EQ(loop.finish(waiting), Status::failed);
    EXPECT_FALSE(pair.stream.is_open());
    EXPECT_EQ(pair.stream.try_read(buffer).status, Status::failed);
    EXPECT_EQ(pair.stream.try_write("x").status, Status::failed);
    EXPECT_EQ(loop.run(pair.stream.wait(Status::want_write)), Status::failed);
    EXPECT_EQ(loop.run(pair.stream.read_some(buffer)).status, Status::failed);
}

TEST_F(StreamInPlaintext, WorksFromWhereItWasMovedTo) {
    HalfPair pair = half_pair(loop);
    put(pair.other, "first");
    ASSERT_EQ(pair.stream.try_read(buffer).bytes, 5U);
    Stream moved = std::move(pair.stream);
    auto reading = loop.start(moved.read_some(buffer));
    loop.settle();
    put(pair.other, "second");
    EXPECT_EQ(loop.finish(reading).bytes, 6U);
}

TEST_F(StreamInPlaintext, KnowsItsAddresses) {
    StreamPair tcp = tcp_pair(loop);
    ASSERT_TRUE(tcp.client.local_port());
    EXPECT_EQ(tcp.server.peer_address(), "127.0.0.1:" + std::to_string(*tcp.client.local_port()));
    StreamPair local = unix_pair(loop);
    EXPECT_EQ(local.server.local_port(), std::nullopt);
    EXPECT_EQ(local.server.peer_address(), "unix");
}

TEST(AddressText, WritesIpv6InBracketsAndMappedIpv4Plainly) {
    namespace ip = boost::asio::ip;
    const auto text = [](const char* address) {
        return address_text(Stream::Endpoint{ip::tcp::endpoint{ip::make_address(address), 5432}});
    };
    EXPECT_EQ(text("192.0.2.7"), "192.0.2.7:5432");
    EXPECT_EQ(text("2001:db8::1"), "[2001:db8::1]:5432");
    EXPECT_EQ(text("::ffff:192.0.2.7"), "192.0.2.7:5432");
}

}  // namespace
}  // namespace curfew::proxy
