// Times as people type them.
#include "cli/instant_input.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

#include "base/time_text.hpp"

namespace curfew::cli {
namespace {

class TypedTime : public testing::Test {
protected:
    void SetUp() override { set_zone("CET-1CEST,M3.5.0,M10.5.0/3"); }
    void TearDown() override { set_zone("UTC"); }
    static void set_zone(const char* zone) {
        ::setenv("TZ", zone, 1);
        ::tzset();
    }
    static std::string at(std::string_view text, std::string_view now = "2026-11-25T12:00:00Z") {
        const auto instant = parse_instant(text, *parse_utc(now));
        return instant ? format_utc(*instant) : "none";
    }
};

TEST_F(TypedTime, IsTheNextTimeThatItIs) {
    EXPECT_EQ(at("18:00"), "2026-11-25T17:00:00Z");
    EXPECT_EQ(at("13:01"), "2026-11-25T12:01:00Z");
    EXPECT_EQ(at("13:00"), "2026-11-26T12:00:00Z") << "now is not in the future";
    EXPECT_EQ(at("08:30"), "2026-11-26T07:30:00Z");
}

TEST_F(TypedTime, KeepsTheTimeOfDayWhereTheClocksChange) {
    EXPECT_EQ(at("18:00", "2026-03-28T18:00:00Z"), "2026-03-29T16:00:00Z");
}

TEST_F(TypedTime, MayHaveADay) {
    EXPECT_EQ(at("2026-12-01 18:00"), "2026-12-01T17:00:00Z");
    EXPECT_EQ(at("2026-07-01T18:00"), "2026-07-01T16:00:00Z");
    EXPECT_EQ(at("2026-12-01T18:00:00Z"), "2026-12-01T18:00:00Z");
}

TEST_F(TypedTime, IsRefusedWhereItDoesNotExist) {
    for (const char* text : {"", "18", "25:00", "18:60", "18:00pm", "2026-13-01 18:00", "2026-02-30 18:00",
                             "2026-03-29 02:30", "tomorrow", "-1:00", "18:-1"}) {
        EXPECT_EQ(at(text), "none") << text;
    }
}

TEST_F(TypedTime, OfWhatWasIsTheLastTimeThatItWas) {
    const auto was = [](std::string_view text, std::string_view now = "2026-11-25T12:00:00Z") {
        const auto instant = parse_past_instant(text, *parse_utc(now));
        return instant ? format_utc(*instant) : "none";
    };
    EXPECT_EQ(was("18:00"), "2026-11-24T17:00:00Z");
    EXPECT_EQ(was("13:00"), "2026-11-25T12:00:00Z") << "now was";
    EXPECT_EQ(was("08:30"), "2026-11-25T07:30:00Z");
    EXPECT_EQ(was("18:00", "2026-03-29T12:00:00Z"), "2026-03-28T17:00:00Z");
    EXPECT_EQ(was("2h"), "2026-11-25T10:00:00Z");
    EXPECT_EQ(was("7d"), "2026-11-18T12:00:00Z");
    EXPECT_EQ(was("2026-11-20"), "2026-11-19T23:00:00Z");
    EXPECT_EQ(was("2026-11-20 18:00"), "2026-11-20T17:00:00Z");
    EXPECT_EQ(was("2026-11-20T18:00:00Z"), "2026-11-20T18:00:00Z");
    for (const char* text : {"", "18", "2026-02-30", "2026-11", "2026-11-20x", "yesterday", "-2h"})
        EXPECT_EQ(was(text), "none") << text;
}

}  // namespace
}  // namespace curfew::cli
