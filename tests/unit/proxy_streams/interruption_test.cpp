// What waits on a Stream can be called back, and loses nothing by it.
#include <gmock/gmock.h>

#include <array>

#include "proxy/stream.hpp"
#include "stream_pair.hpp"

namespace curfew::proxy {
namespace {

using test::Loop;
using test::pattern;
using test::StreamPair;
using test::tcp_pair;
using test::unix_pair;
using Status = Stream::Status;

class Interruption : public testing::Test {
protected:
    Loop loop;
    std::array<char, 64> buffer{};

    // `begin` starts an operation on the stream that cannot end by itself; interrupted, it gives this.
    template <class Begin>
    auto interrupted(Stream& stream, Begin begin) {
        auto task = loop.start(begin());
        loop.settle();
        EXPECT_FALSE(test::is_over(task));
        stream.interrupt();
        loop.settle();
        EXPECT_TRUE(test::is_over(task));
        return loop.finish(task);
    }
};

TEST_F(Interruption, EndsAReadThatWaits) {
    StreamPair pair = unix_pair(loop);
    const auto read = [&] { return pair.server.read_some(buffer); };
    EXPECT_EQ(interrupted(pair.server, read).status, Status::interrupted);
}

TEST_F(Interruption, EndsAnExactRead) {
    StreamPair pair = unix_pair(loop);
    ASSERT_EQ(pair.client.try_write("half").status, Status::ok);
    const auto read = [&] { return pair.server.read_exactly(buffer); };
    EXPECT_EQ(interrupted(pair.server, read), Status::interrupted);
}

TEST_F(Interruption, EndsAWait) {
    StreamPair pair = unix_pair(loop);
    const auto wait = [&] { return pair.server.wait(Status::want_read); };
    EXPECT_EQ(interrupted(pair.server, wait), Status::interrupted);
}

TEST_F(Interruption, EndsAWrite) {
    StreamPair pair = unix_pair(loop);
    const std::string bytes = pattern(1'000'000);
    const auto write = [&] { return pair.server.write_all(bytes); };
    EXPECT_EQ(interrupted(pair.server, write), Status::interrupted);
}

TEST_F(Interruption, EndsAReadAndAWriteBesideIt) {
    StreamPair pair = unix_pair(loop);
    const std::string bytes = pattern(1'000'000);
    auto writing = loop.start(pair.server.write_all(bytes));
    const auto read = [&] { return pair.server.read_some(buffer); };
    EXPECT_EQ(interrupted(pair.server, read).status, Status::interrupted);
    EXPECT_EQ(loop.finish(writing), Status::interrupted);
}

TEST_F(Interruption, EndsHandshakesOfBothSides) {
    const TlsContext server = test::server_context();
    StreamPair accepting = tcp_pair(loop);
    const auto accept = [&] { return accepting.server.accept_tls(server.get()); };
    const Result<void> accepted = interrupted(accepting.server, accept);
    ASSERT_FALSE(accepted);
    EXPECT_EQ(accepted.error().code, ErrorCode::conflict);

    const TlsContext client = test::client_context();
    StreamPair connecting = tcp_pair(loop);
    const auto connect = [&] { return connecting.client.connect_tls(client.get(), "localhost", false); };
    const Result<void> connected = interrupted(connecting.client, connect);
    ASSERT_FALSE(connected);
    EXPECT_EQ(connected.error().code, ErrorCode::conflict);
}

TEST_F(Interruption, EndsAReadInTls) {
    const TlsContext server = test::server_context();
    const TlsContext client = test::client_context();
    StreamPair pair = tls_pair(loop, server.get(), client.get());
    const auto read = [&] { return pair.server.read_some(buffer); };
    EXPECT_EQ(interrupted(pair.server, read).status, Status::interrupted);
    pair.server.resume();
    ASSERT_EQ(pair.client.try_write("hello").status, Status::ok);
    EXPECT_EQ(loop.run(pair.server.read_some(buffer)).bytes, 5U);
}

TEST_F(Interruption, EndsAtOnceWhateverBeginsAfterIt) {
    StreamPair pair = unix_pair(loop);
    ASSERT_EQ(pair.client.try_write("waiting").status, Status::ok);
    pair.server.interrupt();
    EXPECT_TRUE(pair.server.interrupted());
    EXPECT_EQ(loop.run(pair.server.read_some(buffer)).status, Status::interrupted);
    EXPECT_EQ(loop.run(pair.server.read_exactly(buffer)), Status::interrupted);
    EXPECT_EQ(loop.run(pair.server.write_all("x")), Status::interrupted);
    EXPECT_EQ(loop.run(pair.server.wait(Status::want_read)), Status::interrupted);
    EXPECT_EQ(loop.run(pair.server.wait(Status::want_write)), Status::interrupted);
    pair.server.resume();
    EXPECT_EQ(loop.run(pair.server.read_some(buffer)).bytes, 7U);
}

TEST_F(Interruption, LosesNoByteThatComesInTheSameMoment) {
    StreamPair pair = unix_pair(loop);
    auto reading = loop.start(pair.server.read_some(buffer));
    loop.settle();
    ASSERT_EQ(pair.client.try_write("hello").status, Status::ok);
    pair.server.interrupt();
    const Stream::Outcome outcome = loop.finish(reading);
    pair.server.resume();
    const std::size_t later =
        outcome.status == Status::ok ? 0 : loop.run(pair.server.read_some(buffer)).bytes;
    EXPECT_EQ(outcome.bytes + later, 5U);
}

// The waiter learns of it even where it is over by the time that it runs.
TEST_F(Interruption, ReachesTheWaiterThoughItIsTakenBackAtOnce) {
    StreamPair pair = unix_pair(loop);
    auto waiting = loop.start(pair.server.wait(Status::want_read));
    loop.settle();
    pair.server.interrupt();
    pair.server.resume();
    EXPECT_EQ(loop.finish(waiting), Status::interrupted);
}

TEST_F(Interruption, IsNotWhatCallsBackOnlyWhoWaits) {
    const TlsContext server = test::server_context();
    const TlsContext client = test::client_context();
    StreamPair plain = unix_pair(loop);
    StreamPair encrypted = tls_pair(loop, server.get(), client.get());
    for (StreamPair* pair : {&plain, &encrypted}) {
        auto waiting = loop.start(pair->server.wait_for_input());
        loop.settle();
        ASSERT_FALSE(test::is_over(waiting));
        pair->server.call_back();
        EXPECT_EQ(loop.finish(waiting), Status::interrupted);
        EXPECT_FALSE(pair->server.interrupted());
        ASSERT_EQ(pair->client.try_write("hello").status, Status::ok);
        EXPECT_EQ(loop.run(pair->server.wait_for_input()), Status::ok);
        EXPECT_EQ(loop.run(pair->server.read_some(buffer)).bytes, 5U);
    }
}

}  // namespace
}  // namespace curfew::proxy
