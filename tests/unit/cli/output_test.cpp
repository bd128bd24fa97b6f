#include "cli/output.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/time_text.hpp"
#include "cli/table.hpp"

namespace curfew::cli {
namespace {

using namespace std::chrono_literals;

Terminal terminal_of(std::size_t columns, bool color = false) {
    Terminal terminal;
    terminal.is_terminal = true;
    terminal.color = color;
    terminal.columns = columns;
    return terminal;
}

TEST(TimeLeft, IsShownInItsTwoLargestUnits) {
    EXPECT_EQ(format_left(0s), "0s");
    EXPECT_EQ(format_left(59s), "59s");
    EXPECT_EQ(format_left(60s), "1m00s");
    EXPECT_EQ(format_left(59min + 59s), "59m59s");
    EXPECT_EQ(format_left(1h), "1h00m");
    EXPECT_EQ(format_left(26h + 5min), "26h05m");
    EXPECT_EQ(format_left(-3s), "-3s");
}

TEST(TimeLeft, GrowsMorePressing) {
    EXPECT_EQ(style_of_left(5min), Style::green);
    EXPECT_EQ(style_of_left(4min + 59s), Style::yellow);
    EXPECT_EQ(style_of_left(59s), Style::red);
    EXPECT_EQ(style_of_left(-1s), Style::red);
}

TEST(Instants, AreShortOnATerminalAndWholeElsewhere) {
    const auto now = *parse_utc("2026-11-24T12:00:00Z");
    const auto soon = now + 10min;
    const auto another_day = now + 48h;
    const auto today = format_local(now).substr(0, 11);
    EXPECT_EQ(today + format_instant(terminal_of(80), soon, now), format_local(soon).substr(0, 19));
    EXPECT_EQ(format_instant(terminal_of(80), another_day, now), format_local(another_day).substr(0, 16));
    EXPECT_EQ(format_instant(Terminal{}, soon, now), format_local(soon));
    EXPECT_EQ(format_instant(Terminal{}, std::nullopt, now), "");
}

TEST(Bytes, AreShownInPowersOfAThousand) {
    EXPECT_EQ(format_bytes(0), "0 B");
    EXPECT_EQ(format_bytes(999), "999 B");
    EXPECT_EQ(format_bytes(1000), "1.0 kB");
    EXPECT_EQ(format_bytes(999'960), "1.0 MB");
    EXPECT_EQ(format_bytes(3'400'000'000), "3.4 GB");
}

TEST(Tables, AreAlignedOnATerminal) {
    Table table{{"NAME", "N"}};
    table.add({"a", "1"});
    table.add({"bücher", "22"});
    EXPECT_EQ(table.render(terminal_of(80)),
              "NAME    N\n"
              "a       1\n"
              "bücher  22\n");
}

TEST(Tables, AreCutAtTheTerminalsWidth) {
    Table table{{"NAME", "REMARK"}};
    table.add({"a", "a long remark"});
    EXPECT_EQ(table.render(terminal_of(12)),
              "NAME  REMARK\n"
              "a     a lon…\n");
    EXPECT_EQ(table.render(terminal_of(3)), "NA…\na  \n");
}

TEST(Tables, AreTabSeparatedForPrograms) {
    Table table{{"NAME", "N"}};
    table.add({{"a", Style::red}, ""});
    EXPECT_EQ(table.render(Terminal{}), "a\t-\n");
}

TEST(Tables, UseColourOnlyWhereItIsWanted) {
    Table table{{"N"}};
    table.add({{"a", Style::red}});
    EXPECT_EQ(table.render(terminal_of(80, true)), "\033[2mN\033[0m\n\033[31ma\033[0m\n");
}

}  // namespace
}  // namespace curfew::cli
