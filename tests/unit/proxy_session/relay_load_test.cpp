// A relay with much to do: floods, both ways at once, and ends at any moment.
#include <gmock/gmock.h>

#include <algorithm>
#include <random>

#include "message_stream.hpp"
#include "relay_fixture.hpp"

namespace curfew::test {
namespace {

using proxy::BufferPool;
using proxy::RelayEnd;
using proxy::Stream;
using Status = Stream::Status;

// What a direction may pass on before others have their turn, and the read that it began with.
constexpr std::size_t one_turn = 9 * BufferPool::buffer_size;

class RelayUnderLoad : public testing::TestWithParam<Transport> {};

TEST_P(RelayUnderLoad, PassesMegabytesBothWaysAtOnceThroughSmallSockets) {
    RelayFixture session{GetParam(), 1, 1};  // the kernel's least
    Loop& loop = session.loop;
    std::mt19937 random{7};
    const std::string requests = random_messages(random, 4'000'000);
    const std::string answers = random_messages(random, 4'000'000);
    std::string to_server;
    std::string to_client;
    auto running = loop.start(session.relay.run());
    auto reading_requests = loop.start(read_all(session.server(), to_server));
    auto reading_answers = loop.start(read_all(session.client(), to_client));
    auto asking = loop.start(session.client().write_all(requests));
    auto answering = loop.start(session.server().write_all(answers));
    EXPECT_EQ(loop.finish(asking), Status::ok);
    EXPECT_EQ(loop.finish(answering), Status::ok);
    session.client().shutdown_write();
    EXPECT_EQ(loop.finish(reading_requests), Status::eof);
    session.server().shutdown_write();
    EXPECT_EQ(loop.finish(running), RelayEnd::client_left);
    session.client().interrupt();
    loop.finish(reading_answers);
    to_client += take(session.client());
    EXPECT_TRUE(to_server == requests);
    EXPECT_TRUE(to_client == answers);
    EXPECT_EQ(session.relay.bytes_from_client(), requests.size());
    EXPECT_EQ(session.writer.bytes_written(), answers.size());
}

// Traffic both ways, which ends at some moment.
void end_at_a_random_moment(Transport transport, unsigned seed) {
    std::mt19937 random{seed};
    const auto buffer = [&random] { return static_cast<int>(between(random, 1, 20'000)); };
    RelayFixture session{transport, buffer(), buffer()};
    Loop& loop = session.loop;
    const std::string requests = random_messages(random, between(random, 0, 200'000));
    const std::string answers = random_messages(random, between(random, 0, 200'000));
    std::string to_server;
    std::string to_client;
    auto running = loop.start(session.relay.run());
    auto asking = loop.start(session.client().write_all(requests));
    auto answering = loop.start(session.server().write_all(answers));
    std::future<Status> reading_requests;
    std::future<Status> reading_answers;
    if (between(random, 0, 2) > 0) reading_requests = loop.start(read_all(session.server(), to_server));
    if (between(random, 0, 2) > 0) reading_answers = loop.start(read_all(session.client(), to_client));
    for (std::size_t steps = between(random, 0, 150); steps > 0; --steps)
        loop.step();
    if (between(random, 0, 5) == 0) session.client().shutdown_write();
    if (between(random, 0, 5) == 0) session.server().close();
    for (std::size_t steps = between(random, 0, 3); steps > 0; --steps)
        loop.step();

    session.interrupt();
    loop.settle();
    ASSERT_TRUE(test::is_over(running));
    loop.finish(running);
    for (Stream* stream : {&session.client(), &session.server()})
        stream->interrupt();
    EXPECT_FALSE(loop.is_busy());
    EXPECT_TRUE(requests.starts_with(to_server));
    EXPECT_TRUE(answers.starts_with(to_client));
}

TEST_P(RelayUnderLoad, LeavesNothingBehindWheneverItIsInterrupted) {
    const unsigned count = GetParam() == Transport::tls ? 100 : 500;
    for (unsigned seed = 0; seed < count; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        end_at_a_random_moment(GetParam(), seed);
        if (testing::Test::HasFailure()) return;
    }
}

INSTANTIATE_TEST_SUITE_P(Over, RelayUnderLoad, testing::Values(Transport::plaintext, Transport::tls),
                         [](const auto& instance) { return name_of(instance.param); });

// All that it is to relay is there at once, and there is room for it: nothing makes it wait.
class RelayInAFlood : public testing::Test, public RelayFixture {
protected:
    RelayInAFlood() : RelayFixture{Transport::plaintext, flood_buffer, flood_buffer} {}

    // What a socket took, of messages that have no end.
    std::size_t stuff(Stream& from) {
        const std::string header = "d" + wire::int32(1'000'000'000);
        const std::string body(65'536, 'x');
        std::size_t taken = from.try_write(header).bytes;
        for (;;) {
            const Stream::Outcome outcome = from.try_write(body);
            if (outcome.status != Status::ok) return taken;
            taken += outcome.bytes;
        }
    }
};

TEST_F(RelayInAFlood, LetsOthersHaveTheirTurn) {
    const std::size_t total = std::min(stuff(client()), stuff(server()));
    if (total < flood) GTEST_SKIP() << "the sockets here hold too little for a flood";
    auto running = loop.start(relay.run());
    std::size_t most = 0;
    std::size_t before = 0;
    while (loop.step()) {
        const std::size_t now = relay.bytes_from_client() + writer.bytes_written();
        most = std::max(most, now - before);
        before = now;
    }
    EXPECT_GT(before, one_turn);
    EXPECT_LE(most, one_turn);
    interrupt();
    loop.finish(running);
}

TEST_F(RelayInAFlood, NoticesThatItIsInterrupted) {
    const std::size_t total = stuff(server());
    if (total < flood) GTEST_SKIP() << "the sockets here hold too little for a flood";
    auto running = loop.start(relay.run());
    while (writer.bytes_written() == 0)
        ASSERT_TRUE(loop.step());
    interrupt();
    const std::size_t before = writer.bytes_written();
    EXPECT_EQ(loop.finish(running), RelayEnd::interrupted);
    EXPECT_LE(writer.bytes_written() - before, one_turn);
}

}  // namespace
}  // namespace curfew::test
