// Notifications are sent by one node at a time, in their order, and by another one after a crash.
#include <gmock/gmock.h>

#include <set>

#include "deliveries_fixture.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using store::ClaimedDelivery;
using store::Delivered;
using store::Delivery;
using store::DeliveryState;
using store::GivenUp;
using store::NewDelivery;
using store::TryAgain;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class DeliveryClaims : public DeliveriesTest {
protected:
    DeliveryClaims() { place(); }

    static NewDelivery scheduled(const std::string& kind, WallInstant at) {
        NewDelivery delivery = new_delivery(1, kind);
        delivery.due_at = at;
        return delivery;
    }
    ErrorCode refusal(const ClaimedDelivery& claimed, const store::DeliveryOutcome& outcome) {
        return await(store->finish_delivery(claimed.claim, outcome)).error().code;
    }
};

TEST_F(DeliveryClaims, GiveWhatIsDueInTheOrderInWhichItWasToBeSent) {
    take_in({new_delivery(1, "first", "alice")});
    clock.advance(1s);
    take_in({new_delivery(2, "second", "bob"), new_delivery(2, "third", "carol")});
    EXPECT_THAT(kinds_of(claim("node-a", 2)), ElementsAre("first", "second"));
    EXPECT_THAT(kinds_of(claim("node-a", 2)), ElementsAre("third"));
    EXPECT_THAT(claim(), IsEmpty());
}

TEST_F(DeliveryClaims, OfNodesThatAskAtATimeAreDisjointAndLeaveNothing) {
    std::vector<NewDelivery> many;
    for (int i = 0; i < 60; ++i)
        many.push_back(new_delivery(1, "kind", "person" + std::to_string(i)));
    take_in(many);
    std::vector<store::Awaitable<Result<std::vector<ClaimedDelivery>>>> nodes;
    for (int node = 0; node < 10; ++node)
        nodes.push_back(store->claim_deliveries("slack", "node-" + std::to_string(node), lease, 7));
    std::set<std::string> recipients;
    std::size_t claimed = 0;
    for (const auto& answer : await_all(std::move(nodes))) {
        for (const ClaimedDelivery& one : answer.value()) {
            recipients.insert(one.delivery.recipient);
            ++claimed;
        }
    }
    EXPECT_EQ(claimed, 60U);
    EXPECT_THAT(recipients, SizeIs(60));
}

TEST_F(DeliveryClaims, OfOneNotifierLeaveThoseOfOthers) {
    const auto teams = place("teams");
    take_in({new_delivery(1)});
    await(store->take_in_events("teams", teams, teams, {{new_delivery(1)}, {}})).value();
    EXPECT_THAT(claim(), SizeIs(1));
    EXPECT_THAT(await(store->claim_deliveries("teams", "node-a", lease, 10)).value(), SizeIs(1));
}

TEST_F(DeliveryClaims, GoToAnotherNodeWhenTheLeaseOfACrashedOneIsOver) {
    take_in({new_delivery(1)});
    const ClaimedDelivery lost = claim_one("node-a");
    EXPECT_EQ(lost.delivery.claimed_by, "node-a");
    reopen();
    clock.advance(lease - 1ms);
    EXPECT_THAT(claim("node-b"), IsEmpty());
    clock.advance(1ms);
    const ClaimedDelivery taken = claim_one("node-b");
    EXPECT_EQ(taken.delivery.id, lost.delivery.id);
    EXPECT_EQ(taken.delivery.attempts, 2U);
    EXPECT_THAT(taken.delivery.problem, HasSubstr("did not say"));
    EXPECT_EQ(refusal(lost, Delivered{"ts=1"}), ErrorCode::conflict) << "it was late";
    EXPECT_EQ(deliver(taken, "ts=2").receipt, "ts=2");
    EXPECT_EQ(refusal(taken, Delivered{"ts=3"}), ErrorCode::conflict) << "it is over";
}

TEST_F(DeliveryClaims, ThatAreOverButThatNobodyTookAreGood) {
    take_in({new_delivery(1)});
    const ClaimedDelivery late = claim_one();
    clock.advance(lease + 1h);
    EXPECT_EQ(deliver(late).state, DeliveryState::delivered);
    EXPECT_THAT(claim(), IsEmpty());
}

