// GET /v1/events: the live list of sessions.
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
        client.send("GET /v1/events HTTP/1.1\r\nHost: curfew\r\n\r\n");
        const auto header = client.read_until("\r\n\r\n");
        EXPECT_THAT(header, StartsWith("HTTP/1.1 200 OK\r\n"));
        EXPECT_THAT(header, HasSubstr("Content-Type: text/event-stream\r\n"));
        return client;
    }
    static boost::json::array sessions_of(const std::string& event) {
        const auto data = event.find("data: ");
        EXPECT_THAT(event, StartsWith("event: sessions\nid: "));
        return boost::json::parse(event.substr(data + 6)).at("sessions").as_array();
    }
    void add_session() {
        admin.with_control([](FakeControl& control) {
            control.live.push_back(example_session(GrantId::generate()));
            control.changed();
        });
    }
    // Waits, by its own requests, until the server has noticed that a watcher left or came.
    void until_waiting_is(std::size_t count) {
        const auto patience = std::chrono::steady_clock::now() + 10s;
        while (admin.with_control([](FakeControl& control) { return control.waiting(); }) != count) {
            ASSERT_LT(std::chrono::steady_clock::now(), patience) << "watchers are not " << count;
        }
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
    until_waiting_is(1);
    add_session();
    EXPECT_EQ(sessions_of(client.read_until("\n\n")).size(), 1U);
    until_waiting_is(1);
    add_session();
    EXPECT_EQ(sessions_of(client.read_until("\n\n")).size(), 2U);
}

TEST_F(Events, KeepTheConnectionAliveWhereNothingChanges) {
    admin.with_control([](FakeControl& control) { control.longest_wait = 10ms; });
    auto client = watch();
    client.read_until("\n\n");
    EXPECT_EQ(client.read_until("\n\n"), ": nothing changed\n\n");
    EXPECT_EQ(client.read_until("\n\n"), ": nothing changed\n\n");
}

TEST_F(Events, EndAtOnceWhenTheClientLeaves) {
    {
        auto client = watch();
        client.read_until("\n\n");
        until_waiting_is(1);
    }
    until_waiting_is(0);
}

TEST_F(Events, EndAtOnceWhenTheServerStops) {
    auto client = watch();
    client.read_until("\n\n");
    until_waiting_is(1);
    admin.stop();
    EXPECT_EQ(client.read_to_end(), "");
}

TEST_F(Events, ServeSeveralWatchers) {
    auto one = watch();
    auto two = watch();
    one.read_until("\n\n");
    two.read_until("\n\n");
    until_waiting_is(2);
    add_session();
    EXPECT_EQ(sessions_of(one.read_until("\n\n")).size(), 1U);
    EXPECT_EQ(sessions_of(two.read_until("\n\n")).size(), 1U);
}

}  // namespace
}  // namespace curfew::test
