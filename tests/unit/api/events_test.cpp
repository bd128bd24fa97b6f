// GET /api/v1/events: the live list of sessions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

#include "running_servers.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

class Events : public testing::Test {
protected:
    RunningAdmin admin;

    RawClient watch() {
        auto client = admin.connect();
        client.send("GET /api/v1/events HTTP/1.1\r\nHost: curfew\r\n\r\n");
        const auto header = client.read_until("\r\n\r\n");
        EXPECT_THAT(header, StartsWith("HTTP/1.1 200 OK\r\n"));
        EXPECT_THAT(header, HasSubstr("Content-Type: text/event-stream\r\n"));
        return client;
    }
    static boost::json::array sessions_of(const std::string& event) {
        const auto data = event.find("data: ");
        EXPECT_THAT(event, StartsWith("event: sessions\nid: "));
        return boost::json::parse(event.substr(data + 6)).at("items").as_array();
    }
    void add_session() {
        admin.with_control([](FakeControl& control) {
            control.live.push_back(example_session(GrantId::generate()));
            control.changed();
        });
    }
};

TEST_F(Events, BeginWithWhatIsThere) {
    add_session();
    auto client = watch();
    EXPECT_EQ(sessions_of(client.read_until("\n\n")).size(), 1U);
}

TEST_F(Events, TellOfEachChange) {
    auto client = watch();
    EXPECT_EQ(sessions_of(client.read_until("\n\n")).size(), 0U);
    add_session();
    EXPECT_EQ(sessions_of(client.read_until("\n\n")).size(), 1U);
    add_session();
    EXPECT_EQ(sessions_of(client.read_until("\n\n")).size(), 2U);
}

TEST(EventStream, KeepsTheConnectionAliveWhereNothingChanges) {
    RunningAdmin admin{[](api::ApiServerOptions& options) { options.api.events.longest_silence = 10ms; }};
    auto client = admin.connect();
    client.send("GET /api/v1/events HTTP/1.1\r\nHost: curfew\r\n\r\n");
    client.read_until("\n\n");
    EXPECT_EQ(client.read_until("\n\n"), ": nothing changed\n\n");
    EXPECT_EQ(client.read_until("\n\n"), ": nothing changed\n\n");
}

TEST(EventStream, EndsAtOnceWhenTheClientLeaves) {
    api::HttpLimits limits;
    limits.connections = 1;
    RunningAdmin admin{limits};
    {
        auto client = admin.connect();
        client.send("GET /api/v1/events HTTP/1.1\r\nHost: curfew\r\n\r\n");
        client.read_until("\n\n");
        EXPECT_EQ(exchange(admin.connect(), "GET", "/api/v1/me").status, 503) << "its place is taken";
    }
    int status = 503;
    for (const auto patience = std::chrono::steady_clock::now() + 10s;
         status == 503 && std::chrono::steady_clock::now() < patience;) {
        status = exchange(admin.connect(), "GET", "/api/v1/me").status;
    }
    EXPECT_EQ(status, 200);
}

TEST(EventStream, TellsChangesThatComeCloseTogetherAsOne) {
    RunningAdmin admin{[](api::ApiServerOptions& options) { options.api.events.least_interval = 300ms; }};
    auto client = admin.connect();
    client.send("GET /api/v1/events HTTP/1.1\r\nHost: curfew\r\n\r\n");
    client.read_until("\n\n");
    for (int i = 0; i < 20; ++i) {
        admin.with_control([](FakeControl& control) {
            control.live.push_back(example_session(GrantId::generate()));
            control.changed();
        });
    }
    admin.clock.advance(1s);
    const auto event = client.read_until("\n\n");
    const auto data = boost::json::parse(event.substr(event.find("data: ") + 6));
    EXPECT_EQ(data.at("items").as_array().size(), 20U);
}

TEST_F(Events, AnswerHeadWithTheirHeaderAlone) {
    const auto reply = exchange(admin.connect(), "HEAD", "/api/v1/events");
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.headers.at("content-type"), "text/event-stream");
    EXPECT_EQ(reply.body, "");
}

TEST_F(Events, EndAtOnceWhenTheServerStops) {
    auto client = watch();
    client.read_until("\n\n");
    admin.stop();
    EXPECT_EQ(client.read_to_end(), "");
}

TEST_F(Events, ServeSeveralWatchers) {
    auto one = watch();
    auto two = watch();
    one.read_until("\n\n");
    two.read_until("\n\n");
    add_session();
    EXPECT_EQ(sessions_of(one.read_until("\n\n")).size(), 1U);
    EXPECT_EQ(sessions_of(two.read_until("\n\n")).size(), 1U);
}

}  // namespace
}  // namespace curfew::test
