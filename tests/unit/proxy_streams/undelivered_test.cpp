// What was written and has not reached the other side when a connection ends.
#include <gtest/gtest.h>

#include <array>
#include <string>

#include "proxy/stream.hpp"
#include "stream_pair.hpp"
#include "support/timing.hpp"

namespace curfew::proxy {
namespace {

using namespace std::chrono_literals;
using test::Loop;
using test::StreamPair;
using Status = Stream::Status;

class Undelivered : public testing::Test {
protected:
    // Until the other side's machine takes no more.
    void fill_server() {
        const std::string bytes(1'000'000, 'x');
        while (pair.server.try_write(bytes).status == Status::ok) {
        }
    }
    // What the client can still read, and how that ends.
    std::pair<std::size_t, Status> rest() {
        std::size_t total = 0;
        for (;;) {
            const Stream::Outcome outcome = loop.run(pair.client.read_some(buffer));
            if (outcome.status != Status::ok) return {total, outcome.status};
            total += outcome.bytes;
        }
    }

    Loop loop;
    StreamPair pair = test::tcp_pair(loop);
    std::array<char, 65536> buffer{};
};

TEST_F(Undelivered, IsNothingOnceTheOtherMachineHasIt) {
    EXPECT_FALSE(pair.server.has_undelivered());
    ASSERT_EQ(pair.server.try_write("hello").status, Status::ok);
    EXPECT_TRUE(test::eventually([&] { return !pair.server.has_undelivered(); })) << "read or not";
}

TEST_F(Undelivered, IsWhatTheOtherMachineHasNoRoomFor) {
    fill_server();
    EXPECT_TRUE(pair.server.has_undelivered());
}

TEST_F(Undelivered, IsNeverThereOnAUnixSocket) {
    StreamPair local = test::unix_pair(loop);
    ASSERT_EQ(local.server.try_write("hello").status, Status::ok);
    EXPECT_FALSE(local.server.has_undelivered());
}

TEST_F(Undelivered, IsThrownAwayByAReset) {
    fill_server();
    pair.server.reset();
    EXPECT_FALSE(pair.server.is_open());
    EXPECT_EQ(rest().second, Status::failed) << "torn off, and not ended in order";
}

TEST_F(Undelivered, IsThrownAwayByClosingForGoodWhereTheOtherSideHasStoppedReading) {
    fill_server();
    pair.server.close_for_good(150ms);
    EXPECT_EQ(rest().second, Status::failed);
}

TEST_F(Undelivered, IsNotMissedByWhoReads) {
    ASSERT_EQ(pair.server.try_write("last words").status, Status::ok);
    pair.server.shutdown_write();
    pair.server.close_for_good(150ms);
    EXPECT_EQ(rest(), (std::pair<std::size_t, Status>{10, Status::eof}));
}

TEST_F(Undelivered, IsNoSignThatTheConnectionWasLost) {
    pair.client.reset();
    EXPECT_EQ(loop.run(pair.server.read_some(buffer)).status, Status::failed);
    EXPECT_FALSE(pair.server.lost()) << "the other machine has said that it is over";
}

}  // namespace
}  // namespace curfew::proxy
