// Following a stream of events over TLS.
#include "cli/event_stream.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>

#include "api_stand_in.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using Steady = std::chrono::steady_clock;
using Transport = ApiStandIn::Transport;

cli::Server server_of(const ApiStandIn& stand_in) {
    cli::Server server;
    server.url = stand_in.url();
    server.ca_file = stand_in.ca_file();
    return server;
}

template <class Done>
bool wait_until(cli::EventStream& stream, Done done) {
    const auto patience = Steady::now() + 20s;
    while (!done()) {
        if (Steady::now() >= patience) return false;
        stream.wait(-1, patience);
    }
    return true;
}

TEST(EventStream, IsConnectedBeforeItsFirstEvent) {
    ApiStandIn stand_in;
    const auto server = server_of(stand_in);
    cli::EventStream stream{server, "/events"};
    EXPECT_TRUE(wait_until(stream, [&] { return stream.connected(); }));
    EXPECT_TRUE(stream.take().empty());
}

TEST(EventStream, GivesWhatComesWhenItComes) {
    ApiStandIn stand_in;
    const auto server = server_of(stand_in);
    cli::EventStream stream{server, "/events?topics=requests"};
    ASSERT_TRUE(wait_until(stream, [&] { return stream.connected(); }));
    stand_in.push("request", "{}");
    std::vector<cli::ServerEvent> events;
    ASSERT_TRUE(wait_until(stream, [&] { return !(events = stream.take()).empty(); }));
    EXPECT_EQ(events[0].name, "request");
    EXPECT_EQ(stream.last_id(), "1");
    EXPECT_EQ(stand_in.seen()[0].target, "/api/v1/events?topics=requests");
}

TEST(EventStream, GoesOnBehindTheLastEventThatWasSeen) {
    ApiStandIn stand_in;
    const auto server = server_of(stand_in);
    cli::EventStream stream{server, "/events", "41"};
    ASSERT_TRUE(wait_until(stream, [&] { return stream.connected(); }));
    EXPECT_EQ(stand_in.seen()[0].header("last-event-id"), "41");
    EXPECT_EQ(stream.last_id(), "41") << "as long as nothing newer came";
}

TEST(EventStream, ReturnsForAnotherDescriptor) {
    ApiStandIn stand_in;
    const auto server = server_of(stand_in);
    cli::EventStream stream{server, "/events"};
    ASSERT_TRUE(wait_until(stream, [&] { return stream.connected(); }));
    std::array<int, 2> pipe{};
    ASSERT_EQ(::pipe(pipe.data()), 0);
    ASSERT_EQ(::write(pipe[1], "x", 1), 1);
    const auto begin = Steady::now();
    stream.wait(pipe[0], begin + 10s);
    EXPECT_LT(Steady::now() - begin, 5s);
    ::close(pipe[0]);
    ::close(pipe[1]);
}

TEST(EventStream, CountsASilentServerAsGone) {
    ApiStandIn stand_in;
    const auto server = server_of(stand_in);
    cli::EventStream stream{server, "/events", "", 1s};
    ASSERT_TRUE(wait_until(stream, [&] { return stream.failure().has_value(); }));
    EXPECT_EQ(stream.failure()->code, cli::ExitCode::unreachable);
    EXPECT_THAT(stream.failure()->message, HasSubstr("said nothing for 1 s"));
}

TEST(EventStream, SaysWhyItIsRefused) {
    ApiStandIn stand_in{Transport::tls, [](Exchange& exchange) {
                            exchange.answer(401, R"({"detail":"The token has expired"})");
                        }};
    const auto server = server_of(stand_in);
    cli::EventStream stream{server, "/events"};
    ASSERT_TRUE(wait_until(stream, [&] { return stream.failure().has_value(); }));
    EXPECT_EQ(stream.failure()->code, cli::ExitCode::not_signed_in);
    EXPECT_THAT(stream.failure()->message, HasSubstr("The token has expired"));
}

TEST(EventStream, TakesNothingElseForEvents) {
    ApiStandIn stand_in{Transport::tls, [](Exchange& exchange) { exchange.answer(200, "{}"); }};
    const auto server = server_of(stand_in);
    cli::EventStream stream{server, "/events"};
    ASSERT_TRUE(wait_until(stream, [&] { return stream.failure().has_value(); }));
    EXPECT_THAT(stream.failure()->message, HasSubstr("it sends no events"));
}

TEST(EventStream, EndsWithTheServer) {
    ApiStandIn stand_in;
    const auto server = server_of(stand_in);
    cli::EventStream stream{server, "/events"};
    ASSERT_TRUE(wait_until(stream, [&] { return stream.connected(); }));
    stand_in.stop();
    ASSERT_TRUE(wait_until(stream, [&] { return stream.failure().has_value(); }));
    EXPECT_EQ(stream.failure()->code, cli::ExitCode::unreachable);
}

}  // namespace
}  // namespace curfew::test
