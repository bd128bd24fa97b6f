// What is drawn while something is waited for, and what goes into the title.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <sstream>

#include "cli/approval_wait.hpp"
#include "cli/grant_watch.hpp"
#include "cli/spinner.hpp"
#include "cli/terminal_title.hpp"

namespace curfew::cli {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

Terminal terminal_of(std::size_t columns) {
    Terminal terminal;
    terminal.is_terminal = true;
    terminal.columns = columns;
    return terminal;
}

std::vector<std::string> texts(const std::vector<StatusLine>& lines) {
    std::vector<std::string> result;
    for (const auto& line : lines)
        result.push_back(line.text);
    return result;
}

boost::json::value waiting(const std::string& reviews, const std::string& rules) {
    return boost::json::parse(R"({"id":"r-0123abcd","status":"PENDING","reviews":)" + reviews +
                              R"(,"view":{"url":"https://c/r","progress":{"approved":false,"rules":)" +
                              rules + "}}}");
}

TEST(WaitingLines, ShowEachGroupsState) {
    const auto request =
        waiting(R"([{"reviewer":"bob","group":"dba","verdict":"approve"}])",
                R"([{"rule":"prod","approval_groups":["dba","security"],"approvals":1,"wanted":2,)"
                R"("missing_groups":["security"],"satisfied":false}])");
    EXPECT_THAT(texts(waiting_lines(request, "")),
                ElementsAre("waiting for approval at https://c/r", "  prod: 1 of 2 approvals",
                            "  dba       approved by bob", "  security  waiting"));
}

TEST(WaitingLines, NameEachRuleWhereThereAreSeveral) {
    const auto request =
        waiting("[]", R"([{"rule":"one","approval_groups":["a"],"approvals":0,"wanted":1,)"
                      R"("missing_groups":[],"satisfied":false},{"rule":"two","approval_groups":["b"],)"
                      R"("approvals":1,"wanted":1,"missing_groups":[],"satisfied":true}])");
    EXPECT_THAT(texts(waiting_lines(request, "nobody answers")),
                ElementsAre("waiting for approval at https://c/r", "  one: 0 of 1 approvals", "  a  waiting",
                            "  two: 1 of 1 approvals", "  b  not needed", "  not connected: nobody answers"));
}

TEST(WaitingLines, NameTheRequestWhereThereIsNoPage) {
    const auto request =
        boost::json::parse(R"({"id":"r-0123abcd","status":"PENDING","reviews":[],"view":null})");
    EXPECT_THAT(texts(waiting_lines(request, "")), ElementsAre("waiting for approval of r-0123abcd"));
}

TEST(Spinner, Turns) {
    EXPECT_NE(spinner_frame(0, true), spinner_frame(1, true));
    EXPECT_EQ(spinner_frame(0, true), spinner_frame(10, true));
    for (std::size_t tick = 0; tick < 8; ++tick)
        EXPECT_EQ(spinner_frame(tick, false).size(), 1U) << "plain ASCII where there is no UTF-8";
}

TEST(StatusBlock, DrawsOverWhatItDrewBefore) {
    EXPECT_EQ(draw_status({{"one"}, {"two"}}, 0, terminal_of(40)), "\r\033[Jone\r\ntwo");
    EXPECT_EQ(draw_status({{"one"}}, 2, terminal_of(40)), "\r\033[1A\033[Jone");
    EXPECT_EQ(draw_status({}, 1, terminal_of(40)), "\r\033[J");
}

TEST(StatusBlock, NeverLetsALineWrap) {
    EXPECT_EQ(draw_status({{std::string(100, 'x')}}, 0, terminal_of(10)), "\r\033[Jxxxxxxxx…");
}

TEST(StatusBlock, SaysEachThingOnceWhereThereIsNoTerminal) {
    std::ostringstream out;
    const Terminal none;
    StatusBlock block{out, none};
    block.show({{"waiting"}, {"dba waiting"}}, "59m left");
    block.show({{"waiting"}, {"dba waiting"}}, "58m left");
    block.show({{"waiting"}, {"dba approved"}}, "57m left");
    block.clear();
    EXPECT_EQ(out.str(), "waiting\ndba waiting\ndba approved\n");
}

TEST(StatusBlock, IsGoneWhenItsOwnerIs) {
    std::ostringstream out;
    const auto terminal = terminal_of(40);
    { StatusBlock{out, terminal}.show({{"one"}, {"two"}}); }
    EXPECT_TRUE(out.str().ends_with("\r\033[1A\033[J"));
}

TEST(Title, CountsDown) {
    EXPECT_EQ(title_text("prod", 2h), "prod: 2h00m left");
    EXPECT_EQ(title_text("prod", 59min + 59s), "prod: 59m left");
    EXPECT_EQ(title_text("prod", 4min + 5s), "prod: 4m05s left");
    EXPECT_EQ(title_text("prod", 9s), "prod: 9s left");
    EXPECT_EQ(title_text("prod", -1s), "prod: access has ended");
}

TEST(Title, CannotBeEndedByWhatIsInIt) {
    const auto escape = title_escape("prod\007\033]2;evil");
    EXPECT_EQ(escape.find('\007'), escape.size() - 1);
    EXPECT_EQ(escape.find('\033', 1), std::string::npos);
}

TEST(Title, IsLeftAloneWhereThereIsNoTerminal) {
    std::ostringstream out;
    const Terminal none;
    { TerminalTitle{out, none}.show("prod"); }
    EXPECT_EQ(out.str(), "");
}

TEST(EndText, SaysWhy) {
    const auto text = [](const char* grant) { return end_text(boost::json::parse(grant)); };
    EXPECT_THAT(text(R"({"resource":"prod","state":"ended","ends_at":"2026-11-25T14:00:00Z"})"),
                HasSubstr("its time was over"));
    EXPECT_THAT(
        text(R"({"resource":"prod","state":"revoked","revoked":{"by":"bob","reason":"enough","at":null}})"),
        HasSubstr("revoked by bob: enough"));
    EXPECT_THAT(
        text(
            R"({"resource":"prod","state":"revoked","revoked":{"by":"","reason":"a right was lost","at":null}})"),
        HasSubstr("revoked by Curfew: a right was lost"));
    EXPECT_THAT(text(R"({"resource":"prod","state":"active","ends_at":"2026-11-25T14:00:00Z"})"),
                HasSubstr("curfew connect prod goes on"));
}

}  // namespace
}  // namespace curfew::cli
