// Notifications are kept with the place in the chain of events that they follow from: none is lost, none is
// there twice.
#include <gmock/gmock.h>

#include <algorithm>

#include "deliveries_fixture.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using store::ChainHead;
using store::Delivery;
using store::DeliveryChanges;
using store::DeliveryState;
using store::NewDelivery;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

class Deliveries : public DeliveriesTest {
protected:
    Result<std::size_t> try_to_take_in(const ChainHead& from, const ChainHead& to,
                                       const DeliveryChanges& changes) {
        return await(store->take_in_events("slack", from, to, changes));
    }
    std::vector<Delivery> list(store::DeliveryFilter filter = {}) {
        return await(store->list_deliveries(std::move(filter), {})).value().deliveries;
    }
};

TEST_F(Deliveries, BeginAtTheEventThatIsTheLastWhenTheirNotifierIsSeenFirst) {
    give();
    const ChainHead head = await(store->head_of_events()).value();
    EXPECT_EQ(place(), head);
    give();
    EXPECT_EQ(place(), head) << "what came since is still to be told";
    EXPECT_EQ(place("teams").number, 2U) << "each notifier has a place of its own";
    reopen();
    EXPECT_EQ(place(), head);
}

TEST_F(Deliveries, AreWrittenTogetherWithTheirPlaceAndHaveWhatTheyWereGiven) {
    place();
    give();
    EXPECT_EQ(take_in({new_delivery(1)}), 1U);
    reopen();
    EXPECT_EQ(place().number, 1U);
    ASSERT_THAT(list(), SizeIs(1));
    const Delivery delivery = list().front();
    EXPECT_EQ(delivery.notifier, "slack");
    EXPECT_EQ(delivery.recipient, "#dba");
    EXPECT_EQ(delivery.kind, "request_waiting");
    EXPECT_EQ(delivery.subject, "r-00000001");
    EXPECT_EQ(delivery.event, 1U);
    EXPECT_EQ(delivery.content, R"({"text": "übel"})");
    EXPECT_EQ(delivery.state, DeliveryState::waiting);
    EXPECT_EQ(delivery.created_at, clock.wall_now());
    EXPECT_EQ(delivery.wanted_at, clock.wall_now());
    EXPECT_EQ(delivery.due_at, clock.wall_now());
    EXPECT_EQ(delivery.attempts, 0U);
}

TEST_F(Deliveries, AreNotThereTwiceWhenEventsAreTakenInAgain) {
    const ChainHead from = place();
    give();
    const ChainHead to = await(store->head_of_events()).value();
    ASSERT_EQ(try_to_take_in(from, to, {{new_delivery(1)}, {}}).value(), 1U);
    const auto again = try_to_take_in(from, to, {{new_delivery(1), new_delivery(1, "other")}, {}});
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, ErrorCode::conflict);
    EXPECT_THAT(list(), SizeIs(1));
    EXPECT_EQ(try_to_take_in(to, to, {{new_delivery(1), new_delivery(1, "other")}, {}}).value(), 1U)
        << "nor where the place fits";
    EXPECT_THAT(list(), SizeIs(2));
}

TEST_F(Deliveries, AreTakenInByOneOfAllNodesThatTryAtATime) {
    const ChainHead from = place();
    give();
    const ChainHead to = await(store->head_of_events()).value();
    std::vector<store::Awaitable<Result<std::size_t>>> tries;
    for (int node = 0; node < 10; ++node)
        tries.push_back(store->take_in_events("slack", from, to, {{new_delivery(1)}, {}}));
    const auto answers = await_all(std::move(tries));
    EXPECT_EQ(std::count_if(answers.begin(), answers.end(), [](const auto& answer) { return answer; }), 1);
    EXPECT_THAT(list(), SizeIs(1));
}

TEST_F(Deliveries, OfANotifierThatHasNoPlaceYetAreNotTakenIn) {
    const ChainHead head = await(store->head_of_events()).value();
    EXPECT_EQ(try_to_take_in(head, head, {{new_delivery(1)}, {}}).error().code, ErrorCode::conflict);
    EXPECT_THAT(list(), IsEmpty());
}

// Read before a failover, and taken in after it.
TEST_F(Deliveries, OfAnEventThatAFailoverLostAreNotTakenIn) {
    const ChainHead from = place();
    give();
    const ChainHead head = await(store->head_of_events()).value();
    ChainHead other = head;
    other.hash[0] ^= 1;
    for (const ChainHead& lost : {other, ChainHead{head.number + 3, head.hash}}) {
        EXPECT_EQ(try_to_take_in(from, lost, {{new_delivery(1)}, {}}).error().code, ErrorCode::conflict);
        EXPECT_EQ(place(), from);
        EXPECT_THAT(list(), IsEmpty());
    }
    EXPECT_TRUE(try_to_take_in(from, head, {{new_delivery(1)}, {}}));
}

