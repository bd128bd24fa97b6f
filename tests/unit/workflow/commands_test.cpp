// Who asks for commands one by one, and what becomes of each.
#include <gmock/gmock.h>

#include "commands_fixture.hpp"
#include "support/held_store.hpp"
#include "workflow/store_follower.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using policy::Decision;
using policy::RequestStatus;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* nobody_asks = "required_groups: [developers]\n    approval_groups: [dba]\n    allowed";
constexpr const char* security_asks = "required_groups: [security]\n    approval_groups: [dba]\n    allowed";

using CommandGrants = CommandsTest;

TEST_F(CommandGrants, AreGivenForADayByTheRuleThatLetsSomebodyAsk) {
    const auto id = await(here->commands.let_in("alice", "prod")).value();
    const auto grant = await(store->find_grant(id)).value();
    EXPECT_EQ(grant.grant.use, policy::GrantUse::commands);
    EXPECT_EQ(grant.grant.subject, (policy::Subject{policy::Subject::Kind::user, "alice"}));
    EXPECT_EQ(grant.grant.given_by, "rule commands");
    EXPECT_EQ(grant.remaining, 24h);
}

TEST_F(CommandGrants, AreKnownToTheNodeBeforeAnybodyIsLetIn) {
    const auto id = await(here->commands.let_in("alice", "prod")).value();
    ASSERT_THAT(here->node.grants, SizeIs(1));
    EXPECT_EQ(here->node.grants.front().grant.id, id);
}

TEST_F(CommandGrants, AreOneForTwoConnectionsAtOnce) {
    auto first = start(context, here->commands.let_in("alice", "prod"));
    auto second = start(context, here->commands.let_in("alice", "prod"));
    EXPECT_EQ(finish(context, first).value(), finish(context, second).value());
    EXPECT_THAT(grants(), SizeIs(1));
}

TEST_F(CommandGrants, AreGivenAnewOnceLittleIsLeft) {
    const auto first = await(here->commands.let_in("alice", "prod")).value();
    clock.advance(12h - 1ms);
    EXPECT_EQ(await(here->commands.let_in("alice", "prod")).value(), first);
    clock.advance(1ms);
    EXPECT_NE(await(here->commands.let_in("alice", "prod")).value(), first);
}

TEST_F(CommandGrants, AreNotGivenWithoutARuleNotEvenToAdministrators) {
    for (const char* user : {"root", "carol", "mallory"}) {
        EXPECT_EQ(await(here->commands.let_in(user, "prod")).error().code, ErrorCode::forbidden) << user;
        EXPECT_FALSE(here->commands.allowed_statements(user, "prod")) << user;
    }
    EXPECT_EQ(await(here->commands.let_in("alice", "uncovered")).error().code, ErrorCode::forbidden);
    EXPECT_THAT(grants(), IsEmpty());
}

TEST_F(CommandGrants, EndWithTheRightToAsk) {
    const auto id = await(here->commands.let_in("alice", "prod")).value();
    ASSERT_TRUE(here->commands.allowed_statements("alice", "prod"));
    declare(replaced(declared, nobody_asks, security_asks)).value();
    EXPECT_FALSE(here->commands.allowed_statements("alice", "prod"));
    const auto grant = await(store->find_grant(id)).value();
    ASSERT_TRUE(grant.grant.revoked);
    EXPECT_EQ(node.grants.back().grant.id, id) << "its sessions have been told to end";
}

TEST_F(CommandGrants, StayWhileTheRightStays) {
    const auto id = await(here->commands.let_in("alice", "prod")).value();
    declare(replaced(declared, "max_duration: 4h", "max_duration: 3h")).value();
    await(here->desk.reconsider()).value();
    EXPECT_FALSE(await(store->find_grant(id)).value().grant.revoked);
}

TEST_F(CommandsTest, TellsWhereItIsDecidedAndForHowLong) {
    const auto waiting = await(here->commands.ask("alice", "prod", update())).value();
    EXPECT_EQ(waiting.url, "https://curfew.test/requests/" + waiting.request.text());
    EXPECT_EQ(waiting.at_most, registry->rulebook()->config().requests.review_timeout);
    const auto request = look_up(waiting.request);
    EXPECT_EQ(request.requester, "alice");
    EXPECT_EQ(request.command, update());
}

TEST_F(CommandsTest, DoesNotAskWhereNoRuleLetsThem) {
    EXPECT_EQ(await(here->commands.ask("root", "prod", update())).error().code, ErrorCode::forbidden);
    EXPECT_EQ(await(here->commands.ask("carol", "prod", update())).error().code, ErrorCode::forbidden);
}

TEST_F(CommandsTest, IsNotForItsRequesterToApprove) {
    declare(replaced(declared, "dba: [carol, dave]", "dba: [alice, carol, dave]")).value();
    const auto id = ask_for(update());
    policy::event::Reviewed review;
    review.reviewer = "alice";
    EXPECT_EQ(await(here->desk.review(id, review)).error().code, ErrorCode::forbidden);
}

