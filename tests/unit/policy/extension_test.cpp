// More time for a grant that somebody has.
#include <gtest/gtest.h>

#include "base/time_text.hpp"
#include "scenario.hpp"

namespace curfew::policy {
namespace {

std::vector<std::string> with_two_hours(std::vector<std::string> story) {
    story.insert(story.begin(), {"erin asks 2h", "bob approves"});
    return story;
}

const bool extending = specify(
    "Extending",
    {
        {"WaitsForReview", with_two_hours({"erin extends 1h"}), "PENDING"},
        {"TakesTheSameApprovals",
         with_two_hours({"rule prod: min_approvals 2", "erin extends 1h", "bob approves"}), "PENDING"},
        {"IsApproved", with_two_hours({"erin extends 1h", "bob approves"}),
         "APPROVED reviewed by bob for 1h"},
        {"IsRejectedAndLeavesTheGrant", with_two_hours({"erin extends 1h", "bob rejects"}),
         "REJECTED reviewed by bob"},
        {"IsNotApprovedByTheRequester",
         with_two_hours({"erin joins dba", "erin extends 1h", "ERIN approves"}),
         "forbidden: nobody reviews what they asked"},
        {"MayBeShortened", with_two_hours({"erin extends 1h", "bob approves 10m"}),
         "APPROVED reviewed by bob for 10m"},
        {"SkipsReviewForThoseTrusted",
         {"tess asks 2h", "tess extends 1h"},
         "APPROVED review_skipped by tess for 1h"},
        {"IsApprovedAtOnceForAdministrators",
         {"ada asks 2h", "ada extends 1h"},
         "APPROVED administrator by ada for 1h"},
        {"IsOfOnesOwnGrant", with_two_hours({"dana extends 1h"}), "forbidden: is not dana's own"},
        {"IsOfAGrant", {"erin extends 1h"}, "invalid: needs the grant"},
        {"IsOfALiveGrant", with_two_hours({"2h pass", "erin extends 1h"}),
         "conflict: is over and cannot be extended"},
        {"IsOfAGrantThatWasNotRevoked", with_two_hours({"erin revokes", "erin extends 1h"}),
         "conflict: is over and cannot be extended"},
        {"HasNoStartOfItsOwn", with_two_hours({"erin extends 1h at 14:00"}),
         "invalid: starts where its grant ends"},
        {"KeepsToTheReasonsOfTheRules", with_two_hours({"rule prod: reason_required", "erin extends 1h"}),
         "invalid: rule 'prod' wants a reason"},
        {"IsExecutedWithAGrantThatEndedEarly",
         {"tess asks 2h", "tess extends 1h", "the grant is seen to have ended", "the window passes"},
         "EXECUTED window_passed"},
        {"IsForThoseWhoMayStillAsk", with_two_hours({"erin leaves developers", "erin extends 1h"}),
         "forbidden: rule 'prod' wants developers"},
        {"IsRefusedWhenTheGrantEndedMeanwhile",
         {"tess asks 10m", "tess leaves trusted", "tess extends 1h", "10m pass", "bob approves"},
         "conflict: is over and cannot be extended"},
    });

const bool bounds = specify(
    "AnExtension", {
                       {"ReachesNoFurtherThanTheLongestDurationAhead", with_two_hours({"erin extends 361m"}),
                        "invalid: rule 'prod' allows at most 8h ahead"},
                       {"SaysHowMuchMoreThereMayBe", with_two_hours({"1h pass", "erin extends 8h"}),
                        "invalid: can be extended by 7h now"},
                       {"MayReachTheLongestDurationAhead", with_two_hours({"erin extends 6h"}), "PENDING"},
                       {"MayFollowAnother",
                        {"tess asks 8h", "4h pass", "tess extends 4h", "4h pass", "tess extends 4h"},
                        "APPROVED review_skipped by tess for 4h"},
                       {"IsRefusedWhereThereIsNoRoom",
                        {"tess asks 8h", "tess extends 1h"},
                        "invalid: can be extended by nothing now"},
                       {"OfAGrantThatHasNotBegunMakesItAsLongAsTheMaximumAtMost",
                        {"tess asks 2h at 20:00", "tess extends 6h"},
                        "APPROVED review_skipped by tess for 6h"},
                       {"IsTheDefaultWhereNoneIsNamed",
                        {"tess asks 2h", "tess extends"},
                        "APPROVED review_skipped by tess for 1h"},
                       {"IsWhatThereIsRoomForWhereNoneIsNamed",
                        {"tess asks 8h", "20m pass", "tess extends"},
                        "APPROVED review_skipped by tess for 20m"},
                       {"StaysInsideAllowedTimes",
                        {"rule prod: allowed_times Wed 08:00-13:00", "tess asks 2h", "tess extends 2h"},
                        "invalid: at most 1h fit from 2026-11-25T12:00:00Z on"},
                       {"IsCutByARuleThatBecameStricter",
                        with_two_hours({"erin extends 2h", "rule prod: max_duration 3h", "bob approves"}),
                        "APPROVED reviewed by bob for 1h"},
                       {"PassesWithWhatItAdded",
                        {"tess asks 2h", "tess extends 1h", "2h pass", "the window passes"},
                        "conflict: passes only at 2026-11-25T13:00:00Z"},
                       {"IsExecutedAfterwards",
                        {"tess asks 2h", "tess extends 1h", "3h pass", "the window passes"},
                        "EXECUTED window_passed"},
                   });

TEST(AnExtension, BeginsWhereTheGrantEnds) {
    Scenario scenario;
    for (const auto* sentence :
         {"erin asks 2h", "bob approves", "1h pass", "erin extends 1h", "bob approves"})
        scenario.tell(sentence);
    const Window window = window_of(scenario.request()).value();
    EXPECT_EQ(format_utc(window.starts_at), "2026-11-25T12:00:00Z");
    EXPECT_EQ(format_utc(window.ends_at), "2026-11-25T13:00:00Z");
    EXPECT_EQ(scenario.request().grant, scenario.grant().id);
}

// Two that were asked for at the same time, one approved after the other.
TEST(AnExtension, BeginsWhereAnotherMovedTheEndTo) {
    Scenario scenario;
    for (const auto* sentence : {"erin asks 2h", "bob approves", "erin extends 1h"})
        scenario.tell(sentence);
    Grant extended = scenario.grant();
    extended.window.ends_at += std::chrono::hours{1};
    Circumstances circumstances = scenario.circumstances();
    circumstances.grant = &extended;
    const event::Reviewed approval{"bob", {}, Verdict::approve, {}, {}};
    const Request approved = apply(scenario.request(), approval, circumstances).value();
    EXPECT_EQ(format_utc(window_of(approved).value().ends_at), "2026-11-25T14:00:00Z");
}

TEST(AnExtension, LetsTheFirstRequestLastUntilTheNewEnd) {
    Scenario scenario;
    scenario.tell("tess asks 2h");
    const Request first = scenario.request();
    for (const auto* sentence : {"tess extends 1h", "2h pass"})
        scenario.tell(sentence);
    EXPECT_EQ(apply(first, event::WindowPassed{}, scenario.circumstances()).error().code,
              ErrorCode::conflict);
    EXPECT_TRUE(may_revoke("tess", first, scenario.circumstances()));
    scenario.tell("1h pass");
    EXPECT_EQ(apply(first, event::WindowPassed{}, scenario.circumstances()).value().status,
              RequestStatus::executed);
}

// A rule for commands, which may ask for less, decides about no time to connect in.
TEST(AnExtension, IsNotOfACommand) {
    Scenario scenario;
    scenario.tell("tess asks 2h");
    Rules rules = scenario.circumstances().rules;
    rules.push_back(rules[0]);
    rules[1].types = {RequestType::command};
    Wish wish;
    wish.kind = RequestKind::extension;
    wish.type = RequestType::command;
    wish.user = "tess";
    wish.extends = scenario.grant().id;
    const Circumstances here = scenario.circumstances();
    const auto refused =
        submit(wish, std::chrono::hours{1}, {rules, here.directory, here.target, here.now, here.grant});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::invalid);
}

// It would be time to connect in, by way of a right to have commands approved.
TEST(AnExtension, IsNotOfAGrantForCommands) {
    Scenario scenario;
    scenario.tell("tess asks 2h");
    Grant grant = scenario.grant();
    Wish wish;
    wish.kind = RequestKind::extension;
    wish.user = "tess";
    wish.extends = grant.id;
    for (const GrantUse use : {GrantUse::commands, GrantUse::script}) {
        grant.use = use;
        const Circumstances here = scenario.circumstances();
        const auto refused =
            submit(wish, std::chrono::hours{1}, {here.rules, here.directory, here.target, here.now, &grant});
        ASSERT_FALSE(refused) << to_string(use);
        EXPECT_EQ(refused.error().code, ErrorCode::invalid) << refused.error().message;
    }
}

TEST(AnExtension, IsOfTheGrantThatItNames) {
    Scenario scenario;
    scenario.tell("tess asks 2h");
    Wish wish;
    wish.kind = RequestKind::extension;
    wish.user = "tess";
    wish.extends = GrantId::generate();
    EXPECT_EQ(submit(wish, std::chrono::hours{1}, scenario.circumstances()).error().code,
              ErrorCode::not_found);
}

TEST(AnExtension, IsNotOfAGroupsGrant) {
    Scenario scenario;
    scenario.tell("tess asks 2h");
    Grant shared = scenario.grant();
    shared.subject = {Subject::Kind::group, "tess"};
    Wish wish;
    wish.kind = RequestKind::extension;
    wish.user = "tess";
    wish.extends = shared.id;
    Circumstances circumstances = scenario.circumstances();
    circumstances.grant = &shared;
    EXPECT_EQ(submit(wish, std::chrono::hours{1}, circumstances).error().code, ErrorCode::forbidden);
}

TEST(AnExtension, IsForItsGrantsResource) {
    Scenario scenario;
    scenario.tell("tess asks 2h");
    Grant other = scenario.grant();
    other.resource = "staging";
    Wish wish;
    wish.kind = RequestKind::extension;
    wish.user = "tess";
    wish.extends = other.id;
    Circumstances circumstances = scenario.circumstances();
    circumstances.grant = &other;
    EXPECT_EQ(submit(wish, std::chrono::hours{1}, circumstances).error().code, ErrorCode::invalid);
}

}  // namespace
}  // namespace curfew::policy
