// What reaches a client: PostgreSQL's messages, and Curfew's own between them.
#include "proxy/client_writer.hpp"

#include <gmock/gmock.h>

#include "message_stream.hpp"
#include "sockets.hpp"

namespace curfew::test {
namespace {

using proxy::ClientWriter;
using proxy::Stream;
using testing::StartsWith;
using wire::message;
using Status = Stream::Status;

const std::string row = message('D', std::string(100, 'r'));
const std::string ready = message('Z', "I");
// Ours. Of one type that PostgreSQL's messages do not have here.
const std::string notice = message('N', "a notice");
const std::string other_notice = message('N', "another one");
// More than any of these sockets holds.
const std::string long_notice = message('N', std::string(200'000, 'n'));

std::string rows(std::size_t count) {
    std::string all;
    for (std::size_t i = 0; i < count; ++i)
        all += message('D', std::to_string(i) + std::string(100, 'r'));
    return all;
}

class ClientWriting : public testing::TestWithParam<Transport> {
protected:
    Loop loop;
    StreamPair pair = local_pair(loop, GetParam());
    ClientWriter writer{pair.server};
    std::string received;

    // Delivers what the client takes at once.
    void deliver(std::string_view bytes) {
        auto delivering = loop.start(writer.deliver(bytes));
        loop.settle();
        ASSERT_TRUE(test::is_over(delivering));
        ASSERT_EQ(loop.finish(delivering), Status::ok);
    }
    // Begins to deliver what the client does not take at once.
    std::future<Status> begin(std::string_view bytes) {
        auto delivering = loop.start(writer.deliver(bytes));
        loop.settle();
        EXPECT_FALSE(test::is_over(delivering));
        return delivering;
    }
    // As the end of a session does; what was being delivered stays in hand.
    void interrupt(std::future<Status>& delivering) {
        pair.server.interrupt();
        EXPECT_EQ(loop.finish(delivering), Status::interrupted);
        pair.server.resume();
    }
    // The client reads until the task is over, and then what is left.
    template <class T>
    T finish_while_reading(std::future<T>& task) {
        auto reading = loop.start(read_all(pair.client, received));
        T result = loop.finish(task);
        pair.client.interrupt();
        loop.finish(reading);
        pair.client.resume();
        received += take(pair.client);
        return result;
    }
    bool finish_message() {
        auto finishing = loop.start(writer.finish_message());
        return finish_while_reading(finishing);
    }
    Parsed seen() {
        received += take(pair.client);
        return parse(received);
    }
};

TEST_P(ClientWriting, SaysAtOnceWhatIsSaidWhileNothingIsDelivered) {
    writer.say(notice);
    EXPECT_EQ(take(pair.client), notice);
    deliver(row);
    writer.say(other_notice);
    EXPECT_EQ(take(pair.client), row + other_notice);
}

TEST_P(ClientWriting, SaysNothingInsideARow) {
    deliver(std::string_view{row}.substr(0, 40));
    writer.say(notice);
    EXPECT_EQ(take(pair.client), row.substr(0, 40));
    deliver(std::string_view{row}.substr(40));
    EXPECT_EQ(take(pair.client), row.substr(40) + notice);
}

TEST_P(ClientWriting, SaysNothingInsideAHeader) {
    for (std::size_t part = 1; part < 5; ++part) {
        deliver(std::string_view{ready}.substr(0, part));
        writer.say(notice);
        EXPECT_EQ(take(pair.client), ready.substr(0, part));
        deliver(std::string_view{ready}.substr(part));
        EXPECT_EQ(take(pair.client), ready.substr(part) + notice);
    }
}

TEST_P(ClientWriting, SaysItBetweenTheMessagesOfOnePiece) {
    deliver(std::string_view{row}.substr(0, 40));
    writer.say(notice);
    const std::string more = row.substr(40) + ready + row;
    deliver(more);
    EXPECT_EQ(take(pair.client), row + notice + ready + row);
}

TEST_P(ClientWriting, SaysWhatIsSaidBehindAnEmptyMessage) {
    const std::string empty = message('I');
    deliver(empty);
    writer.say(notice);
    EXPECT_EQ(take(pair.client), empty + notice);
}

TEST_P(ClientWriting, SaysTwoThingsInTheirOrder) {
    deliver(std::string_view{row}.substr(0, 40));
    writer.say(notice);
    writer.say(other_notice);
    deliver(std::string_view{row}.substr(40));
    EXPECT_EQ(take(pair.client), row + notice + other_notice);
}

TEST_P(ClientWriting, WaitsWithANoticeForAClientThatDoesNotRead) {
    const std::string stream = rows(3'000);
    auto delivering = begin(stream);
    writer.say(notice);
    writer.say(other_notice);
    EXPECT_EQ(finish_while_reading(delivering), Status::ok);
    const Parsed all = seen();
    EXPECT_TRUE(all.whole());
    EXPECT_EQ(all.bytes("N"), stream);
    // Together, and not only behind everything.
    EXPECT_THAT(all.types().substr(all.types().find('N')), StartsWith("NND"));
}

TEST_P(ClientWriting, GoesOnWithANoticeThatTheClientTookHalfOf) {
    writer.say(long_notice);
    received += take(pair.client);
    // Half a TLS record is not for the client to see yet.
    ASSERT_EQ(received.empty(), GetParam() == Transport::tls);
    ASSERT_LT(received.size(), long_notice.size());
    writer.say(notice);
    auto delivering = loop.start(writer.deliver(row));
    EXPECT_EQ(finish_while_reading(delivering), Status::ok);
    EXPECT_TRUE(received == long_notice + notice + row);
}

// A coroutine that waits on behalf of one notice when another is said.
TEST_P(ClientWriting, TakesANoticeWhileItIsStillWritingAnother) {
    writer.say(long_notice);
    auto delivering = begin({});
    writer.say(notice);
    EXPECT_EQ(finish_while_reading(delivering), Status::ok);
    EXPECT_TRUE(received == long_notice + notice);
}

TEST_P(ClientWriting, CountsWhatPostgreSqlSaidAndHowOftenItWasReady) {
    const std::string stream = row + ready + message('Z', "T");
    deliver(std::string_view{stream}.substr(0, row.size() + 5));
    EXPECT_EQ(writer.readies(), 0U);  // its status is still to come
    writer.say(notice);
    deliver(std::string_view{stream}.substr(row.size() + 5));
    EXPECT_EQ(writer.readies(), 2U);
    EXPECT_EQ(writer.bytes_written(), stream.size());
}

TEST_P(ClientWriting, TakesNoReadyForQueryInsideARowForOne) {
    deliver(message('D', ready + ready));
    EXPECT_EQ(writer.readies(), 0U);
}

TEST_P(ClientWriting, FailsOnceTheClientIsGone) {
    pair.client.close();
    const std::string stream = rows(1'000);
    EXPECT_EQ(loop.run(writer.deliver(stream)), Status::failed);
    EXPECT_FALSE(writer.broken());
    writer.say(notice);
}

TEST_P(ClientWriting, PassesNothingOnOfWhatCannotBeAMessage) {
    for (const std::string& bad : {std::string{"D\0\0\0\3rest", 9}, std::string{"D\x80\0\0\0rest", 9}}) {
        Loop own_loop;
        StreamPair own = local_pair(own_loop, GetParam());
        ClientWriter own_writer{own.server};
        const std::string bytes = row + bad;
        EXPECT_EQ(own_loop.run(own_writer.deliver(bytes)), Status::failed);
        EXPECT_TRUE(own_writer.broken());
        EXPECT_EQ(take(own.client), row);
    }
}

// --- finish_message

TEST_P(ClientWriting, HasNothingToFinishAtABoundary) {
    EXPECT_TRUE(finish_message());
    deliver(row);
    EXPECT_TRUE(finish_message());
    EXPECT_EQ(received, row);
}

TEST_P(ClientWriting, FinishesTheMessageWhoseRestIsInHand) {
    const std::string stream = message('D', std::string(100'000, 'r')) + ready + row;
    auto delivering = begin(stream);
    interrupt(delivering);
    EXPECT_TRUE(finish_message());
    EXPECT_EQ(seen().types(), "D");
    EXPECT_TRUE(seen().whole());
}

// The first record of TLS goes beyond the boundary, and cannot be taken back.
TEST_P(ClientWriting, FinishesTheMessageThatAHalfWrittenRecordReachesInto) {
    const std::string stream = rows(3'000);
    auto delivering = begin(stream);
    interrupt(delivering);
    EXPECT_TRUE(finish_message());
    EXPECT_TRUE(seen().whole());
    EXPECT_TRUE(stream.starts_with(received));
    // No further than must be.
    const std::size_t bound = GetParam() == Transport::tls ? boundary_from(stream, 16'384) : 16'384;
    EXPECT_LE(received.size(), bound);
}

TEST_P(ClientWriting, CannotFinishWhatIsNotInHand) {
    const std::string stream = message('D', std::string(100'000, 'r')).substr(0, 50'000);
    auto delivering = begin(stream);
    interrupt(delivering);
    EXPECT_FALSE(finish_message());
    EXPECT_THAT(stream, StartsWith(received));
}

TEST_P(ClientWriting, CannotFinishAHeaderThatIsNotInHand) {
    deliver(std::string_view{row}.substr(0, 3));
    EXPECT_FALSE(finish_message());
    EXPECT_EQ(received, row.substr(0, 3));
}

TEST_P(ClientWriting, CannotFinishForAClientThatDoesNotRead) {
    const std::string stream = message('D', std::string(100'000, 'r'));
    auto delivering = begin(stream);
    interrupt(delivering);
    auto finishing = loop.start(writer.finish_message());
    loop.settle();
    ASSERT_FALSE(test::is_over(finishing));
    pair.server.interrupt();
    EXPECT_FALSE(loop.finish(finishing));
}

TEST_P(ClientWriting, CannotFinishForAClientThatIsGone) {
    const std::string stream = message('D', std::string(100'000, 'r'));
    auto delivering = begin(stream);
    interrupt(delivering);
    pair.client.close();
    EXPECT_FALSE(loop.run(writer.finish_message()));
}

TEST_P(ClientWriting, FinishesANoticeThatIsHalfWritten) {
    writer.say(long_notice);
    auto delivering = begin(row);
    interrupt(delivering);
    EXPECT_TRUE(finish_message());
    EXPECT_TRUE(received == long_notice);
}

TEST_P(ClientWriting, DropsANoticeThatIsNotBegun) {
    const std::string stream = rows(3'000);
    auto delivering = begin(stream);
    writer.say(notice);
    interrupt(delivering);
    EXPECT_TRUE(finish_message());
    EXPECT_TRUE(seen().whole());
    EXPECT_EQ(seen().types().find('N'), std::string::npos);
}

// Of a piece that is written there is nothing in hand any more.
TEST_P(ClientWriting, FinishesOnlyOnceTheRestHasCome) {
    deliver(std::string_view{row}.substr(0, 60));
    EXPECT_FALSE(finish_message());
    deliver(std::string_view{row}.substr(60));
    EXPECT_TRUE(finish_message());
    EXPECT_EQ(received, row);
}

TEST_P(ClientWriting, CannotFinishAStreamThatIsBroken) {
    const std::string bad{"D\0\0\0\3", 5};
    deliver(std::string_view{bad}.substr(0, 2));
    EXPECT_EQ(loop.run(writer.deliver(std::string_view{bad}.substr(2))), Status::failed);
    EXPECT_FALSE(finish_message());
    EXPECT_EQ(received, bad.substr(0, 2));
}

INSTANTIATE_TEST_SUITE_P(Over, ClientWriting, testing::Values(Transport::plaintext, Transport::tls),
                         [](const auto& instance) { return name_of(instance.param); });

}  // namespace
}  // namespace curfew::test