class Decided : public CommandsTest {
protected:
    Result<workflow::RequestView> decide(const policy::RequestId& id, policy::Verdict verdict) {
        policy::event::Reviewed review;
        review.reviewer = "carol";
        review.verdict = verdict;
        review.comment = "not on a Friday";
        return await(here->desk.review(id, review));
    }
};

TEST_F(Decided, RunsOnceItIsApprovedAndCountsAsRunByThen) {
    const auto id = ask_for(update());
    auto decision = decision_on(id);
    decide(id, policy::Verdict::approve).value();
    const Answer answered = answer(decision);
    EXPECT_TRUE(answered.run);
    EXPECT_THAT(answered.approved_by, ElementsAre("carol"));
    EXPECT_EQ(look_up(id).status, RequestStatus::executed);
    EXPECT_EQ(look_up(id).decision, Decision::command_run);
}

TEST_F(Decided, RunsAtOnceWhereReviewIsSkipped) {
    declare(replaced(declared, "types: [command]", "types: [command]\n    skip_review_groups: [developers]"))
        .value();
    auto decision = decision_on(ask_for(update()));
    const Answer answered = answer(decision);
    EXPECT_TRUE(answered.run);
    EXPECT_THAT(answered.approved_by, IsEmpty());
}

TEST_F(Decided, SaysWhoRejectedItAndWhy) {
    const auto id = ask_for(update());
    auto decision = decision_on(id);
    decide(id, policy::Verdict::reject).value();
    const Answer refused = answer(decision);
    EXPECT_FALSE(refused.run);
    EXPECT_EQ(refused.why, "carol rejected it: not on a Friday.");
}

TEST_F(Decided, SaysThatNobodyDecidedInTime) {
    const auto id = ask_for(update());
    auto decision = decision_on(id);
    clock.advance(registry->rulebook()->config().requests.review_timeout);
    await(here->desk.settle()).value();
    EXPECT_THAT(answer(decision).why, HasSubstr("Nobody decided within"));
}

TEST_F(Decided, SaysThatTheRightIsLost) {
    const auto id = ask_for(update());
    auto decision = decision_on(id);
    declare(replaced(declared, nobody_asks, security_asks)).value();
    const Answer refused = answer(decision);
    EXPECT_FALSE(refused.run);
    EXPECT_THAT(refused.why, HasSubstr("It may not run any more"));
}

TEST_F(Decided, RunsNothingThatWasRunBefore) {
    const auto id = ask_for(update());
    decide(id, policy::Verdict::approve).value();
    await(here->commands.claim(id)).value();
    auto decision = decision_on(id);
    EXPECT_FALSE(answer(decision).run);
    EXPECT_EQ(await(here->commands.claim(id)).error().code, ErrorCode::conflict);
}

TEST_F(Decided, AnswersWhoeverWithdrawsItWhileItIsPending) {
    const auto id = ask_for(update());
    auto decision = decision_on(id);
    await(here->commands.withdraw(id, "its client left"));
    EXPECT_EQ(answer(decision).why, "It was withdrawn: its client left.");
    EXPECT_EQ(look_up(id).decision, Decision::cancelled);
    EXPECT_EQ(look_up(id).decision_comment, "its client left");
}

TEST_F(Decided, RevokesWhatIsApprovedAndNobodyWaitsForAnyMore) {
    const auto id = ask_for(update());
    decide(id, policy::Verdict::approve).value();
    await(here->commands.withdraw(id, "its client left"));
    EXPECT_EQ(look_up(id).status, RequestStatus::revoked);
    auto decision = decision_on(id);
    EXPECT_FALSE(answer(decision).run);
}

TEST_F(Decided, IsRefusedWhenTheNodeStops) {
    const auto id = ask_for(update());
    auto decision = decision_on(id);
    look_up(id);  // lets the loop turn until it waits
    here->commands.stop();
    EXPECT_FALSE(answer(decision).run);
    await(here->commands.finish());
    EXPECT_EQ(look_up(id).decision, Decision::cancelled);
    EXPECT_EQ(await(here->commands.let_in("alice", "prod")).error().code, ErrorCode::unavailable);
}

TEST_F(Decided, KeepsWhatCameOfIt) {
    const auto id = ask_for(update());
    decide(id, policy::Verdict::approve).value();
    await(here->commands.claim(id)).value();
    policy::CommandResult result;
    result.outcome = policy::CommandResult::Outcome::succeeded;
    result.parts.push_back({"UPDATE 1", {}, {}, 0});
    result.ended_at = clock.wall_now();
    await(here->commands.ran(id, result));
    ASSERT_TRUE(look_up(id).command_result);
    EXPECT_EQ(look_up(id).command_result->parts.front().tag, "UPDATE 1");
}

// What was approved and could not be run is not left for anybody to run later.
TEST_F(Decided, RunsNothingThatCannotBeWrittenDown) {
    here->run();
    const auto id = ask_for(update());
    decide(id, policy::Verdict::approve).value();
    {
        const HeldStore held{directory / "curfew.db"};
        auto decision = decision_on(id);
        const Answer refused = answer(decision);
        EXPECT_FALSE(refused.run);
        EXPECT_THAT(refused.why, HasSubstr("cannot write down"));
    }
    EXPECT_TRUE(becomes(id, RequestStatus::revoked));
}

