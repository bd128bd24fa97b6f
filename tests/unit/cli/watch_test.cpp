// `curfew sessions --watch`: what it draws, and what it does with the terminal.
#include "cli/watch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <csignal>

#include "child_process.hpp"
#include "cli/table.hpp"
#include "running_servers.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class Watch : public testing::Test {
protected:
    RunningAdmin admin{{}, SystemClock{}.wall_now()};
    GrantId grant = GrantId::generate();

    std::vector<std::string> watch(std::vector<std::string> more = {}) {
        more.insert(more.begin(), {"--socket", admin.socket(), "sessions", "--watch"});
        return more;
    }
    SessionId add_session(Duration left = 90min) {
        auto session = example_session(grant, admin.clock.wall_now());
        session.remaining = left;
        admin.with_control([&](FakeControl& control) {
            control.live.push_back(session);
            control.changed();
        });
        return session.id;
    }
    // What the next picture says of the time left, in its first line.
    static std::string next_countdown(OnTerminal& curfew) {
        curfew.read_until("the next ends in ");
        return curfew.read_until(" ");
    }
    void remove_sessions() {
        admin.with_control([](FakeControl& control) {
            control.live.clear();
            control.changed();
        });
    }
};

TEST_F(Watch, PrintsALineForEachChangeWhereThereIsNoTerminal) {
    const auto first = add_session();
    InPipe curfew{watch()};
    EXPECT_THAT(curfew.read_line(), AllOf(HasSubstr("  started  " + first.text() + " alice prod/orders"),
                                          HasSubstr("1h29m left"), Not(HasSubstr("\033"))));
    const auto second = add_session();
    EXPECT_THAT(curfew.read_line(), HasSubstr("  started  " + second.text()));
    admin.request("POST", "/api/v1/sessions/" + first.text() + "/kill");
    EXPECT_THAT(curfew.read_line(), HasSubstr("  ending   " + first.text()));
    remove_sessions();
    EXPECT_THAT(curfew.read_line(), HasSubstr("  ended    " + first.text()));
    EXPECT_THAT(curfew.read_line(), HasSubstr("  ended    " + second.text()));
    curfew.signal(SIGINT);
    EXPECT_EQ(curfew.finish(), 0);
}

TEST_F(Watch, TellsOfAnExtension) {
    const auto given =
        admin.request("POST", "/api/v1/grants", R"({"subject":"alice","resource":"prod","for":"90m"})")
            .json();
    grant = *GrantId::parse(std::string{given.at("id").as_string()});
    const auto session = add_session();
    InPipe curfew{watch()};
    curfew.read_line();
    admin.request("POST", "/api/v1/grants/" + grant.text() + "/extend", R"({"by":"30m"})");
    EXPECT_THAT(curfew.read_line(),
                AllOf(HasSubstr("  moved    " + session.text()), HasSubstr("+30m00s, 1h59m left")));
}

TEST_F(Watch, PrintsADocumentForEachChangeAsJson) {
    InPipe curfew{watch({"--json"})};
    EXPECT_EQ(curfew.read_line(), R"({"items":[],"next":null})");
    const auto session = add_session();
    const auto list = boost::json::parse(curfew.read_line());
    EXPECT_EQ(list.at("items").at(0).at("id").as_string(), session.text());
}

TEST_F(Watch, EndsWithTheServerWhereThereIsNoTerminal) {
    InPipe curfew{watch()};
    add_session();
    curfew.read_line();
    admin.stop();
    EXPECT_EQ(curfew.read_line(), "");
    EXPECT_EQ(curfew.finish(), 5);
}

TEST_F(Watch, CountsDownOnATerminalAndGivesItBack) {
    const auto session = add_session(119s);
    OnTerminal curfew{watch()};
    const auto start = curfew.read_until(session.text());
    EXPECT_THAT(start, AllOf(HasSubstr("\033[?1049h"), HasSubstr("\033[?25l"),
                             HasSubstr("1 session, the next"), HasSubstr("\033[33m")))
        << "the other screen, no cursor, yellow: less than five minutes are left";
    // Nothing changes on the server: the countdown is the command's own.
    const auto first = next_countdown(curfew);
    auto second = first;
    while (second == first)
        second = next_countdown(curfew);
    EXPECT_THAT(first, StartsWith("01:5"));
    EXPECT_LT(second, first);
    curfew.type("\x03");
    const auto [rest, exit_code] = curfew.finish();
    EXPECT_EQ(exit_code, 0);
    EXPECT_THAT(rest, EndsWith("\033[?25h\033[?1049l"));
}

TEST_F(Watch, DrawsAChangeAtOnce) {
    OnTerminal curfew{watch({"--no-color"})};
    curfew.read_until("no live sessions");
    const auto session = add_session();
    EXPECT_THAT(curfew.read_until(session.text()), Not(HasSubstr("\033[3")));
    curfew.signal(SIGTERM);
    EXPECT_THAT(curfew.finish().first, EndsWith("\033[?1049l"));
}

TEST_F(Watch, WaitsOnATerminalForAServerThatIsAway) {
    add_session();
    OnTerminal curfew{watch()};
    curfew.read_until("1 session");
    admin.stop();
    curfew.read_until("not connected: ");
    curfew.signal(SIGTERM);
    EXPECT_EQ(curfew.finish().second, 0);
}

