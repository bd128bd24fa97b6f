#include "policy/allowed_times.hpp"

#include <gtest/gtest.h>

#include "base/time_text.hpp"

namespace curfew::policy {
namespace {

WallInstant at(std::string_view utc) {
    return parse_utc(utc).value();
}

AllowedTimes times(const std::string& zone, const std::vector<std::string>& windows) {
    return AllowedTimes::parse(zone, windows).value();
}

bool contain(const AllowedTimes& allowed, std::string_view from, std::string_view to) {
    return allowed.contain(at(from), at(to));
}

std::string end_of_window(const AllowedTimes& allowed, std::string_view instant) {
    return format_utc(allowed.end_of_window(at(instant)));
}

std::string next_inside(const AllowedTimes& allowed, std::string_view instant) {
    const auto next = allowed.next_inside(at(instant));
    return next ? format_utc(*next) : "never";
}

// 25 November 2026 is a Wednesday.

TEST(AllowedTimes, ContainWhatIsInsideAWindow) {
    const auto allowed = times("Etc/UTC", {"Mon-Fri 08:00-18:00"});
    EXPECT_TRUE(contain(allowed, "2026-11-25T08:00:00Z", "2026-11-25T18:00:00Z"));
    EXPECT_FALSE(contain(allowed, "2026-11-25T07:59:59.999Z", "2026-11-25T09:00:00Z"));
    EXPECT_FALSE(contain(allowed, "2026-11-25T17:00:00Z", "2026-11-25T18:00:00.001Z"));
    EXPECT_FALSE(contain(allowed, "2026-11-25T18:00:00Z", "2026-11-25T18:00:00.001Z"))
        << "the end is outside";
    EXPECT_FALSE(contain(allowed, "2026-11-28T10:00:00Z", "2026-11-28T11:00:00Z")) << "a Saturday";
}

TEST(AllowedTimes, DoNotContainTheNightBetweenTwoWindows) {
    const auto allowed = times("Etc/UTC", {"Mon-Fri 08:00-18:00"});
    EXPECT_FALSE(contain(allowed, "2026-11-25T17:00:00Z", "2026-11-26T09:00:00Z"));
}

TEST(AllowedTimes, ContainNoTimeAtAllAnywhere) {
    const auto allowed = times("Etc/UTC", {"Mon 08:00-18:00"});
    EXPECT_TRUE(contain(allowed, "2026-11-25T17:00:00Z", "2026-11-25T17:00:00Z"));
}

TEST(AllowedTimes, GoPastMidnight) {
    const auto allowed = times("Etc/UTC", {"Wed 22:00-06:00"});
    EXPECT_TRUE(contain(allowed, "2026-11-25T22:00:00Z", "2026-11-26T06:00:00Z"));
    EXPECT_FALSE(contain(allowed, "2026-11-25T03:00:00Z", "2026-11-25T04:00:00Z")) << "Tuesday's night";
}

TEST(AllowedTimes, GoPastTheEndOfTheWeek) {
    const auto allowed = times("Etc/UTC", {"Sun 22:00-06:00"});
    EXPECT_TRUE(contain(allowed, "2026-11-29T22:00:00Z", "2026-11-30T06:00:00Z"));
    EXPECT_EQ(end_of_window(allowed, "2026-11-29T23:00:00Z"), "2026-11-30T06:00:00Z");
}

TEST(AllowedTimes, TakeDaysAcrossTheEndOfTheWeek) {
    const auto allowed = times("Etc/UTC", {"Sat-Mon 10:00-12:00"});
    for (const auto* day : {"2026-11-28", "2026-11-29", "2026-11-30"})
        EXPECT_EQ(end_of_window(allowed, std::string{day} + "T10:00:00Z"), std::string{day} + "T12:00:00Z");
    EXPECT_EQ(end_of_window(allowed, "2026-12-01T10:00:00Z"), "2026-12-01T10:00:00Z") << "a Tuesday";
}

TEST(AllowedTimes, MergeWindowsThatTouch) {
    const auto allowed = times("Etc/UTC", {"Mon-Fri 08:00-12:00", "Wed 12:00-24:00", "Thu 00:00-08:00"});
    EXPECT_TRUE(contain(allowed, "2026-11-25T08:00:00Z", "2026-11-26T12:00:00Z"));
    EXPECT_EQ(end_of_window(allowed, "2026-11-25T09:00:00Z"), "2026-11-26T12:00:00Z");
}

TEST(AllowedTimes, MergeWindowsThatOverlap) {
    const auto allowed = times("Etc/UTC", {"Wed 08:00-12:00", "Wed 09:00-10:00", "Wed 11:00-13:00"});
    EXPECT_EQ(end_of_window(allowed, "2026-11-25T08:00:00Z"), "2026-11-25T13:00:00Z");
}

TEST(AllowedTimes, OfTheWholeWeekEndAsFarAsTheyLook) {
    const auto allowed = times("Europe/Berlin", {"Mon-Sun 00:00-24:00"});
    const WallInstant now = at("2026-11-25T10:00:00Z");
    EXPECT_EQ(allowed.end_of_window(now), now + std::chrono::hours{24 * 366});
    EXPECT_TRUE(allowed.contain(now, now + std::chrono::hours{24 * 3'660})) << "however long";
}

TEST(AllowedTimes, BeginNextWhereTheyBegin) {
    const auto allowed = times("Etc/UTC", {"Mon-Fri 08:00-18:00"});
    EXPECT_EQ(next_inside(allowed, "2026-11-25T10:30:00Z"), "2026-11-25T10:30:00Z") << "inside already";
    EXPECT_EQ(next_inside(allowed, "2026-11-25T06:00:00Z"), "2026-11-25T08:00:00Z");
    EXPECT_EQ(next_inside(allowed, "2026-11-25T18:00:00Z"), "2026-11-26T08:00:00Z");
    EXPECT_EQ(next_inside(allowed, "2026-11-27T18:00:00Z"), "2026-11-30T08:00:00Z") << "over the week-end";
}

TEST(AllowedTimes, GoByTheClockOnTheWallOfTheirZone) {
    const auto allowed = times("Asia/Kolkata", {"Wed 08:00-18:00"});
    EXPECT_TRUE(contain(allowed, "2026-11-25T02:30:00Z", "2026-11-25T12:30:00Z"));
    EXPECT_FALSE(contain(allowed, "2026-11-25T02:29:00Z", "2026-11-25T03:00:00Z"));
}

TEST(AllowedTimes, FollowTheWeekdayOfTheirZone) {
    const auto allowed = times("Pacific/Auckland", {"Thu 00:00-08:00"});
    EXPECT_TRUE(contain(allowed, "2026-11-25T11:00:00Z", "2026-11-25T19:00:00Z")) << "Wednesday in UTC";
}

TEST(AllowedTimes, MoveWithSummerTime) {
    const auto allowed = times("Europe/Berlin", {"Mon-Fri 08:00-18:00"});
    EXPECT_TRUE(contain(allowed, "2026-01-14T07:00:00Z", "2026-01-14T17:00:00Z"));
    EXPECT_TRUE(contain(allowed, "2026-07-15T06:00:00Z", "2026-07-15T16:00:00Z"));
    EXPECT_FALSE(contain(allowed, "2026-07-15T16:00:00Z", "2026-07-15T17:00:00Z"));
    EXPECT_EQ(next_inside(allowed, "2026-03-27T17:00:00Z"), "2026-03-30T06:00:00Z") << "changed on the 29th";
}

TEST(AllowedTimes, KnowTheChangesOfYearsToCome) {
    const auto allowed = times("Europe/Berlin", {"Mon-Fri 08:00-18:00"});
    EXPECT_EQ(next_inside(allowed, "2035-07-11T00:00:00Z"), "2035-07-11T06:00:00Z");
    EXPECT_EQ(next_inside(allowed, "2035-12-12T00:00:00Z"), "2035-12-12T07:00:00Z");
}

// On 29 March 2026 the clocks in Berlin go from 02:00 to 03:00, at 01:00 UTC.
TEST(AllowedTimes, AreNeverInAnHourThatTheClockJumpsOver) {
    const auto allowed = times("Europe/Berlin", {"Sun 02:00-03:00"});
    EXPECT_EQ(next_inside(allowed, "2026-03-28T12:00:00Z"), "2026-04-05T00:00:00Z") << "a week later";
    EXPECT_EQ(end_of_window(allowed, "2026-03-29T01:00:00Z"), "2026-03-29T01:00:00Z");
}

TEST(AllowedTimes, BeginAtTheJumpWhereItSkipsTheirBeginning) {
    const auto allowed = times("Europe/Berlin", {"Sun 02:30-04:00"});
    EXPECT_EQ(next_inside(allowed, "2026-03-29T00:00:00Z"), "2026-03-29T01:00:00Z");
    EXPECT_EQ(end_of_window(allowed, "2026-03-29T01:00:00Z"), "2026-03-29T02:00:00Z");
}

TEST(AllowedTimes, AreAnHourShorterInANightThatIs) {
    const auto allowed = times("Europe/Berlin", {"Sat 22:00-06:00"});
    EXPECT_TRUE(contain(allowed, "2026-03-28T21:00:00Z", "2026-03-29T04:00:00Z"));
    EXPECT_EQ(end_of_window(allowed, "2026-03-28T21:00:00Z"), "2026-03-29T04:00:00Z") << "7 hours";
}

// On 25 October 2026 the clocks in Berlin go from 03:00 back to 02:00, at 01:00 UTC.
TEST(AllowedTimes, AreTwiceInAnHourThatTheClockRepeats) {
    const auto allowed = times("Europe/Berlin", {"Sun 02:00-02:30"});
    EXPECT_EQ(next_inside(allowed, "2026-10-24T12:00:00Z"), "2026-10-25T00:00:00Z");
    EXPECT_EQ(end_of_window(allowed, "2026-10-25T00:00:00Z"), "2026-10-25T00:30:00Z");
    EXPECT_EQ(next_inside(allowed, "2026-10-25T00:30:00Z"), "2026-10-25T01:00:00Z") << "02:00 once more";
    EXPECT_EQ(end_of_window(allowed, "2026-10-25T01:00:00Z"), "2026-10-25T01:30:00Z");
}

TEST(AllowedTimes, AreAnHourLongerInANightThatIs) {
    const auto allowed = times("Europe/Berlin", {"Sat 22:00-06:00"});
    EXPECT_EQ(end_of_window(allowed, "2026-10-24T20:00:00Z"), "2026-10-25T05:00:00Z") << "9 hours";
}

TEST(AllowedTimes, WorkBefore1970) {
    const auto allowed = times("Etc/UTC", {"Sat 10:00-12:00"});
    EXPECT_TRUE(contain(allowed, "1969-07-19T10:00:00Z", "1969-07-19T12:00:00Z"));
}

TEST(AllowedTimes, GiveTheirWindowsAsTheyWereWritten) {
    const auto allowed = times("Europe/Berlin", {"Mon-Fri 08:00-18:00", "Sat 22:00-00:00"});
    EXPECT_EQ(allowed.windows(), (std::vector<std::string>{"Mon-Fri 08:00-18:00", "Sat 22:00-24:00"}));
    EXPECT_EQ(allowed.time_zone(), "Europe/Berlin");
}

TEST(AllowedTimes, AreRefusedWithoutAZoneThatExists) {
    for (const auto* zone : {"", "Europe/Atlantis", "../../etc/passwd", "europe/berlin", "+02:00"}) {
        const auto result = AllowedTimes::parse(zone, {"Mon 08:00-18:00"});
        ASSERT_FALSE(result) << zone;
        EXPECT_EQ(result.error().code, ErrorCode::invalid);
        EXPECT_NE(result.error().message.find("Europe/Berlin"), std::string::npos) << result.error().message;
    }
}

TEST(AllowedTimes, AreRefusedWithoutAWindow) {
    EXPECT_EQ(AllowedTimes::parse("Etc/UTC", {}).error().code, ErrorCode::invalid);
}

TEST(AllowedTimes, AreRefusedWithAWindowThatIsNone) {
    const auto result = AllowedTimes::parse("Etc/UTC", {"Mon 08:00-18:00", "Tue 9-5"});
    ASSERT_FALSE(result);
    EXPECT_NE(result.error().message.find("'Tue 9-5'"), std::string::npos) << result.error().message;
}

}  // namespace
}  // namespace curfew::policy