TEST_F(Deliveries, ThatCannotBeKeptLeaveThePlaceWhereItWas) {
    const ChainHead from = place();
    give();
    const ChainHead to = await(store->head_of_events()).value();
    std::vector<NewDelivery> bad(8, new_delivery(1));
    bad[0].recipient = "";
    bad[1].kind = "";
    bad[2].subject = "";
    bad[3].content = "";
    bad[4].recipient = std::string(store::longest_recipient + 1, 'x');
    bad[5].content = std::string(store::largest_delivery_content + 1, 'x');
    bad[6].content = "bad \xff byte";
    bad[7].recipient = std::string{"a\0b", 3};
    for (const NewDelivery& one : bad) {
        EXPECT_EQ(try_to_take_in(from, to, {{new_delivery(1, "good"), one}, {}}).error().code,
                  ErrorCode::invalid);
    }
    EXPECT_THAT(list(), IsEmpty());
    EXPECT_EQ(place(), from);
    EXPECT_EQ(await(store->place_of_notifier("")).error().code, ErrorCode::invalid);
}

TEST_F(Deliveries, AreWithdrawnWhereALaterEventMakesThemMoot) {
    place();
    take_in({new_delivery(1, "five_minutes_left"), new_delivery(1, "request_approved"),
             new_delivery(1, "five_minutes_left", "#dba", "r-00000002")});
    take_in({new_delivery(2, "five_minutes_left")}, {{"r-00000001", "five_minutes_left", std::nullopt, 2}});
    std::vector<std::string> waiting;
    for (const Delivery& one : list({{DeliveryState::waiting}, {}, {}}))
        waiting.push_back(one.kind + " " + one.subject + " " + std::to_string(one.event));
    EXPECT_THAT(waiting,
                UnorderedElementsAre("request_approved r-00000001 1", "five_minutes_left r-00000002 1",
                                     "five_minutes_left r-00000001 2"));
    EXPECT_THAT(list({{DeliveryState::superseded}, {}, {}}), SizeIs(1));
}

TEST_F(Deliveries, AreWithdrawnInTheVeryChangeThatAddsThem) {
    place();
    take_in({new_delivery(1, "five_minutes_left"), new_delivery(2, "five_minutes_left")},
            {{"r-00000001", "five_minutes_left", std::nullopt, 2}});
    const auto left = list({{DeliveryState::waiting}, {}, {}});
    ASSERT_THAT(left, SizeIs(1));
    EXPECT_EQ(left.front().event, 2U);
}

TEST_F(Deliveries, AreWithdrawnOfAnyKindAndToOneRecipientAlone) {
    place();
    take_in({new_delivery(1, "a"), new_delivery(1, "b"), new_delivery(1, "a", "alice")});
    take_in({}, {{"r-00000001", std::nullopt, "#dba", 2}});
    const auto left = list({{DeliveryState::waiting}, {}, {}});
    ASSERT_THAT(left, SizeIs(1));
    EXPECT_EQ(left.front().recipient, "alice");
}

TEST_F(Deliveries, AreListedNewestFirstAPageAtATime) {
    place();
    place("teams");
    for (int i = 1; i <= 5; ++i)
        take_in({new_delivery(1, "kind" + std::to_string(i))});
    const ChainHead at = place("teams");
    await(store->take_in_events("teams", at, at, {{new_delivery(1, "kind6", "#dba", "g-1")}, {}})).value();
    std::vector<std::string> kinds;
    store::Page page{2, {}};
    for (std::optional<std::string> next{""}; next;) {
        page.cursor = *next;
        const auto read = await(store->list_deliveries({}, page)).value();
        for (const Delivery& one : read.deliveries)
            kinds.push_back(one.kind);
        next = read.next;
    }
    EXPECT_THAT(kinds, ElementsAre("kind6", "kind5", "kind4", "kind3", "kind2", "kind1"));
    EXPECT_THAT(list({{}, "teams", {}}), SizeIs(1));
    EXPECT_THAT(list({{}, {}, "r-00000001"}), SizeIs(5));
    EXPECT_THAT(list({{DeliveryState::given_up, DeliveryState::delivered}, {}, {}}), IsEmpty());
    EXPECT_EQ(await(store->list_deliveries({}, {0, {}})).error().code, ErrorCode::invalid);
    EXPECT_EQ(await(store->list_deliveries({}, {1, "x"})).error().code, ErrorCode::invalid);
    EXPECT_EQ(await(store->find_delivery(DeliveryId::generate())).error().code, ErrorCode::not_found);
}