TEST_F(DeliveryClaims, TellARecipientOneThingAtATimeAboutASubject) {
    take_in({new_delivery(1, "waiting"), new_delivery(2, "approved"), new_delivery(2, "approved", "alice"),
             new_delivery(2, "approved", "#dba", "r-00000002")});
    const auto claimed = claim();
    EXPECT_THAT(kinds_of(claimed), ElementsAre("waiting", "approved", "approved"));
    EXPECT_THAT(claim("node-b"), IsEmpty()) << "the first one about r-00000001 is under way";
    deliver(claimed.front(), "ts=1");
    const ClaimedDelivery next = claim_one("node-b");
    EXPECT_EQ(next.delivery.recipient, "#dba");
    EXPECT_EQ(next.last_receipt, "ts=1");
}

TEST_F(DeliveryClaims, KeepTheOrderWhileTheFirstOneIsTriedAgain) {
    take_in({new_delivery(1, "waiting"), new_delivery(2, "approved")});
    const Delivery waits = finish(claim_one(), TryAgain{10s, "429 Too Many Requests"});
    EXPECT_EQ(waits.state, DeliveryState::waiting);
    EXPECT_EQ(waits.problem, "429 Too Many Requests");
    EXPECT_EQ(waits.due_at, clock.wall_now() + 10s);
    EXPECT_THAT(claim(), IsEmpty());
    EXPECT_EQ(due_in(), 10s);
    clock.advance(10s);
    const auto again = claim();
    ASSERT_THAT(kinds_of(again), ElementsAre("waiting"));
    const Delivery done = deliver(again.front());
    EXPECT_EQ(done.problem, "") << "there is none any more";
    EXPECT_EQ(done.attempts, 2U);
    EXPECT_THAT(kinds_of(claim()), ElementsAre("approved"));
}

TEST_F(DeliveryClaims, GoOnBehindOneThatWasGivenUp) {
    take_in({new_delivery(1, "waiting"), new_delivery(2, "approved")});
    const Delivery given_up = finish(claim_one(), GivenUp{"no such channel\x1b"});
    EXPECT_EQ(given_up.state, DeliveryState::given_up);
    EXPECT_EQ(given_up.problem, "no such channel\\x1b");
    EXPECT_THAT(kinds_of(claim()), ElementsAre("approved"));
}

TEST_F(DeliveryClaims, DoNotWaitForWhatIsScheduledForLater) {
    take_in({scheduled("five_minutes_left", clock.wall_now() + 1h), new_delivery(1, "approved")});
    EXPECT_EQ(due_in(), 0s);
    deliver(claim_one());
    EXPECT_EQ(due_in(), 1h);
    clock.advance(1h - 1ms);
    EXPECT_THAT(claim(), IsEmpty());
    clock.advance(1ms);
    EXPECT_THAT(kinds_of(claim()), ElementsAre("five_minutes_left"));
}

TEST_F(DeliveryClaims, PutWhatShouldHaveBeenSentBeforeBehindWhatIsOnItsWay) {
    take_in({new_delivery(1, "approved")});
    clock.advance(1s);
    take_in({scheduled("five_minutes_left", clock.wall_now() - 1min)});
    const auto first = claim();
    ASSERT_THAT(kinds_of(first), ElementsAre("approved"));
    deliver(first.front());
    EXPECT_THAT(kinds_of(claim()), ElementsAre("five_minutes_left"));
}

TEST_F(DeliveryClaims, SayWhenThereIsSomethingToBeClaimed) {
    EXPECT_FALSE(due_in());
    take_in({scheduled("five_minutes_left", clock.wall_now() + 1h)});
    EXPECT_EQ(due_in(), 1h);
    take_in({new_delivery(1, "approved")});
    EXPECT_EQ(due_in(), 0s);
    clock.advance(1s);
    EXPECT_EQ(due_in(), -1s);
    const ClaimedDelivery claimed = claim_one();
    EXPECT_EQ(due_in(), lease) << "when the node that sends it may be lost";
    take_in({new_delivery(2, "revoked")});
    EXPECT_EQ(due_in(), lease) << "what comes later has to wait";
    deliver(claimed);
    EXPECT_EQ(due_in(), 0s);
}

