// Leaving a client: it is told why, and gets to read that, whatever it does itself.
#include "proxy/farewell.hpp"

#include <gmock/gmock.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <optional>

#include "message_stream.hpp"
#include "sockets.hpp"

namespace curfew::test {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using proxy::BootTimer;
using proxy::ClientWriter;
using proxy::Stream;
using wire::message;
using Status = Stream::Status;

const std::string words = message('E', "it is over");
const std::string result = message('D', std::string(1'000'000, 'r'));

// Ends long before a test does.
constexpr Duration ample = patience / 2;

class FarewellFixture {
protected:
    Loop loop;
    SystemClock clock;
    BootTimer timer{loop.executor(), clock};
    bool over = false;

    std::future<void> begin(Stream& stream, ClientWriter* writer, std::string last_words, Duration budget) {
        return loop.start(proxy::bid_farewell(stream, writer, timer, clock.boot_now() + budget,
                                              std::move(last_words), [this] { over = true; }));
    }
};

class Farewell : public testing::TestWithParam<Transport>, public FarewellFixture {
protected:
    StreamPair pair = local_pair(loop, GetParam());
    ClientWriter writer{pair.server};

    // A message that the client has taken but a part of; whether the rest is in hand.
    void stop_in_the_middle(std::string_view in_hand) {
        auto delivering = loop.start(writer.deliver(in_hand));
        loop.settle();
        if (!test::is_over(delivering)) {
            pair.server.interrupt();
            EXPECT_EQ(loop.finish(delivering), Status::interrupted);
            pair.server.resume();
        }
    }
    // What the client gets, which reads to the end and closes then.
    std::string read_to_end() {
        std::string received;
        EXPECT_EQ(loop.run(read_all(pair.client, received)), Status::eof);
        EXPECT_TRUE(over);
        pair.client.close();
        return received;
    }
    void finish(std::future<void>& leaving) {
        loop.finish(leaving);
        EXPECT_TRUE(over);
        EXPECT_FALSE(pair.server.is_open());
        EXPECT_EQ(timer.next_due(), std::nullopt);
        EXPECT_FALSE(loop.is_busy());
    }
};

TEST_P(Farewell, SaysTheLastWordsAndWaitsForTheClientToGo) {
    auto leaving = begin(pair.server, nullptr, words, ample);
    EXPECT_EQ(read_to_end(), words);
    finish(leaving);
}

TEST_P(Farewell, OnlyEndsWhereThereIsNothingToSay) {
    auto leaving = begin(pair.server, nullptr, "", ample);
    EXPECT_EQ(read_to_end(), "");
    finish(leaving);
}

TEST_P(Farewell, IsOverBeforeTheClientGoes) {
    auto leaving = begin(pair.server, nullptr, words, ample);
    loop.settle();
    EXPECT_TRUE(over);
    EXPECT_FALSE(test::is_over(leaving));
    pair.client.close();
    finish(leaving);
}

TEST_P(Farewell, FinishesTheMessageInHandFirst) {
    stop_in_the_middle(result);
    auto leaving = begin(pair.server, &writer, words, ample);
    EXPECT_TRUE(read_to_end() == result + words);
    finish(leaving);
}

TEST_P(Farewell, SaysNothingInsideAMessageWhoseRestItDoesNotHave) {
    stop_in_the_middle(std::string_view{result}.substr(0, 1'000));
    auto leaving = begin(pair.server, &writer, words, ample);
    EXPECT_EQ(read_to_end(), result.substr(0, 1'000));
    finish(leaving);
}

TEST_P(Farewell, EndsNoMoreThanTheBudgetLaterForAClientThatDoesNotRead) {
    // Not the scheduler's mood, but what the code adds: the best of several.
    Duration least = Duration::max();
    for (int i = 0; i < 5; ++i) {
        over = false;
        Loop own_loop;
        BootTimer own_timer{own_loop.executor(), clock};
        StreamPair own = local_pair(own_loop, GetParam());
        ClientWriter own_writer{own.server};
        auto delivering = own_loop.start(own_writer.deliver(result));
        own_loop.settle();
        own.server.interrupt();
        own_loop.finish(delivering);
        own.server.resume();
        const BootInstant until = clock.boot_now() + 80ms;
        auto leaving = own_loop.start(
            proxy::bid_farewell(own.server, &own_writer, own_timer, until, words, [this] { over = true; }));
        own_loop.finish(leaving);
        EXPECT_TRUE(over);
        EXPECT_FALSE(own.server.is_open());
        const Duration late = clock.boot_now() - until;
        EXPECT_GE(late, 0ms);
        least = std::min(least, late);
        EXPECT_TRUE(std::string_view{result}.starts_with(take(own.client)));
    }
    EXPECT_LE(least, within(20ms));
}

TEST_P(Farewell, WaitsNoLongerThanTheBudgetForAClientThatDoesNotGo) {
    auto leaving = begin(pair.server, nullptr, words, 50ms);
    loop.settle();
    EXPECT_TRUE(over);
    const BootInstant begun = clock.boot_now();
    finish(leaving);
    EXPECT_LE(clock.boot_now() - begun, within(1s));
    EXPECT_EQ(take(pair.client), words);
}

TEST_P(Farewell, SaysWhatItCanWhereTheBudgetIsUsedUp) {
    auto leaving = begin(pair.server, nullptr, words, -1s);
    finish(leaving);
    EXPECT_EQ(take(pair.client), words);
}

TEST_P(Farewell, DoesNotWaitForAClientThatIsGone) {
    pair.client.close();
    auto leaving = begin(pair.server, &writer, words, ample);
    loop.settle();
    ASSERT_TRUE(test::is_over(leaving));
    finish(leaving);
}

TEST_P(Farewell, HasNothingToDoWhereTheConnectionIsClosed) {
    pair.server.close();
    auto leaving = begin(pair.server, &writer, words, ample);
    loop.settle();
    ASSERT_TRUE(test::is_over(leaving));
    finish(leaving);
}

TEST_P(Farewell, TellsAClientThatGoesOnTalking) {
    const std::string chatter = pattern(3'000'000);
    auto talking = loop.start(pair.client.write_all(chatter));
    loop.settle();
    auto leaving = begin(pair.server, nullptr, words, ample);
    EXPECT_EQ(read_to_end(), words);
    EXPECT_NE(loop.finish(talking), Status::interrupted);
    finish(leaving);
}

TEST_P(Farewell, EndsForAClientThatNeverStopsTalking) {
    auto leaving = begin(pair.server, nullptr, words, 50ms);
    const std::string chatter = pattern(60'000);
    const auto talk = [this, &chatter]() -> asio::awaitable<Status> {
        for (;;) {
            const Status status = co_await pair.client.write_all(chatter);
            if (status != Status::ok) co_return status;
        }
    };
    auto talking = loop.start(talk());
    const BootInstant begun = clock.boot_now();
    loop.finish(leaving);
    EXPECT_LE(clock.boot_now() - begun, within(1s));
    EXPECT_EQ(loop.finish(talking), Status::failed);
    EXPECT_EQ(timer.next_due(), std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(Over, Farewell, testing::Values(Transport::plaintext, Transport::tls),
                         [](const auto& instance) { return name_of(instance.param); });

// --- Over TCP, where a careless close loses what was said

class FarewellOverTcp : public testing::Test, public FarewellFixture {};

TEST_F(FarewellOverTcp, IsHeardByAClientWhoseInputNobodyRead) {
    StreamPair pair = tcp_pair(loop);
    ASSERT_EQ(loop.run(pair.client.write_all(pattern(500'000))), Status::ok);
    auto leaving = begin(pair.server, nullptr, words, ample);
    std::string received;
    EXPECT_EQ(loop.run(read_all(pair.client, received)), Status::eof);
    EXPECT_EQ(received, words);
    pair.client.close();
    loop.finish(leaving);
}

TEST_F(FarewellOverTcp, SaysGoodbyeInTls) {
    const proxy::TlsContext server = server_context();
    const proxy::TlsContext client = client_context();
    StreamPair pair = tls_pair(loop, server.get(), client.get());
    auto leaving = begin(pair.server, nullptr, words, ample);
    std::string received;
    EXPECT_EQ(loop.run(read_all(pair.client, received)), Status::eof);
    EXPECT_EQ(received, words);
    EXPECT_NE(SSL_get_shutdown(pair.client.tls()) & SSL_RECEIVED_SHUTDOWN, 0);
    pair.client.close();
    loop.finish(leaving);
}

class FarewellInAFlood : public testing::Test, public FarewellFixture {};

// A client may send faster than it is read: that must not hold up the thread, the budget's timer least of
// all.
TEST_F(FarewellInAFlood, LetsOthersHaveTheirTurn) {
    HalfPair pair = flooded_half_pair(loop);
    if (stuff(pair.other) < flood) GTEST_SKIP() << "the sockets here hold too little for a flood";
    auto leaving = begin(pair.stream, nullptr, words, ample);
    while (!over)
        ASSERT_TRUE(loop.step());
    std::optional<std::size_t> left;
    asio::post(loop.executor(), [&] { left = unread(pair.other); });
    while (!left)
        ASSERT_TRUE(loop.step());
    EXPECT_GT(*left, 0U);
    pair.other.reset();
    loop.finish(leaving);
}

TEST_F(FarewellInAFlood, ReadsNoFloodToItsEndOnceTheBudgetIsUsedUp) {
    HalfPair pair = flooded_half_pair(loop);
    if (stuff(pair.other) < flood) GTEST_SKIP() << "the sockets here hold too little for a flood";
    auto leaving = begin(pair.stream, nullptr, words, -1s);
    std::size_t left = 0;
    while (!test::is_over(leaving)) {
        left = unread(pair.other);
        ASSERT_TRUE(loop.step());
    }
    EXPECT_GT(left, 0U);
}

}  // namespace
}  // namespace curfew::test
