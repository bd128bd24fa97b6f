// How long an approval is for, and from when.
#include <gtest/gtest.h>

#include "base/time_text.hpp"
#include "scenario.hpp"

namespace curfew::policy {
namespace {

const bool shortening = specify(
    "Shortening",
    {
        {"IsForAnApprover", {"erin asks 2h", "bob approves 30m"}, "APPROVED reviewed by bob for 30m"},
        {"CountsTheShortest",
         {"rule prod: min_approvals 3", "erin asks 2h", "bob approves 40m", "sue approves 30m",
          "carol approves for dba 1h"},
         "APPROVED reviewed by carol for 30m"},
        {"CountsWithAForcedApproval",
         {"rule prod: min_approvals 3", "erin asks 2h", "bob approves 40m", "lena approves"},
         "APPROVED force_approved by lena for 40m"},
        {"OfSomebodyWhoLeftDoesNotCount",
         {"rule prod: min_approvals 2", "erin asks 2h", "bob approves 10m", "bob leaves dba", "sue approves",
          "carol approves for dba"},
         "APPROVED reviewed by carol for 2h"},
        {"IsNeverLengthening",
         {"erin asks 2h", "bob approves 121m"},
         "invalid: may shorten what was asked for, 2h, and never lengthen it to 2h1m"},
        {"MayNameWhatWasAskedFor", {"erin asks 2h", "bob approves 2h"}, "APPROVED reviewed by bob for 2h"},
        {"LeavesASecond", {"erin asks 2h", "bob approves 999ms"}, "invalid: the shortest duration is 1s"},
        {"MayLeaveLessThanAMinute", {"erin asks 2h", "bob approves 10s"}, "APPROVED reviewed by bob for 10s"},
        {"IsDoneByARuleThatBecameStricter",
         {"erin asks 2h", "rule prod: max_duration 1h", "bob approves"},
         "APPROVED reviewed by bob for 1h"},
    });

const bool cut =
    specify("AnApprovalNearTheEndOfAllowedTimes",
            {
                {"IsForWhatIsLeftOfThem",
                 {"rule prod: allowed_times Wed 08:00-12:00", "erin asks 2h", "30m pass", "bob approves"},
                 "APPROVED reviewed by bob for 1h30m"},
                {"IsForWhatIsLeftInEveryRule",
                 {"rule prod: allowed_times Wed 08:00-12:00", "rule strict: allowed_times Wed 08:00-13:00",
                  "erin asks 2h", "30m pass", "bob approves"},
                 "APPROVED reviewed by bob for 1h30m"},
                {"IsRefusedWhereNothingIsLeft",
                 {"rule prod: allowed_times Wed 08:00-10:30", "erin asks 30m", "30m pass", "bob approves"},
                 "conflict: nothing of 30m, or too little, is left to grant from 2026-11-25T10:30:00Z on"},
                {"IsRefusedWhereLessThanAMinuteIsLeft",
                 {"rule prod: allowed_times Wed 08:00-10:30", "erin asks 30m", "1770s pass", "bob approves"},
                 "conflict: nothing of 30m, or too little, is left"},
                {"MayBeForLessThanAMinuteWhereNoMoreWasAskedFor",
                 {"rule prod: allowed_times Wed 08:00-10:30", "erin asks 20s", "1770s pass", "bob approves"},
                 "APPROVED reviewed by bob for 20s"},
                {"IsRefusedOnceTheRuleExcludesTheStart",
                 {"erin asks 2h at 12:00", "rule prod: allowed_times Mon 08:00-18:00", "bob approves"},
                 "conflict: nothing of 2h, or too little, is left to grant from 2026-11-25T12:00:00Z on"},
            });

std::string window_after(const std::vector<std::string>& story) {
    Scenario scenario;
    for (const auto& sentence : story)
        scenario.tell(sentence);
    const Window window = window_of(scenario.request()).value();
    return format_utc(window.starts_at) + " " + format_utc(window.ends_at);
}

TEST(GrantedWindow, StartsAtTheFinalApproval) {
    EXPECT_EQ(window_after({"rule prod: min_approvals 2", "erin asks 2h", "10m pass", "bob approves",
                            "10m pass", "sue approves"}),
              "2026-11-25T10:20:00Z 2026-11-25T12:20:00Z");
}

TEST(GrantedWindow, StartsAtTheRequestedStart) {
    EXPECT_EQ(window_after({"erin asks 2h at 14:00", "10m pass", "bob approves"}),
              "2026-11-25T14:00:00Z 2026-11-25T16:00:00Z");
}

TEST(GrantedWindow, StartsAtTheApprovalWhereTheRequestedStartHasPassed) {
    EXPECT_EQ(window_after({"erin asks 2h at 10:05", "10m pass", "bob approves"}),
              "2026-11-25T10:10:00Z 2026-11-25T12:10:00Z");
}

TEST(GrantedWindow, IsAsLongAsTheApproverSaid) {
    EXPECT_EQ(window_after({"erin asks 2h at 14:00", "bob approves 30m"}),
              "2026-11-25T14:00:00Z 2026-11-25T14:30:00Z");
}

TEST(GrantedWindow, StaysWhenItWasRevoked) {
    EXPECT_EQ(window_after({"erin asks 2h", "bob approves", "30m pass", "erin revokes"}),
              "2026-11-25T10:00:00Z 2026-11-25T12:00:00Z");
}

}  // namespace
}  // namespace curfew::policy