TEST_F(DeliveryClaims, GiveTheReceiptOfTheLastMessageAboutASubject) {
    const auto receipt = [this](const std::string& recipient = "#dba") {
        return await(store->receipt_of("slack", recipient, "r-00000001")).value();
    };
    take_in({new_delivery(1, "a"), new_delivery(2, "b"), new_delivery(3, "c")});
    EXPECT_FALSE(claim_one().last_receipt);
    EXPECT_FALSE(receipt());
    clock.advance(lease);
    deliver(claim_one(), "ts=1");
    EXPECT_EQ(receipt(), "ts=1");
    deliver(claim_one(), "ts=2");
    EXPECT_EQ(receipt(), "ts=2");
    deliver(claim_one());
    EXPECT_EQ(receipt(), "ts=2") << "one without a receipt leaves it";
    EXPECT_FALSE(receipt("alice"));
}

TEST_F(DeliveryClaims, OfWhatWasWithdrawnMeanwhileAreNotTriedAgain) {
    take_in({new_delivery(1, "five_minutes_left", "alice"), new_delivery(1, "five_minutes_left", "bob"),
             new_delivery(1, "five_minutes_left", "carol")});
    const auto claimed = claim();
    ASSERT_THAT(claimed, SizeIs(3));
    take_in({}, {{"r-00000001", "five_minutes_left", std::nullopt, 2}});
    EXPECT_EQ(state_of(claimed[0].delivery.id), DeliveryState::claimed) << "it may have gone out";
    EXPECT_EQ(deliver(claimed[0], "ts=1").state, DeliveryState::delivered);
    EXPECT_EQ(finish(claimed[1], TryAgain{1s, "503"}).state, DeliveryState::superseded);
    clock.advance(lease);
    EXPECT_THAT(claim("node-b"), IsEmpty());
    EXPECT_EQ(state_of(claimed[2].delivery.id), DeliveryState::superseded);
    EXPECT_FALSE(due_in());
}

TEST_F(DeliveryClaims, MayFindThatThereIsNothingToBeSaid) {
    take_in({new_delivery(1)});
    const Delivery moot = finish(claim_one(), store::Superseded{"the grant is over"});
    EXPECT_EQ(moot.state, DeliveryState::superseded);
    EXPECT_EQ(moot.problem, "the grant is over");
    EXPECT_FALSE(due_in());
}

TEST_F(DeliveryClaims, AreRefusedWhereTheyMakeNoSense) {
    take_in({new_delivery(1)});
    for (const Duration bad : {Duration{0s}, Duration{-1s}, Duration{2h}})
        EXPECT_EQ(await(store->claim_deliveries("slack", "a", bad, 1)).error().code, ErrorCode::invalid);
    const ClaimedDelivery claimed = claim_one();
    EXPECT_EQ(refusal(claimed, TryAgain{-1s, ""}), ErrorCode::invalid);
    EXPECT_EQ(refusal(claimed, TryAgain{24h * 400, ""}), ErrorCode::invalid);
    EXPECT_EQ(refusal(claimed, Delivered{std::string(store::longest_receipt + 1, 'x')}), ErrorCode::invalid);
    EXPECT_EQ(await(store->finish_delivery({DeliveryId::generate(), 1}, Delivered{})).error().code,
              ErrorCode::conflict);
    EXPECT_EQ(deliver(claimed).state, DeliveryState::delivered) << "the claim is good still";
}

TEST_F(DeliveryClaims, KeepOfAProblemWhatFits) {
    take_in({new_delivery(1)});
    const std::string problem = finish(claim_one(), GivenUp{std::string(100'000, 'x')}).problem;
    EXPECT_GE(problem.size(), store::longest_delivery_problem);
    EXPECT_LE(problem.size(), store::longest_delivery_problem + 4) << "with an ellipsis";
}

}  // namespace
}  // namespace curfew::test