TEST_F(Deliveries, AreCountedByNotifierAndStateWithTheAgeOfTheOldestThatIsOnItsWay) {
    place();
    place("teams");
    NewDelivery later = new_delivery(1, "five_minutes_left", "alice");
    later.due_at = clock.wall_now() + 1h;
    take_in(
        {new_delivery(1, "a", "bob"), new_delivery(1, "b", "carol"), new_delivery(1, "c", "dora"), later});
    const auto claimed = claim("node-a", 2);
    ASSERT_THAT(claimed, SizeIs(2));
    deliver(claimed[0]);
    clock.advance(10s);
    auto counts = await(store->count_deliveries()).value();
    ASSERT_THAT(counts, SizeIs(2));
    EXPECT_EQ(counts[0].notifier, "slack");
    EXPECT_EQ(counts[0].in(DeliveryState::waiting), 2U);
    EXPECT_EQ(counts[0].in(DeliveryState::claimed), 1U);
    EXPECT_EQ(counts[0].in(DeliveryState::delivered), 1U);
    EXPECT_EQ(counts[0].oldest_waiting, 10s);
    EXPECT_EQ(counts[1].notifier, "teams");
    EXPECT_EQ(counts[1].in(DeliveryState::waiting), 0U);
    EXPECT_EQ(counts[1].oldest_waiting, 0s);
    deliver(claimed[1]);
    deliver(claim_one());
    counts = await(store->count_deliveries()).value();
    EXPECT_EQ(counts[0].oldest_waiting, 0s) << "what is for later is not late";
}

TEST_F(Deliveries, ThatAreOverAreRemovedWhenTheyAreOld) {
    place();
    take_in({new_delivery(1, "a", "bob"), new_delivery(1, "b", "carol"), new_delivery(1, "c", "dora")});
    const auto claimed = claim("node-a", 2);
    deliver(claimed[0], "ts=1");
    finish(claimed[1], store::GivenUp{"no such channel"});
    clock.advance(24h);
    EXPECT_EQ(await(store->remove_old_deliveries(24h + 1ms)).value(), 0U);
    EXPECT_EQ(await(store->remove_old_deliveries(24h)).value(), 2U);
    const auto left = list();
    ASSERT_THAT(left, SizeIs(1));
    EXPECT_EQ(left.front().recipient, "dora") << "that is still on its way";
}

TEST_F(Deliveries, ThatAreOldStayForTheNextOneAboutTheSameSubject) {
    place();
    NewDelivery later = new_delivery(1, "five_minutes_left");
    later.due_at = clock.wall_now() + 48h;
    take_in({new_delivery(1), later});
    deliver(claim_one(), "ts=1");
    clock.advance(47h);
    EXPECT_EQ(await(store->remove_old_deliveries(24h)).value(), 0U);
    clock.advance(1h);
    const auto reminder = claim_one();
    EXPECT_EQ(reminder.last_receipt, "ts=1");
    deliver(reminder, "ts=1");
    EXPECT_EQ(await(store->remove_old_deliveries(24h)).value(), 1U);
}

TEST_F(Deliveries, AreRemovedAThousandAtATime) {
    place();
    for (int hundred = 0; hundred < 11; ++hundred) {
        std::vector<NewDelivery> many;
        for (int i = 0; i < 100; ++i)
            many.push_back(new_delivery(1, "kind" + std::to_string(hundred), "person" + std::to_string(i)));
        take_in(many);
    }
    take_in({}, {{"r-00000001", std::nullopt, std::nullopt, 2}});
    EXPECT_EQ(await(store->remove_old_deliveries(0s)).value(), 1'000U);
    EXPECT_EQ(await(store->remove_old_deliveries(0s)).value(), 100U);
}

TEST_F(Deliveries, SayWhoHasHeardOfASubject) {
    place();
    take_in({new_delivery(1, "a", "bob"), new_delivery(1, "b", "bob"), new_delivery(1, "a", "alice"),
             new_delivery(1, "a", "carol", "r-00000002"), new_delivery(1, "withdrawn", "dora")});
    take_in({}, {{"r-00000001", "withdrawn", std::nullopt, 2}});
    EXPECT_THAT(await(store->recipients_of("slack", "r-00000001")).value(), ElementsAre("alice", "bob"));
    EXPECT_THAT(await(store->recipients_of("teams", "r-00000001")).value(), IsEmpty());
}

TEST_F(Deliveries, ThatWereGivenUpAreTriedAgainWhenAnAdministratorSaysSo) {
    place();
    take_in({new_delivery(1)});
    const auto claimed = claim_one();
    const DeliveryId id = claimed.delivery.id;
    EXPECT_EQ(await(store->retry_delivery(id, "root")).error().code, ErrorCode::conflict);
    finish(claimed, store::GivenUp{"no such channel"});
    EXPECT_FALSE(due_in());
    const Delivery again = await(store->retry_delivery(id, "root")).value();
    EXPECT_EQ(again.state, DeliveryState::waiting);
    EXPECT_EQ(again.problem, "no such channel") << "until the next attempt";
    const auto event = await(store->events_since(0, 10)).value().back();
    EXPECT_EQ(event.kind, "notification.retry_asked");
    EXPECT_EQ(event.id, id.text());
    EXPECT_EQ(event.actor, "root");
    EXPECT_THAT(event.summary, HasSubstr("r-00000001"));
    EXPECT_EQ(deliver(claim_one()).attempts, 2U);
    EXPECT_EQ(await(store->retry_delivery(id, "root")).error().code, ErrorCode::conflict);
    EXPECT_EQ(await(store->retry_delivery(DeliveryId::generate(), "root")).error().code,
              ErrorCode::not_found);
}

}  // namespace
}  // namespace curfew::test
