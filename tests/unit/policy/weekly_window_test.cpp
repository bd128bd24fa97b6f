#include "policy/weekly_window.hpp"

#include <gtest/gtest.h>

namespace curfew::policy {
namespace {

using namespace std::chrono_literals;
using std::chrono::Friday;
using std::chrono::Monday;
using std::chrono::Saturday;

TEST(WeeklyWindow, IsReadFromItsDaysAndTimes) {
    EXPECT_EQ(parse_weekly_window("Mon-Fri 08:00-18:30").value(),
              (WeeklyWindow{Monday, Friday, 8h, 18h + 30min}));
}

TEST(WeeklyWindow, IsReadFromASingleDay) {
    EXPECT_EQ(parse_weekly_window("Sat 10:00-12:00").value(), (WeeklyWindow{Saturday, Saturday, 10h, 12h}));
}

TEST(WeeklyWindow, TakesMidnightInEitherFormForItsEnd) {
    EXPECT_EQ(parse_weekly_window("Sat 10:00-24:00").value(), parse_weekly_window("Sat 10:00-00:00").value());
}

TEST(WeeklyWindow, IsWrittenAsItIsRead) {
    for (const auto* text :
         {"Mon-Fri 08:00-18:30", "Sat 10:00-12:00", "Fri-Mon 22:00-06:00", "Sun 00:00-24:00"})
        EXPECT_EQ(to_string(parse_weekly_window(text).value()), text);
}

TEST(WeeklyWindow, IsReadFromNothingElse) {
    for (const auto* text : {"",
                             " ",
                             "Mon",
                             "08:00-18:00",
                             "Mon 08:00",
                             "Mon 8:00-18:00",
                             "Mon 08:00-25:00",
                             "Mon 08:60-09:00",
                             "Mon 24:00-08:00",
                             "Mon 08:00-24:01",
                             "Mo 08:00-18:00",
                             "mon 08:00-18:00",
                             "Monday 08:00-18:00",
                             "Mon-Fri-Sun 08:00-18:00",
                             "Mon- 08:00-18:00",
                             "Mon 08:00-18:00-20:00",
                             "Mon  08:00-18:00",
                             "Mon 08:00-18:00 ",
                             "Mon 08.00-18.00",
                             "Mon -8:00-18:00",
                             "Mon,Tue 08:00-18:00"}) {
        const auto window = parse_weekly_window(text);
        ASSERT_FALSE(window) << text;
        EXPECT_EQ(window.error().code, ErrorCode::invalid);
        EXPECT_NE(window.error().message.find("Mon-Fri 08:00-18:00"), std::string::npos) << "says how";
    }
}

}  // namespace
}  // namespace curfew::policy
