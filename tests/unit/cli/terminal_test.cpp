// Tables and colour: only on a terminal, and only where they are wanted.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "child_process.hpp"
#include "running_servers.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class TerminalOutput : public testing::Test {
protected:
    RunningAdmin admin{{}, SystemClock{}.wall_now()};

    std::string on_terminal(std::vector<std::string> arguments, const Environment& environment = {}) {
        arguments.insert(arguments.begin(), {"--socket", admin.socket()});
        OnTerminal curfew{arguments, environment};
        const auto [text, exit_code] = curfew.finish();
        EXPECT_EQ(exit_code, 0) << text;
        return text;
    }
    void give() {
        admin.request("POST", "/api/v1/grants", R"({"subject":"alice","resource":"prod","for":"2h"})");
    }
};

TEST_F(TerminalOutput, HasHeadersAndColour) {
    give();
    EXPECT_THAT(on_terminal({"grants"}), AllOf(HasSubstr("SUBJECT"), HasSubstr("\033[32mactive\033[0m")));
}

TEST_F(TerminalOutput, HasNoColourWhereNoneIsWanted) {
    give();
    const auto plain = AllOf(HasSubstr("SUBJECT"), Not(HasSubstr("\033")));
    EXPECT_THAT(on_terminal({"--no-color", "grants"}), plain);
    EXPECT_THAT(on_terminal({"grants"}, {{"NO_COLOR", "1"}}), plain);
    EXPECT_THAT(on_terminal({"grants"}, {{"TERM", "dumb"}}), plain);
}

TEST_F(TerminalOutput, SaysWhatToDoWhereAListIsEmpty) {
    EXPECT_THAT(on_terminal({"grants"}), HasSubstr("curfew grant USER RESOURCE --for 2h"));
    EXPECT_THAT(on_terminal({"sessions"}), HasSubstr("No live sessions."));
    EXPECT_THAT(on_terminal({"sessions", "--past"}), HasSubstr("No session was ever recorded."));
}

TEST_F(TerminalOutput, ShowsWhatToDoWithANewGrant) {
    EXPECT_THAT(on_terminal({"grant", "alice", "prod", "--for", "2h"}),
                AllOf(HasSubstr("curfew extend g-"), HasSubstr("curfew revoke g-")));
}

TEST_F(TerminalOutput, ShowsHowLongSessionsHaveLeft) {
    auto session = example_session(GrantId::generate(), admin.clock.wall_now());
    session.remaining = 90min + 59s;
    // With this, and an end after midnight, which has its date, the line would be cut.
    session.winding_down = false;
    admin.with_control([&](FakeControl& control) { control.live.push_back(session); });
    EXPECT_THAT(on_terminal({"sessions", "--no-color"}), AllOf(HasSubstr("prod/orders"), HasSubstr("1h30m"),
                                                               HasSubstr("1.2 kB"), HasSubstr("3.4 MB")));
}

}  // namespace
}  // namespace curfew::test
