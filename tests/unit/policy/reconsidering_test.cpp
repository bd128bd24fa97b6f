// What becomes of requests when people, groups, rules or resources change.
#include <gtest/gtest.h>

#include "scenario.hpp"

namespace curfew::policy {
namespace {

const bool pending = specify(
    "APendingRequest",
    {
        {"StandsWhileNothingChanges", {"erin asks 2h", "it is reconsidered"}, "PENDING"},
        {"FallsWithItsRequester",
         {"erin asks 2h", "erin is removed", "it is reconsidered"},
         "REJECTED right_lost"},
        {"FallsWithTheMembership",
         {"erin asks 2h", "erin leaves developers", "it is reconsidered"},
         "REJECTED right_lost"},
        {"FallsWithTheRule",
         {"erin asks 2h", "rule prod is removed", "it is reconsidered"},
         "REJECTED right_lost"},
        {"FallsWithTheResource",
         {"erin asks 2h", "the resource is removed", "it is reconsidered"},
         "REJECTED right_lost"},
        {"StandsOnAnotherRule",
         {"erin asks 2h", "rule other: resources prod", "rule prod is removed", "it is reconsidered"},
         "PENDING"},
        {"StandsThoughItsReviewersAreGone",
         {"erin asks 2h", "bob is removed", "sue is removed", "it is reconsidered"},
         "PENDING"},
        {"OfWhoBecameAnAdministratorStands",
         {"erin asks 2h", "erin joins administrators", "rule prod is removed", "it is reconsidered"},
         "PENDING"},
        {"ToExtendFallsWithTheGrant",
         {"tess asks 10m", "tess leaves trusted", "tess extends 1h", "10m pass", "it is reconsidered"},
         "REJECTED right_lost"},
        {"OverByItsTimeIsLeftToTheTimeOut",
         {"erin asks 2h", "erin is removed", "1h pass", "it is reconsidered"},
         "PENDING"},
    });

const bool approved = specify(
    "AnApprovedRequest",
    {
        {"StandsWhileNothingChanges",
         {"tess asks 2h", "it is reconsidered"},
         "APPROVED review_skipped by tess for 2h"},
        {"FallsWithItsRequester",
         {"erin asks 2h", "bob approves", "erin is removed", "it is reconsidered"},
         "REVOKED right_lost"},
        {"FallsWithTheMembership",
         {"erin asks 2h", "bob approves", "erin leaves developers", "it is reconsidered"},
         "REVOKED right_lost"},
        {"FallsWithTheRule",
         {"erin asks 2h", "bob approves", "rule prod is removed", "it is reconsidered"},
         "REVOKED right_lost"},
        {"FallsWithTheResource",
         {"erin asks 2h", "bob approves", "the resource is removed", "it is reconsidered"},
         "REVOKED right_lost"},
        {"FallsWhenTheRuleCoversTheResourceNoLonger",
         {"erin asks 2h", "bob approves", "rule prod: resources staging", "it is reconsidered"},
         "REVOKED right_lost"},
        {"FallsBeforeItsWindowBegins",
         {"erin asks 2h at 14:00", "bob approves", "erin is removed", "it is reconsidered"},
         "REVOKED right_lost"},
        {"StandsOnWhatIsLeftOfItsRules",
         {"rule other: resources prod", "erin asks 2h", "bob approves", "rule prod is removed",
          "it is reconsidered"},
         "APPROVED reviewed by bob for 2h"},
        {"DoesNotStandOnARuleThatItWasNotApprovedUnder",
         {"erin asks 2h", "bob approves", "rule other: resources prod", "rule prod is removed",
          "it is reconsidered"},
         "REVOKED right_lost"},
        {"StandsThoughARuleBecameStricter",
         {"erin asks 2h", "bob approves", "rule prod: min_approvals 3", "rule prod: max_duration 1h",
          "it is reconsidered"},
         "APPROVED reviewed by bob for 2h"},
        {"WithoutReviewFallsWithTheTrust",
         {"tess asks 2h", "tess leaves trusted", "it is reconsidered"},
         "REVOKED right_lost"},
        {"OfAnAdministratorStandsWithoutRules",
         {"ada asks 2h", "rule prod is removed", "it is reconsidered"},
         "APPROVED administrator by ada for 2h"},
        {"OfAnAdministratorFallsWithThatMembership",
         {"ada asks 2h", "ada leaves administrators", "it is reconsidered"},
         "REVOKED right_lost"},
        {"OfAnAdministratorFallsWithThatMembershipThoughARuleCoversThem",
         {"ada joins developers", "ada asks 2h", "ada leaves administrators", "it is reconsidered"},
         "REVOKED right_lost"},
        {"ByBreakGlassStandsWithThatMembership",
         {"otto asks by breaking the glass because of fire", "it is reconsidered"},
         "APPROVED break_glass by otto for 30m [review due]"},
        {"ByBreakGlassFallsWithThatMembership",
         {"otto asks by breaking the glass because of fire", "otto leaves oncall", "it is reconsidered"},
         "REVOKED right_lost [review due]"},
        {"OverByItsTimeIsLeftToItsEnd",
         {"tess asks 2h", "2h pass", "tess is removed", "it is reconsidered"},
         "APPROVED review_skipped by tess for 2h"},
    });

TEST(AnApprovedRequest, SaysWhatItLost) {
    Scenario scenario;
    for (const auto* sentence :
         {"erin asks 2h", "bob approves", "erin leaves developers", "it is reconsidered"})
        scenario.tell(sentence);
    EXPECT_EQ(scenario.request().decision_comment,
              "no rule that it was approved under covers erin and 'prod' any more");
    EXPECT_EQ(scenario.request().decided_by, "");
}

// Somebody revoked the grant itself, or another request of the same grant.
const bool following = specify(
    "ARequestOfARevokedGrant",
    {
        {"IsRevoked",
         {"tess asks 2h", "the grant is revoked", "it is reconsidered"},
         "REVOKED revoked by ada"},
        {"IsRevokedWhereItExtendedTheGrant",
         {"tess asks 2h", "tess extends 1h", "the grant is revoked", "it is reconsidered"},
         "REVOKED revoked by ada"},
        {"IsRevokedAfterItsTimeToo",
         {"tess asks 2h", "the grant is revoked", "2h pass", "it is reconsidered"},
         "REVOKED revoked by ada"},
        {"IsNeverExecuted",
         {"tess asks 2h", "the grant is revoked", "2h pass", "the window passes"},
         "REVOKED revoked by ada"},
        {"IsRejectedWhereItWasToExtendTheGrant",
         {"erin asks 2h", "bob approves", "erin extends 1h", "the grant is revoked", "it is reconsidered"},
         "REJECTED right_lost"},
        {"OfAGoneRequesterIsRevokedWithTheGrant",
         {"tess asks 2h", "the grant is revoked", "tess is removed", "it is reconsidered"},
         "REVOKED revoked by ada"},
        {"StaysAsItIsOnceItIsOver",
         {"tess asks 2h", "2h pass", "the window passes", "the grant is revoked", "it is reconsidered"},
         "EXECUTED window_passed"},
    });

TEST(ARequestOfARevokedGrant, SaysWhyThatWas) {
    Scenario scenario;
    for (const auto* sentence : {"tess asks 2h", "the grant is revoked", "it is reconsidered"})
        scenario.tell(sentence);
    EXPECT_EQ(scenario.request().decision_comment, "enough");
    EXPECT_EQ(scenario.request().approval, Decision::review_skipped);
}

}  // namespace
}  // namespace curfew::policy