TEST(WatchWithoutServer, FailsAtOnceOnATerminalToo) {
    OnTerminal curfew{{"--socket", "/nonexistent/admin.sock", "sessions", "-w"}};
    const auto [text, exit_code] = curfew.finish();
    EXPECT_EQ(exit_code, 5);
    EXPECT_THAT(text, AllOf(StartsWith("curfew: Cannot reach curfewd"), Not(HasSubstr("\033["))));
}

}  // namespace
}  // namespace curfew::test

namespace curfew::cli {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr BootInstant now{100h};

SessionRow row(const std::string& id, Duration left) {
    SessionRow session;
    session.id = id;
    session.user = "alice";
    session.place = "prod/orders";
    session.phase = "live";
    session.total = 2h;
    session.deadline = now + left;
    return session;
}

Terminal terminal_of(std::size_t columns, std::size_t rows) {
    Terminal terminal;
    terminal.is_terminal = true;
    terminal.columns = columns;
    terminal.rows = rows;
    return terminal;
}

TEST(WatchPicture, PutsWhatEndsFirstOnTop) {
    const auto picture =
        draw_watch({row("s-late", 1h), row("s-soon", 1min)}, "", now, "12:00:00", terminal_of(100, 30));
    EXPECT_LT(picture.find("s-soon"), picture.find("s-late"));
    EXPECT_THAT(picture, HasSubstr("2 sessions, the next ends in 01:00"));
}

TEST(WatchPicture, CountsDownToTheNextOneThatIsNotEndingYet) {
    auto ending = row("s-1", -2s);
    ending.phase = "ending";
    EXPECT_THAT(draw_watch({ending, row("s-2", 1h)}, "", now, "12:00:00", terminal_of(100, 30)),
                AllOf(HasSubstr("2 sessions, 1 ending, the next ends in 1:00:00"), HasSubstr("-00:02")));
    EXPECT_THAT(draw_watch({ending}, "", now, "12:00:00", terminal_of(100, 30)),
                AllOf(HasSubstr("1 session, 1 ending  ("), Not(HasSubstr("the next"))));
}

TEST(WatchPicture, NamesTheNodesWhereThereAreSeveral) {
    auto one = row("s-1", 1h);
    auto other = row("s-2", 2h);
    one.node = other.node = "gate-a";
    EXPECT_THAT(draw_watch({one, other}, "", now, "12:00:00", terminal_of(120, 30)),
                AllOf(Not(HasSubstr("NODE")), Not(HasSubstr("gate-a"))));
    other.node = "gate-b";
    EXPECT_THAT(draw_watch({one, other}, "", now, "12:00:00", terminal_of(120, 30)),
                AllOf(HasSubstr("NODE"), HasSubstr("gate-a"), HasSubstr("gate-b")));
}

TEST(WatchPicture, NeverIsLargerThanTheTerminal) {
    std::vector<SessionRow> rows;
    for (int i = 0; i < 100; ++i)
        rows.push_back(row("s-" + std::to_string(i), 1h));
    for (const auto& trouble : {std::string{}, std::string(200, 'x')}) {
        const auto picture = draw_watch(rows, trouble, now, "12:00:00", terminal_of(40, 12));
        EXPECT_LE(std::count(picture.begin(), picture.end(), '\n'), 11);
        EXPECT_THAT(picture, HasSubstr("more\n"));
        std::size_t start = 0;
        for (std::size_t end = 0; (end = picture.find('\n', start)) != std::string::npos; start = end + 1)
            EXPECT_LE(display_width(picture.substr(start, end - start)), 40U);
    }
}

TEST(WatchPicture, SaysThatItMayBeOld) {
    const auto picture =
        draw_watch({row("s-1", 1h)}, "nobody answers", now, "12:00:00", terminal_of(100, 30));
    EXPECT_THAT(picture, HasSubstr("not connected: nobody answers"));
    EXPECT_THAT(picture, HasSubstr("s-1"));
}

TEST(WatchCountdown, IsToTheSecond) {
    EXPECT_EQ(format_countdown(90min - 1ms), "1:29:59");
    EXPECT_EQ(format_countdown(4min + 5s), "04:05");
    EXPECT_EQ(format_countdown(0s), "00:00");
    EXPECT_EQ(format_countdown(-2s), "-00:02");
}

TEST(WatchBar, ShrinksWithWhatIsLeft) {
    EXPECT_EQ(bar(10min, 10min, 4, false), "####");
    EXPECT_EQ(bar(5min, 10min, 4, false), "##..");
    EXPECT_EQ(bar(1s, 10min, 4, false), "#...");
    EXPECT_EQ(bar(0s, 10min, 4, false), "....");
    EXPECT_EQ(bar(-5s, 10min, 4, false), "....");
    EXPECT_EQ(bar(20min, 10min, 4, false), "####");
    EXPECT_EQ(bar(1s, 0s, 4, false), "....");
    EXPECT_EQ(bar(5min, 10min, 4, true), "██░░");
}

}  // namespace
}  // namespace curfew::cli
