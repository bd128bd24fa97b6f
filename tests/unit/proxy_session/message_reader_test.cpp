// Reading whole messages, and not a byte of what follows them.
#include "proxy/message_reader.hpp"

#include <gmock/gmock.h>

#include "protocol/postgres/startup.hpp"
#include "sockets.hpp"
#include "support/wire_format.hpp"

namespace curfew::test {
namespace {

using proxy::ReadMessage;
using proxy::ReadPacket;
using proxy::ReadStatus;
using proxy::Stream;
using wire::message;
using Status = Stream::Status;

class ReadingMessages : public testing::TestWithParam<Transport> {
protected:
    Loop loop;
    StreamPair pair = local_pair(loop, GetParam(), 400'000);
    std::string memory;

    void send(std::string_view bytes) { ASSERT_EQ(loop.run(pair.client.write_all(bytes)), Status::ok); }
    auto begin(std::size_t longest = 100) {
        return loop.start(proxy::read_message(pair.server, memory, longest));
    }
    ReadMessage read(std::size_t longest = 100) {
        auto reading = begin(longest);
        return loop.finish(reading);
    }
    ReadPacket read_packet() { return loop.run(proxy::read_startup_packet(pair.server)); }
};

TEST_P(ReadingMessages, GivesOneAfterTheOther) {
    send(message('p', "secret") + message('S') + "rest");
    ReadMessage first = read();
    EXPECT_EQ(first.status, ReadStatus::ok);
    EXPECT_EQ(first.message.type, 'p');
    EXPECT_EQ(first.message.body, "secret");
    const ReadMessage second = read();
    EXPECT_EQ(second.message.type, 'S');
    EXPECT_EQ(second.message.body, "");
    EXPECT_EQ(take(pair.server), "rest");
}

TEST_P(ReadingMessages, PutsOneTogetherThatComesByTheByte) {
    auto reading = begin();
    for (const char byte : message('p', "secret")) {
        ASSERT_FALSE(test::is_over(reading));
        send({&byte, 1});
        loop.settle();
    }
    EXPECT_EQ(loop.finish(reading).message.body, "secret");
}

TEST_P(ReadingMessages, TakesTheLongestThatIsAllowedAndNoLongerOne) {
    send(message('p', std::string(100, 'x')) + message('p', std::string(101, 'x')));
    EXPECT_EQ(read(100).message.body, std::string(100, 'x'));
    EXPECT_EQ(read(100).status, ReadStatus::too_long);
    EXPECT_EQ(take(pair.server), std::string(101, 'x'));
}

// Before a byte of the body has come: who claims gigabytes gets no memory for them.
TEST_P(ReadingMessages, RefusesALengthAtOnce) {
    for (const std::string& header :
         {std::string{"p\0\0\0\3", 5}, std::string{"p\0\0\0\0", 5}, std::string{"p\x7f\xff\xff\xff", 5},
          std::string{"p\x80\0\0\0", 5}, std::string{"p\xff\xff\xff\xff", 5}}) {
        send(header);
        EXPECT_EQ(read(65'535).status, ReadStatus::too_long);
        EXPECT_LT(memory.capacity(), 1'000U);
    }
}

TEST_P(ReadingMessages, SaysThatItWasClosedWhereverThatHappens) {
    const std::string whole = message('p', "secret");
    for (std::size_t size = 0; size < whole.size(); ++size) {
        Loop own_loop;
        StreamPair own = local_pair(own_loop, GetParam());
        ASSERT_EQ(own_loop.run(own.client.write_all(whole.substr(0, size))), Status::ok);
        own.client.close();
        EXPECT_EQ(own_loop.run(proxy::read_message(own.server, memory, 100)).status, ReadStatus::closed)
            << size;
    }
}

TEST_P(ReadingMessages, IsInterruptedWhereverItIs) {
    const std::string whole = message('p', "secret");
    for (std::size_t size = 0; size < whole.size(); ++size) {
        Loop own_loop;
        StreamPair own = local_pair(own_loop, GetParam());
        ASSERT_EQ(own_loop.run(own.client.write_all(whole.substr(0, size))), Status::ok);
        auto reading = own_loop.start(proxy::read_message(own.server, memory, 100));
        own_loop.settle();
        own.server.interrupt();
        EXPECT_EQ(own_loop.finish(reading).status, ReadStatus::interrupted) << size;
    }
}

TEST_P(ReadingMessages, GivesAStartupPacketWithItsLengthWord) {
    send(wire::ssl_request() + "rest");
    const ReadPacket read = read_packet();
    EXPECT_EQ(read.status, ReadStatus::ok);
    EXPECT_EQ(read.packet, wire::ssl_request());
    EXPECT_EQ(take(pair.server), "rest");
}

TEST_P(ReadingMessages, TakesStartupPacketsAsLongAsPostgreSqlDoes) {
    const std::string longest = wire::packet(std::string(postgres::longest_startup_packet - 4, 'x'));
    send(longest);
    EXPECT_EQ(read_packet().packet.size(), postgres::longest_startup_packet);
    for (const std::uint32_t length : {0U, 4U, 7U, 10'005U, 0x7fffffffU, 0xffffffffU}) {
        send(wire::int32(length));
        EXPECT_EQ(read_packet().status, ReadStatus::too_long) << length;
    }
}

TEST_P(ReadingMessages, PutsAStartupPacketTogetherThatComesByTheByte) {
    const std::string packet = wire::startup({{"user", "alice"}});
    auto reading = loop.start(proxy::read_startup_packet(pair.server));
    for (const char byte : packet) {
        ASSERT_FALSE(test::is_over(reading));
        send({&byte, 1});
        loop.settle();
    }
    EXPECT_EQ(loop.finish(reading).packet, packet);
}

INSTANTIATE_TEST_SUITE_P(Over, ReadingMessages, testing::Values(Transport::plaintext, Transport::tls),
                         [](const auto& instance) { return name_of(instance.param); });

}  // namespace
}  // namespace curfew::test
