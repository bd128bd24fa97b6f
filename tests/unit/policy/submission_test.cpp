// Who may ask for what, and what becomes of it at once.
#include <gtest/gtest.h>

#include "scenario.hpp"

namespace curfew::policy {
namespace {

const bool asking = specify(
    "Asking",
    {
        {"WaitsForReview", {"erin asks 2h"}, "PENDING"},
        {"IsForThoseInARequiredGroup",
         {"olaf asks 1h"},
         "forbidden: rule 'prod' wants developers; ask an administrator"},
        {"IsForAnybodyWhoIsKnownWhereNoGroupIsRequired",
         {"rule prod: required_groups", "olaf asks 1h"},
         "PENDING"},
        {"IsNotForStrangers",
         {"rule prod: required_groups", "mallory asks 1h"},
         "forbidden: 'mallory' is no user here"},
        {"IsPossibleUnderAnAlias", {"d.d asks 1h"}, "PENDING"},
        {"IsPossibleInAnotherCase", {"ERIN asks 1h"}, "PENDING"},
        {"IsForAdministratorsAloneWhereNoRuleCoversTheResource",
         {"rule prod: resources staging", "erin asks 1h"},
         "forbidden: no rule covers 'prod' for requests of type jit, so only administrators"},
        {"NeedsAResource", {"the resource is removed", "ada asks 1h"}, "not_found: no resource 'prod'"},
    });

const bool deciding_at_once = specify(
    "AskingWithoutReview",
    {
        {"ApprovesAnAdministratorAndSaysSo", {"ada asks 2h"}, "APPROVED administrator by ada for 2h"},
        {"ApprovesAnAdministratorInAnyCaseOfTheirName",
         {"ADA asks 2h"},
         "APPROVED administrator by ada for 2h"},
        {"ApprovesAnAdministratorWhereNoRuleCoversTheResource",
         {"rule prod is removed", "ada asks"},
         "APPROVED administrator by ada for 1h"},
        {"GivesAnAdministratorWithoutARuleEightHoursAtMost",
         {"rule prod is removed", "ada asks 9h"},
         "invalid: no rule applies, and access without one allows at most 8h"},
        {"BindsAnAdministratorByTheRulesThatApplyToThem",
         {"ada joins developers", "rule prod: max_duration 1h", "ada asks 2h"},
         "invalid: rule 'prod' allows at most 1h, and 2h were asked for"},
        {"SkipsReviewForThoseTrusted", {"tess asks 2h"}, "APPROVED review_skipped by tess for 2h"},
        {"SkipsReviewOnlyWhereEveryRuleDoes", {"rule strict: skip_review_groups", "tess asks 2h"}, "PENDING"},
        {"SkipsNoReviewForThoseTrustedOnceOnly", {"tess leaves trusted", "tess asks 2h"}, "PENDING"},
        {"StillHoldsThoseTrustedToTheRule",
         {"rule prod: reason_required", "tess asks 2h"},
         "invalid: rule 'prod' wants a reason"},
    });

const bool reasons = specify(
    "Reason",
    {
        {"IsRequiredByARule",
         {"rule prod: reason_required", "erin asks 1h"},
         "invalid: rule 'prod' wants a reason"},
        {"IsGiven", {"rule prod: reason_required", "erin asks 1h because of a bug"}, "PENDING"},
        {"MustMatchThePattern",
         {"rule prod: reason_pattern ^INC-[0-9]+", "erin asks 1h because of a bug"},
         "invalid: rule 'prod' wants a reason that matches ^INC-[0-9]+"},
        {"IsRequiredByAPattern",
         {"rule prod: reason_pattern INC-[0-9]+", "erin asks 1h"},
         "invalid: rule 'prod' wants a reason"},
        {"MatchesThePattern",
         {"rule prod: reason_pattern INC-[0-9]+", "erin asks 1h because INC-42 is open"},
         "PENDING"},
        {"MustMatchThePatternOfEveryRule",
         {"rule prod: reason_pattern INC-[0-9]+", "rule strict: reason_pattern CHG-[0-9]+",
          "erin asks 1h because INC-42 is open"},
         "invalid: rule 'strict' wants a reason that matches CHG-[0-9]+"},
        {"HasAMeasure", {"erin asks 1h because " + std::string(2'001, 'x')}, "invalid: at most 2000 bytes"},
    });

const bool durations =
    specify("DurationAskedFor",
            {
                {"IsTheDefaultWhereNoneIsNamed", {"tess asks"}, "APPROVED review_skipped by tess for 1h"},
                {"IsTheShortestDefaultOfTheRules",
                 {"rule strict: default_duration 20m", "tess asks"},
                 "APPROVED review_skipped by tess for 20m"},
                {"IsNoLongerThanTheMaximumWhereNoneIsNamed",
                 {"rule prod: max_duration 30m", "tess asks"},
                 "APPROVED review_skipped by tess for 30m"},
                {"MayBeTheMaximum", {"erin asks 8h"}, "PENDING"},
                {"IsNeverLonger",
                 {"erin asks 8h1m"},
                 "invalid: rule 'prod' allows at most 8h, and 8h1m were asked for"},
                {"IsBoundByTheStrictestRule",
                 {"rule strict: max_duration 90m", "erin asks 2h"},
                 "invalid: rule 'strict' allows at most 1h30m"},
                {"IsASecondAtLeast", {"erin asks 999ms"}, "invalid: the shortest duration is 1s"},
                {"MayBeASecond", {"erin asks 1s"}, "PENDING"},
            });

const bool starts =
    specify("StartAskedFor", {
                                 {"MayBeLater", {"erin asks 1h at 14:00"}, "PENDING"},
                                 {"CannotHavePassed",
                                  {"erin asks 1h at 09:59"},
                                  "invalid: 2026-11-25T09:59:00Z, has passed; leave it out"},
                                 {"CannotBeNow", {"erin asks 1h at 10:00"}, "invalid: has passed"},
                             });

const bool times_specified = specify(
    "AllowedTimesOfARule",
    {
        {"LetInWhatIsInside", {"rule prod: allowed_times Wed 08:00-18:00", "erin asks 8h"}, "PENDING"},
        {"RefuseWhatEndsOutside",
         {"rule prod: allowed_times Wed 08:00-17:59", "erin asks 8h"},
         "invalid: rule 'prod' allows access only Wed 08:00-17:59 (Etc/UTC)"},
        {"SayWhatFits",
         {"rule prod: allowed_times Wed 08:00-11:30", "erin asks 2h"},
         "invalid: at most 1h30m fit from 2026-11-25T10:00:00Z on; 2h fit from 2026-12-02T08:00:00Z on"},
        {"SayWhatNeverFits",
         {"rule prod: allowed_times Mon-Sun 12:00-13:00", "erin asks 2h"},
         "invalid: 2h fit into none of them"},
        {"SayWhatFitsInEveryRule",
         {"rule prod: allowed_times Mon-Fri 08:00-12:00", "rule strict: allowed_times Fri 10:00-18:00",
          "erin asks 2h"},
         "invalid: 2h fit from 2026-11-27T10:00:00Z on"},
        {"LetInALaterStartThatIsInside",
         {"rule prod: allowed_times Wed 14:00-16:00", "erin asks 2h at 14:00"},
         "PENDING"},
        {"BindThoseWhoNeedNoReview",
         {"rule prod: allowed_times Wed 14:00-16:00", "tess asks 1h"},
         "invalid: rule 'prod' allows access only Wed 14:00-16:00"},
        {"BindAdministratorsToWhomTheRuleApplies",
         {"ada joins developers", "rule prod: allowed_times Wed 14:00-16:00", "ada asks 1h"},
         "invalid: rule 'prod' allows access only Wed 14:00-16:00"},
    });

// What a request holds when it is made.
TEST(ANewRequest, HoldsWhatWasAskedFor) {
    Scenario scenario;
    scenario.tell("D.D asks 2h at 14:00 because INC-7");
    const Request& request = scenario.request();
    EXPECT_EQ(request.requester, "dana") << "the user, not the alias";
    EXPECT_EQ(request.resource, "prod");
    EXPECT_EQ(request.duration, std::chrono::hours{2});
    EXPECT_EQ(request.reason, "INC-7");
    EXPECT_EQ(request.asked_at, scenario.circumstances().now);
    EXPECT_EQ(request.starts_at, request.asked_at + std::chrono::hours{4});
    EXPECT_EQ(request.review_ends_at, request.asked_at + std::chrono::hours{1});
    EXPECT_FALSE(window_of(request)) << "nothing is approved";
}

TEST(ANewRequest, NamesTheRulesThatItWasApprovedUnder) {
    Scenario scenario;
    scenario.tell("rule other: resources prod");
    scenario.tell("rule staging: resources staging");
    scenario.tell("tess asks 2h");
    EXPECT_EQ(scenario.request().rules, (std::vector<std::string>{"prod", "other"}));
}

TEST(ANewRequest, CannotStartInMoreThanAYear) {
    const Scenario scenario;
    Wish wish;
    wish.user = "erin";
    wish.starts_at = scenario.circumstances().now + std::chrono::hours{24 * 367};
    EXPECT_EQ(submit(wish, std::chrono::hours{1}, scenario.circumstances()).error().code, ErrorCode::invalid);
}

}  // namespace
}  // namespace curfew::policy