TEST_F(Decided, KeepsWhatCameOfItOnceTheStoreIsBack) {
    here->run();
    const auto id = ask_for(update());
    decide(id, policy::Verdict::approve).value();
    await(here->commands.claim(id)).value();
    policy::CommandResult result;
    result.outcome = policy::CommandResult::Outcome::succeeded;
    result.ended_at = clock.wall_now();
    {
        const HeldStore held{directory / "curfew.db"};
        await(here->commands.ran(id, result));
        EXPECT_FALSE(look_up(id).command_result);
    }
    EXPECT_TRUE(soon([&] { return look_up(id).command_result.has_value(); }));
}

class Scripts : public Decided {};

TEST_F(Scripts, MayRunAsSoonAsTheyAreApproved) {
    here->run();
    policy::Wish wish;
    wish.type = policy::RequestType::command;
    wish.user = "alice";
    wish.command = script();
    const auto id = await(here->desk.submit("prod", wish)).value().request.id;
    decide(id, policy::Verdict::approve).value();
    EXPECT_TRUE(soon([this] { return !here->scripts.empty(); }));
    EXPECT_THAT(here->scripts, ElementsAre(id));
}

TEST_F(Scripts, ThatWereApprovedBeforeTheNodeBeganMayRun) {
    const auto id = ask_for(script());
    decide(id, policy::Verdict::approve).value();
    here->run();
    EXPECT_TRUE(soon([this] { return !here->scripts.empty(); }));
    EXPECT_EQ(here->scripts.front(), id);
}

class Orphans : public CommandsTest {
protected:
    policy::RequestId ask_in(const SessionId& session) {
        policy::Command command = update();
        command.session = session;
        return ask_for(std::move(command));
    }
    void end(const SessionId& session, policy::EndCause cause) {
        store::SessionEnd over;
        over.id = session;
        over.cause = cause;
        over.confirmation = store::Confirmation::eof;
        await(store->session_ended(std::move(over))).value();
    }
};

TEST_F(Orphans, AreWithdrawnWhenANodeBegins) {
    const auto grant = await(here->commands.let_in("alice", "prod")).value();
    const auto gone = begin_session(grant);
    const auto orphan = ask_in(gone);
    end(gone, policy::EndCause::node_crashed);
    const auto waited_for = ask_in(begin_session(grant));
    here->run();
    EXPECT_TRUE(becomes(orphan, RequestStatus::rejected));
    EXPECT_EQ(look_up(orphan).decision, Decision::cancelled);
    EXPECT_EQ(look_up(waited_for).status, RequestStatus::pending);
}

TEST_F(Orphans, AreWithdrawnOnceTheirSessionsHaveBeenReaped) {
    const auto gone = begin_session(await(here->commands.let_in("alice", "prod")).value());
    const auto orphan = ask_in(gone);
    here->run();
    end(gone, policy::EndCause::node_crashed);
    here->commands.leftovers_ended();
    EXPECT_TRUE(becomes(orphan, RequestStatus::rejected));
}

TEST_F(Orphans, ThatWereRunHaveAnEndThatNobodySaw) {
    const auto gone = begin_session(await(here->commands.let_in("alice", "prod")).value());
    const auto orphan = ask_in(gone);
    approve(orphan, "carol").value();
    await(desk->run_command(orphan)).value();  // by the node that crashed
    end(gone, policy::EndCause::node_crashed);
    here->run();
    ASSERT_TRUE(soon([&] { return look_up(orphan).command_result.has_value(); }));
    EXPECT_EQ(look_up(orphan).command_result->outcome, policy::CommandResult::Outcome::unknown);
}

// Two nodes that share a store, each with its follower.
class OnTwoNodes : public Decided {
protected:
    OnTwoNodes()
        : there{context, clock, *store, *registry},
          follower{context.get_executor(), *store, here->node, *registry,
                   [this](const workflow::ChangedRequests& changed) {
                       here->commands.requests_changed(changed);
                   }} {
        await(follower.begin()).value();
        following = start(context, follower.run());
    }
    ~OnTwoNodes() override {
        follower.stop();
        finish(context, following);
    }

    CommandNode there;
    workflow::StoreFollower follower;
    std::future<void> following;
};

TEST_F(OnTwoNodes, HearsWhatWasDecidedOnTheOther) {
    const auto id = ask_for(update());
    auto decision = decision_on(id);
    look_up(id);  // lets the loop turn until it waits
    policy::event::Reviewed review;
    review.reviewer = "carol";
    await(there.desk.review(id, review)).value();
    EXPECT_TRUE(answer(decision).run);
}

TEST_F(OnTwoNodes, IsRunByOneOfThem) {
    const auto id = ask_for(script());
    decide(id, policy::Verdict::approve).value();
    auto one = start(context, here->commands.claim(id));
    auto other = start(context, there.commands.claim(id));
    const bool first = finish(context, one).has_value();
    const bool second = finish(context, other).has_value();
    EXPECT_NE(first, second);
}

}  // namespace
}  // namespace curfew::test
