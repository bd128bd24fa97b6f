// Immediate access in an emergency, and who answers for it.
#include <gtest/gtest.h>

#include "scenario.hpp"

namespace curfew::policy {
namespace {

const std::string broken = "otto asks by breaking the glass because the shop is down";

const bool breaking = specify(
    "BreakingTheGlass",
    {
        {"ApprovesAtOnceAndLeavesAReviewDue", {broken}, "APPROVED break_glass by otto for 30m [review due]"},
        {"IsCutToItsCap",
         {"otto asks 8h by breaking the glass because of fire"},
         "APPROVED break_glass by otto for 30m [review due]"},
        {"MayBeShorter",
         {"otto asks 5m by breaking the glass because of fire"},
         "APPROVED break_glass by otto for 5m [review due]"},
        {"IsCutToTheShortestCap",
         {"rule strict: break_glass_duration 10m", broken},
         "APPROVED break_glass by otto for 10m [review due]"},
        {"IsNoLongerThanTheMaximum",
         {"rule prod: max_duration 15m", broken},
         "APPROVED break_glass by otto for 15m [review due]"},
        {"NeedsAReason",
         {"otto asks by breaking the glass"},
         "invalid: break-glass needs a reason; say what the emergency is"},
        {"NeedsMoreThanBlanks",
         {"otto asks by breaking the glass because  \t "},
         "invalid: break-glass needs a reason"},
        {"NeedsNoTicket",
         {"rule prod: reason_pattern ^INC-[0-9]+", broken},
         "APPROVED break_glass by otto for 30m [review due]"},
        {"KeepsNoHours",
         {"rule prod: allowed_times Mon 08:00-09:00", broken},
         "APPROVED break_glass by otto for 30m [review due]"},
        {"IsForTheGroupAlone",
         {"erin asks by breaking the glass because of fire"},
         "forbidden: rule 'prod' lets oncall break the glass for 'prod', and erin is not among them"},
        {"IsForThoseWhoMayAsk",
         {"otto leaves developers", broken},
         "forbidden: rule 'prod' wants developers"},
        {"IsForWhomEveryRuleLets",
         {"rule strict: break_glass_groups", broken},
         "forbidden: rule 'strict' lets nobody break the glass"},
        {"IsNotForAdministratorsAsSuch",
         {"rule prod is removed", "ada asks by breaking the glass because of fire"},
         "forbidden: no rule lets ada break the glass"},
        {"BeginsAtOnce",
         {"otto asks at 14:00 by breaking the glass because of fire"},
         "invalid: break-glass begins at once"},
        {"ExtendsNothing",
         {broken, "otto extends by breaking the glass because of fire"},
         "invalid: break-glass gives access, and extends none"},
    });

const bool afterwards = specify(
    "ReviewAfterwards",
    {
        {"ClearsWhatIsDue", {broken, "bob approves"}, "APPROVED break_glass by otto for 30m"},
        {"IsForForceApproversToo", {broken, "lena approves"}, "APPROVED break_glass by otto for 30m"},
        {"IsNotForTheRequester",
         {"otto joins dba", broken, "otto approves"},
         "forbidden: nobody reviews what they asked"},
        {"IsNotForTheRequesterInAnotherCase",
         {"otto joins dba", broken, "OTTO approves"},
         "forbidden: nobody reviews what they asked"},
        {"IsNotForOutsiders", {broken, "erin approves"}, "forbidden: erin is in none of the groups"},
        {"HappensOnce", {broken, "bob approves", "sue rejects"}, "conflict: awaits no review"},
        {"RevokesByRejecting", {broken, "10m pass", "bob rejects"}, "REVOKED revoked by bob"},
        {"NamesNoDuration", {broken, "bob approves 5m"}, "invalid: only an approval of a PENDING request"},
        {"IsDueAfterTheWindow",
         {broken, "30m pass", "the window passes"},
         "EXECUTED window_passed [review due]"},
        {"IsPossibleDaysLater",
         {broken, "30m pass", "the window passes", "72h pass", "bob approves"},
         "EXECUTED window_passed"},
        {"EndsNothingThatIsOver",
         {broken, "30m pass", "the window passes", "bob rejects"},
         "EXECUTED window_passed"},
        {"EndsNothingThatIsOverButNotYetExecuted",
         {broken, "30m pass", "bob rejects"},
         "APPROVED break_glass by otto for 30m"},
        {"IsDueOfWhatWasRevoked", {broken, "otto revokes"}, "REVOKED revoked by otto [review due]"},
        {"IsPossibleOfWhatWasRevoked", {broken, "otto revokes", "bob rejects"}, "REVOKED revoked by otto"},
        {"IsForTheGroupsOfTheRuleItWasBrokenUnder",
         {broken, "otto leaves developers", "bob approves"},
         "APPROVED break_glass by otto for 30m"},
        {"IsForAdministratorsOnceTheRulesAreGone",
         {broken, "rule prod is removed", "it is reconsidered", "ada approves"},
         "REVOKED right_lost"},
    });

TEST(ReviewAfterwards, IsKept) {
    Scenario scenario;
    for (const auto& sentence : {broken, std::string{"10m pass"}, std::string{"bob rejects"}})
        scenario.tell(sentence);
    ASSERT_EQ(scenario.request().reviews.size(), 1U);
    EXPECT_EQ(scenario.request().reviews[0].reviewer, "bob");
    EXPECT_EQ(scenario.request().reviews[0].verdict, Verdict::reject);
    EXPECT_EQ(scenario.request().approval, Decision::break_glass);
}

}  // namespace
}  // namespace curfew::policy
