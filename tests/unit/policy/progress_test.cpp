// What people are shown of a request: how far it is, and what they may do.
#include <gtest/gtest.h>

#include "scenario.hpp"

namespace curfew::policy {
namespace {

Scenario after(const std::vector<std::string>& story) {
    Scenario scenario;
    for (const auto& sentence : story)
        scenario.tell(sentence);
    return scenario;
}

GroupNames reviews_for(std::string_view user, const Scenario& scenario) {
    return groups_to_review_for(user, scenario.request(), scenario.circumstances());
}

TEST(Progress, CountsTheApprovalsOfEachRule) {
    const Scenario scenario = after({"rule prod: min_approvals 3", "rule strict: approval_groups security",
                                     "erin asks 2h", "bob approves", "sue approves"});
    const Progress shown = progress(scenario.request(), scenario.circumstances());
    ASSERT_EQ(shown.rules.size(), 2U);
    EXPECT_EQ(shown.rules[0].rule->name, "prod");
    EXPECT_EQ(shown.rules[0].approvals, 2U);
    EXPECT_EQ(shown.rules[0].wanted, 3U);
    EXPECT_FALSE(shown.rules[0].satisfied);
    EXPECT_EQ(shown.rules[1].approvals, 1U);
    EXPECT_EQ(shown.rules[1].wanted, 1U);
    EXPECT_TRUE(shown.rules[1].satisfied);
    EXPECT_FALSE(shown.approved);
}

TEST(Progress, NamesTheGroupsThatAreStillWaitedFor) {
    const Scenario scenario = after({"rule prod: require_all_groups", "erin asks 2h", "bob approves"});
    const Progress shown = progress(scenario.request(), scenario.circumstances());
    EXPECT_EQ(shown.rules[0].missing_groups, GroupNames{"security"});
    EXPECT_EQ(shown.rules[0].wanted, 2U);
}

TEST(Progress, WaitsForNoGroupInParticularUnlessAllAreRequired) {
    const Scenario scenario = after({"rule prod: min_approvals 2", "erin asks 2h"});
    EXPECT_TRUE(progress(scenario.request(), scenario.circumstances()).rules[0].missing_groups.empty());
}

TEST(Progress, ForgetsTheApprovalsOfWhoLeft) {
    const Scenario scenario =
        after({"rule prod: min_approvals 2", "erin asks 2h", "bob approves", "bob leaves dba"});
    EXPECT_EQ(progress(scenario.request(), scenario.circumstances()).rules[0].approvals, 0U);
}

TEST(Progress, IsNoneWhereNoRuleApplies) {
    const Scenario scenario = after({"erin asks 2h", "rule prod is removed"});
    const Progress shown = progress(scenario.request(), scenario.circumstances());
    EXPECT_TRUE(shown.rules.empty());
    EXPECT_FALSE(shown.approved);
}

TEST(GroupsToReviewFor, AreOnesOwnThatReview) {
    const Scenario scenario = after({"erin asks 2h"});
    EXPECT_EQ(reviews_for("bob", scenario), GroupNames{"dba"});
    EXPECT_EQ(reviews_for("carol", scenario), (GroupNames{"dba", "security"}));
    EXPECT_EQ(reviews_for("lena", scenario), GroupNames{"leads"});
    EXPECT_EQ(reviews_for("BOBBY", scenario), GroupNames{"dba"});
}

TEST(GroupsToReviewFor, AreNoneOfOthers) {
    const Scenario scenario = after({"erin asks 2h"});
    for (const auto* user : {"olaf", "ada", "dana", "mallory", ""})
        EXPECT_TRUE(reviews_for(user, scenario).empty()) << user;
}

TEST(GroupsToReviewFor, AreNoneOfTheRequester) {
    const Scenario scenario = after({"carol asks 2h"});
    EXPECT_TRUE(reviews_for("carol", scenario).empty());
    EXPECT_TRUE(reviews_for("Carol", scenario).empty());
}

TEST(GroupsToReviewFor, AreNoneOfWhoHasReviewed) {
    const Scenario scenario = after({"rule prod: min_approvals 2", "erin asks 2h", "carol approves for dba"});
    EXPECT_TRUE(reviews_for("carol", scenario).empty());
    EXPECT_EQ(reviews_for("bob", scenario), GroupNames{"dba"});
}

TEST(GroupsToReviewFor, AreNoneOnceTheTimeIsUp) {
    EXPECT_TRUE(reviews_for("bob", after({"erin asks 2h", "1h pass"})).empty());
}

TEST(GroupsToReviewFor, AreNoneOnceItIsDecided) {
    EXPECT_TRUE(reviews_for("bob", after({"erin asks 2h", "sue approves"})).empty());
    EXPECT_TRUE(reviews_for("bob", after({"erin asks 2h", "sue rejects"})).empty());
}

TEST(GroupsToReviewFor, AreThoseOfTheRuleAfterTheGlassWasBroken) {
    const Scenario scenario = after({"otto asks by breaking the glass because of fire"});
    EXPECT_EQ(reviews_for("bob", scenario), GroupNames{"dba"});
    EXPECT_TRUE(reviews_for("otto", scenario).empty());
    EXPECT_TRUE(reviews_for("ada", scenario).empty());
}

TEST(WhoMay, CancelIsTheRequesterOfWhatIsPending) {
    const Scenario pending = after({"erin asks 2h"});
    EXPECT_TRUE(may_cancel("ERIN", pending.request(), pending.circumstances()));
    EXPECT_FALSE(may_cancel("bob", pending.request(), pending.circumstances()));
    const Scenario approved = after({"erin asks 2h", "bob approves"});
    EXPECT_FALSE(may_cancel("erin", approved.request(), approved.circumstances()));
}

TEST(WhoMay, RevokeIsWhoeverItConcernsOfWhatIsApproved) {
    const Scenario approved = after({"erin asks 2h", "bob approves"});
    for (const auto* user : {"erin", "BOBBY", "sue", "carol", "lena", "ada"})
        EXPECT_TRUE(may_revoke(user, approved.request(), approved.circumstances())) << user;
    for (const auto* user : {"dana", "olaf", "mallory", ""})
        EXPECT_FALSE(may_revoke(user, approved.request(), approved.circumstances())) << user;
    const Scenario pending = after({"erin asks 2h"});
    EXPECT_FALSE(may_revoke("ada", pending.request(), pending.circumstances()));
}

}  // namespace
}  // namespace curfew::policy
