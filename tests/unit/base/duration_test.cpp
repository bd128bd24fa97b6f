#include "base/duration.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace curfew {
namespace {

using namespace std::chrono_literals;
using namespace std::string_view_literals;
using ::testing::HasSubstr;
using ::testing::Not;

std::string refusal(std::string_view text) {
    const auto duration = parse_duration(text);
    if (duration) {
        ADD_FAILURE() << "'" << text << "' is read as " << format_duration(*duration);
        return {};
    }
    EXPECT_EQ(duration.error().code, ErrorCode::invalid);
    return duration.error().message;
}

TEST(ParseDuration, ReadsEveryUnit) {
    EXPECT_EQ(*parse_duration("2d"), 48h);
    EXPECT_EQ(*parse_duration("3h"), 3h);
    EXPECT_EQ(*parse_duration("4m"), 4min);
    EXPECT_EQ(*parse_duration("5s"), 5s);
    EXPECT_EQ(*parse_duration("6ms"), 6ms);
}

TEST(ParseDuration, ReadsSeveralUnitsInFallingOrder) {
    EXPECT_EQ(*parse_duration("1h30m"), 90min);
    EXPECT_EQ(*parse_duration("1d2h3m4s5ms"), 24h + 2h + 3min + 4s + 5ms);
    EXPECT_EQ(*parse_duration("1m1ms"), 1min + 1ms);
}

TEST(ParseDuration, ReadsMoreOfAUnitThanMakesTheNext) {
    EXPECT_EQ(*parse_duration("90m"), 90min);
    EXPECT_EQ(*parse_duration("36h90m"), 37h + 30min);
}

TEST(ParseDuration, ReadsUpTo366Days) {
    EXPECT_EQ(*parse_duration("366d"), 366 * 24h);
    EXPECT_EQ(*parse_duration("365d24h"), 366 * 24h);
    for (const auto text : {"367d"sv, "366d1ms"sv, "8785h"sv, "365d25h"sv, "31622401s"sv, "1000000000h"sv})
        EXPECT_THAT(refusal(text), HasSubstr("longer than 366 days")) << text;
}

TEST(ParseDuration, RefusesNoTimeAtAll) {
    for (const auto text : {"0s"sv, "0h"sv, "0h0m"sv, "00ms"sv})
        EXPECT_THAT(refusal(text), HasSubstr("above zero")) << text;
}

TEST(ParseDuration, RefusesWhatIsNoDuration) {
    for (const auto text : {""sv,
                            "90"sv,
                            "h"sv,
                            "1"sv,
                            "1h30"sv,
                            "30m1h"sv,
                            "1h1h"sv,
                            "-1h"sv,
                            "+1h"sv,
                            "1 h"sv,
                            " 1h"sv,
                            "1h "sv,
                            "1H"sv,
                            "1.5h"sv,
                            "1w"sv,
                            "1y"sv,
                            "1us"sv,
                            "1hm"sv,
                            "one hour"sv,
                            "0x1h"sv,
                            "1h\0"sv,
                            "1h\n"sv,
                            "99999999999999999999s"sv,
                            "18446744073709551617s"sv,
                            "\xd9\xa1h"sv})
        EXPECT_THAT(refusal(text), HasSubstr("is not a duration")) << text;
}

TEST(ParseDuration, ShowsNoControlCharactersOfWhatItRefuses) {
    for (const auto text : {"\x1b[2J"sv, "1h\x1b"sv, "\xff\xfe"sv})
        EXPECT_THAT(refusal(text), testing::AllOf(Not(HasSubstr("\x1b")), Not(HasSubstr("\xff")))) << text;
}

TEST(FormatDuration, UsesHoursMinutesAndSeconds) {
    EXPECT_EQ(format_duration(2h), "2h");
    EXPECT_EQ(format_duration(90min), "1h30m");
    EXPECT_EQ(format_duration(45s), "45s");
    EXPECT_EQ(format_duration(1h + 1s), "1h1s");
    EXPECT_EQ(format_duration(26h), "26h");
}

TEST(FormatDuration, CutsToTheSecondAbove) {
    EXPECT_EQ(format_duration(1999ms), "1s");
    EXPECT_EQ(format_duration(1h + 999ms), "1h");
}

TEST(FormatDuration, UsesMillisecondsBelowASecond) {
    EXPECT_EQ(format_duration(999ms), "999ms");
    EXPECT_EQ(format_duration(1ns), "1ms") << "some time is not none";
}

TEST(FormatDuration, GivesNoTimeForZeroAndBelow) {
    EXPECT_EQ(format_duration(0s), "0s");
    EXPECT_EQ(format_duration(-1h), "0s");
}

TEST(FormatDuration, WritesWhatParseDurationReads) {
    for (const Duration duration :
         {Duration{1ms}, Duration{999ms}, Duration{1s}, Duration{59s}, Duration{61s}, Duration{59min + 59s},
          Duration{25h + 1min}, Duration{366 * 24h}})
        EXPECT_EQ(*parse_duration(format_duration(duration)), duration);
}

}  // namespace
}  // namespace curfew
