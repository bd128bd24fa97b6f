// How requests end: by those who may end them, and by time.
#include <gtest/gtest.h>

#include "scenario.hpp"

namespace curfew::policy {
namespace {

const bool cancelling = specify(
    "Cancelling",
    {
        {"IsForTheRequester", {"erin asks 2h", "erin cancels"}, "REJECTED cancelled by erin"},
        {"IsForTheRequesterUnderAnAlias", {"dana asks 2h", "d.d cancels"}, "REJECTED cancelled by dana"},
        {"IsForNobodyElse", {"erin asks 2h", "bob cancels"}, "forbidden: only erin, who asked for"},
        {"IsNotEvenForAdministrators", {"erin asks 2h", "ada cancels"}, "forbidden: only erin"},
        {"IsForWhatIsPending",
         {"erin asks 2h", "bob approves", "erin cancels"},
         "conflict: is APPROVED already"},
        {"HappensOnce", {"erin asks 2h", "erin cancels", "erin cancels"}, "conflict: is REJECTED already"},
    });

const bool revoking = specify(
    "Revoking",
    {
        {"IsForTheRequester", {"erin asks 2h", "bob approves", "erin revokes"}, "REVOKED revoked by erin"},
        {"IsForTheReviewer", {"erin asks 2h", "bob approves", "bob revokes"}, "REVOKED revoked by bob"},
        {"IsForOthersOfTheApprovalGroups",
         {"erin asks 2h", "bob approves", "sue revokes"},
         "REVOKED revoked by sue"},
        {"IsForForceApprovers", {"erin asks 2h", "bob approves", "lena revokes"}, "REVOKED revoked by lena"},
        {"IsForAdministrators", {"erin asks 2h", "bob approves", "ada revokes"}, "REVOKED revoked by ada"},
        {"IsForThoseInAnotherCase",
         {"erin asks 2h", "bob approves", "SUE revokes"},
         "REVOKED revoked by sue"},
        {"IsNotForOutsiders",
         {"erin asks 2h", "bob approves", "olaf revokes"},
         "forbidden: olaf may not revoke"},
        {"IsNotForOtherRequesters",
         {"erin asks 2h", "bob approves", "dana revokes"},
         "forbidden: dana may not revoke"},
        {"IsNotForStrangers",
         {"erin asks 2h", "bob approves", "mallory revokes"},
         "forbidden: mallory may not"},
        {"IsForTheGroupsOfTheRuleItWasApprovedUnder",
         {"erin asks 2h", "bob approves", "erin leaves developers", "sue revokes"},
         "REVOKED revoked by sue"},
        {"IsForWhatIsApproved",
         {"erin asks 2h", "sue revokes"},
         "conflict: is PENDING, and only an APPROVED"},
        {"HappensOnce", {"tess asks 2h", "tess revokes", "tess revokes"}, "conflict: is REVOKED"},
        {"IsPossibleBeforeTheWindowBegins",
         {"erin asks 2h at 14:00", "bob approves", "erin revokes"},
         "REVOKED revoked by erin"},
        {"ComesBeforeTheWindowHasPassed",
         {"tess asks 2h", "2h pass", "tess revokes"},
         "conflict: ended by itself at 2026-11-25T12:00:00Z"},
    });

const bool timing_out = specify(
    "ReviewTimeOut",
    {
        {"EndsWhatIsPending",
         {"erin asks 2h", "1h pass", "the review times out"},
         "REJECTED review_timed_out"},
        {"EndsWhatHasSomeApprovals",
         {"rule prod: min_approvals 2", "erin asks 2h", "bob approves", "1h pass", "the review times out"},
         "REJECTED review_timed_out"},
        {"DoesNotComeEarly",
         {"erin asks 2h", "59m pass", "the review times out"},
         "conflict: due at 2026-11-25T11:00:00Z"},
        {"DoesNotEndWhatIsApproved",
         {"erin asks 2h", "bob approves", "1h pass", "the review times out"},
         "conflict: is APPROVED"},
    });

const bool passing = specify(
    "TheWindow",
    {
        {"PassesAtItsEnd", {"tess asks 2h", "2h pass", "the window passes"}, "EXECUTED window_passed"},
        {"DoesNotPassEarly",
         {"tess asks 2h", "119m pass", "the window passes"},
         "conflict: passes only at 2026-11-25T12:00:00Z"},
        {"DoesNotPassEarlyForALaterStart",
         {"tess asks 1h at 14:00", "4h pass", "the window passes"},
         "conflict: passes only at 2026-11-25T15:00:00Z"},
        {"DoesNotPassOfWhatIsPending",
         {"erin asks 2h", "2h pass", "the window passes"},
         "conflict: is PENDING"},
        {"PassesOnce",
         {"tess asks 2h", "2h pass", "the window passes", "the window passes"},
         "conflict: is EXECUTED"},
    });

const bool finality = specify(
    "AnEnd",
    {
        {"ByRejectionIsFinal",
         {"erin asks 2h", "bob rejects", "it is reconsidered"},
         "REJECTED reviewed by bob"},
        {"ByCancellingIsFinal", {"erin asks 2h", "erin cancels", "bob approves"}, "conflict: is REJECTED"},
        {"ByRevocationIsFinal",
         {"tess asks 2h", "tess revokes", "2h pass", "the window passes"},
         "conflict: is REVOKED"},
        {"ByTimeIsFinal",
         {"tess asks 2h", "2h pass", "the window passes", "tess leaves developers", "it is reconsidered"},
         "EXECUTED window_passed"},
    });

TEST(AnEnd, KeepsHowItWasApproved) {
    Scenario scenario;
    for (const auto* sentence : {"erin asks 2h", "bob approves", "2h pass", "the window passes"})
        scenario.tell(sentence);
    EXPECT_EQ(scenario.request().approval, Decision::reviewed);
    EXPECT_EQ(scenario.request().rules, std::vector<std::string>{"prod"});
    EXPECT_EQ(scenario.request().reviews.size(), 1U);
}

TEST(AnEvent, IsJudgedByTheRulesOfTheRequestsOwnResource) {
    Scenario scenario;
    scenario.tell("erin asks 2h");
    const Circumstances here = scenario.circumstances();
    const Target other{"staging", {{"env", "prod"}}};
    const auto result = apply(scenario.request(), event::Cancelled{"erin", {}},
                              {here.rules, here.directory, other, here.now});
    EXPECT_EQ(result.error().code, ErrorCode::internal);
}

}  // namespace
}  // namespace curfew::policy
