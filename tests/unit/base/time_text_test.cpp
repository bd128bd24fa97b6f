#include "base/time_text.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <time.h>

#include <string>
#include <string_view>

namespace curfew {
namespace {

using namespace std::chrono_literals;
using namespace std::string_view_literals;

WallInstant at(int year, unsigned month, unsigned day, std::chrono::milliseconds time_of_day) {
    using namespace std::chrono;
    return WallInstant{sys_days{std::chrono::year{year} / static_cast<int>(month) / static_cast<int>(day)}} +
           time_of_day;
}

TEST(FormatUtc, WritesRfc3339) {
    EXPECT_EQ(format_utc(at(2026, 11, 24, 14h + 5min)), "2026-11-24T14:05:00Z");
    EXPECT_EQ(format_utc(at(2024, 2, 29, 23h + 59min + 59s)), "2024-02-29T23:59:59Z");
    EXPECT_EQ(format_utc(WallInstant{}), "1970-01-01T00:00:00Z");
}

TEST(FormatUtc, WritesMillisecondsWhereThereAreAny) {
    EXPECT_EQ(format_utc(at(2026, 11, 24, 14h + 250ms)), "2026-11-24T14:00:00.250Z");
    EXPECT_EQ(format_utc(at(2026, 11, 24, 14h + 7ms)), "2026-11-24T14:00:00.007Z");
}

TEST(FormatUtc, WritesInstantsBefore1970) {
    EXPECT_EQ(format_utc(WallInstant{-1ms}), "1969-12-31T23:59:59.999Z");
}

TEST(ParseUtc, ReadsWhatFormatUtcWrites) {
    for (const WallInstant instant :
         {WallInstant{}, WallInstant{-1ms}, at(2026, 11, 24, 14h + 5min), at(2026, 11, 24, 250ms),
          at(2024, 2, 29, 23h + 59min + 59s + 999ms), at(2100, 1, 1, 0ms), at(9999, 12, 31, 24h - 1ms)})
        EXPECT_EQ(parse_utc(format_utc(instant)), instant) << format_utc(instant);
}

TEST(ParseUtc, RefusesEveryOtherForm) {
    for (const auto text : {
             ""sv,
             "now"sv,
             "2026-11-24"sv,
             "2026-11-24T14:05:00"sv,
             "2026-11-24T14:05Z"sv,
             "2026-11-24 14:05:00Z"sv,
             "2026-11-24T14:05:00z"sv,
             "2026-11-24T14:05:00+00:00"sv,
             "2026-11-24T14:05:00.Z"sv,
             "2026-11-24T14:05:00.25Z"sv,
             "2026-11-24T14:05:00.2500Z"sv,
             "2026-11-24T14:05:00.25aZ"sv,
             "2026-11-24T14:05:00.-25Z"sv,
             "2026-11-24T14:05:00ZZ"sv,
             "2026-11-24T14:05:00Z "sv,
             " 2026-11-24T14:05:00Z"sv,
             "2026-1-2T3:4:5Z"sv,
             "26-11-24T14:05:00Z"sv,
             "+2026-11-24T14:05:00Z"sv,
             "2026-11-24T14:05:00Z\0"sv,
             "2026-11-24T14:05:00\0Z"sv,
         })
        EXPECT_EQ(parse_utc(text), std::nullopt) << text;
}

TEST(ParseUtc, RefusesInstantsThatDoNotExist) {
    for (const auto text : {"2026-02-30T00:00:00Z"sv, "2026-02-29T00:00:00Z"sv, "2026-04-31T00:00:00Z"sv,
                            "2026-13-01T00:00:00Z"sv, "2026-00-01T00:00:00Z"sv, "2026-01-00T00:00:00Z"sv,
                            "2026-01-32T00:00:00Z"sv, "2026-01-01T24:00:00Z"sv, "2026-01-01T00:60:00Z"sv,
                            "2026-01-01T00:00:60Z"sv, "2026-01-01T00:00:61Z"sv})
        EXPECT_EQ(parse_utc(text), std::nullopt) << text;
}

class LocalTime : public ::testing::Test {
protected:
    static void use_zone(const char* zone) {
        ::setenv("TZ", zone, 1);
        ::tzset();
    }
    LocalTime() {
        if (const char* zone = ::getenv("TZ")) before_ = zone;
    }
    ~LocalTime() override {
        if (before_.empty()) {
            ::unsetenv("TZ");
        } else {
            ::setenv("TZ", before_.c_str(), 1);
        }
        ::tzset();
    }

private:
    std::string before_;
};

// Zones by their rule, so that no time zone database is needed.
TEST_F(LocalTime, IsThatOfThisProcessesZone) {
    use_zone("CET-1CEST,M3.5.0,M10.5.0/3");
    EXPECT_EQ(format_local(at(2026, 11, 24, 14h + 5min)), "2026-11-24 15:05:00 CET");
    EXPECT_EQ(format_local(at(2026, 7, 1, 23h)), "2026-07-02 01:00:00 CEST");
    use_zone("UTC0");
    EXPECT_EQ(format_local(at(2026, 11, 24, 14h + 5min)), "2026-11-24 14:05:00 UTC");
}

TEST_F(LocalTime, TakesThePlaceOfUtcInASentence) {
    use_zone("CET-1CEST,M3.5.0,M10.5.0/3");
    EXPECT_EQ(with_local_times("over since 2026-11-24T14:05:00.250Z; revoked at 2026-07-01T23:00:00Z"),
              "over since 2026-11-24 15:05:00 CET; revoked at 2026-07-02 01:00:00 CEST");
    EXPECT_EQ(with_local_times("2026-11-24T14:05:00Z"), "2026-11-24 15:05:00 CET");
}

TEST_F(LocalTime, LeavesWhatIsNoInstantOfOursInASentence) {
    use_zone("CET-1CEST,M3.5.0,M10.5.0/3");
    for (const char* text :
         {"", "Grant g-7k3mq9xd", "2026-11-24", "2026-11-24T14:05:00", "12026-11-24T14:05:00Z",
          "2026-13-24T14:05:00Z", "2026-11-24T14:05:00.25Z", "14:05:00Z", "at 2026-11-24T14:"})
        EXPECT_EQ(with_local_times(text), text);
}

TEST_F(LocalTime, DoesNotTouchUtc) {
    use_zone("CET-1CEST,M3.5.0,M10.5.0/3");
    EXPECT_EQ(format_utc(at(2026, 11, 24, 14h)), "2026-11-24T14:00:00Z");
    EXPECT_EQ(parse_utc("2026-11-24T14:00:00Z"), at(2026, 11, 24, 14h));
}

}  // namespace
}  // namespace curfew
