// The dispatcher over a real store: what happens is told once, whatever fails meanwhile.
#include "notify/dispatcher.hpp"

#include <gmock/gmock.h>

#include <future>
#include <map>

#include "notice_fixture.hpp"
#include "scripted_notifier.hpp"
#include "support/held_store.hpp"

namespace curfew::notify {
namespace {

using namespace std::chrono_literals;
using store::DeliveryState;
using test::ScriptedNotifier;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

config::Notifier named(const std::string& name) {
    config::Notifier settings;
    settings.name = name;
    settings.provider = config::WebhookSettings{};
    return settings;
}

class Dispatching : public NoticeTest {
protected:
    ~Dispatching() override { dispatcher.reset(); }

    CourierParts parts(const std::string& name = "node-a") {
        return {clock, *store, metrics, name, [this] { return known; }};
    }
    // Notifies from now on, and has looked up to where.
    void begin(const config::Notifier& settings = named("mail"), ScriptedNotifier::Script script = {}) {
        known = surroundings();
        notifier = std::make_shared<ScriptedNotifier>(std::move(script));
        dispatcher.emplace(parts());
        dispatcher->use({settings}, [this](const config::Notifier&) { return notifier; });
        await_place(settings.name);
    }
    // The notifier is known to the store: what happens from now on is told.
    void await_place(const std::string& name) {
        ASSERT_TRUE(
            test::eventually([&] { return metrics_text().find("\"" + name + "\"") != std::string::npos; }));
        // Asked by whoever comes first, and the same for both.
        await(store->place_of_notifier(name)).value();
    }
    std::string metrics_text() { return metrics.expose({}); }
    // Until the store has it so of every delivery.
    bool are(DeliveryState state, std::size_t count) {
        return test::eventually([&] { return deliveries(state).size() == count; });
    }
    std::vector<store::Delivery> deliveries(std::optional<DeliveryState> state = std::nullopt) {
        store::DeliveryFilter filter;
        if (state) filter.states.insert(*state);
        return await(store->list_deliveries(filter, store::Page{100, {}})).value().deliveries;
    }
    // Something happens that is told to nobody, and has the dispatcher look around.
    void stir() { asked("alice", "managed"); }

    metrics::Metrics metrics{"1.2.3", "abc1234"};
    std::shared_ptr<const Surroundings> known;
    std::shared_ptr<ScriptedNotifier> notifier;
    std::optional<Dispatcher> dispatcher;
};

config::Notifier only_of_prod() {
    config::Notifier settings = named("mail");
    settings.resources = {"prod"};
    return settings;
}

TEST_F(Dispatching, TellsWhatHappensToWhomItConcerns) {
    begin();
    const auto id = asked();
    EXPECT_THAT(notifier->next_ones(2), ElementsAre("request_waiting to carol", "request_waiting to dave"));
    EXPECT_TRUE(are(DeliveryState::delivered, 2));
    approve(id, "carol").value();
    EXPECT_THAT(notifier->next_ones(3), ElementsAre("request_approved to alice", "request_waiting to carol",
                                                    "request_waiting to dave"));
    EXPECT_TRUE(are(DeliveryState::delivered, 5));
    EXPECT_TRUE(are(DeliveryState::waiting, 1)) << "the last minutes";
}

TEST_F(Dispatching, GivesWhatIsKnownNowAndWhatWasGivenBack) {
    begin();
    const auto id = asked();
    const Message first = notifier->next();
    EXPECT_EQ(first.notice.subject, id.text());
    EXPECT_EQ(first.facts.request->status, policy::RequestStatus::pending);
    EXPECT_EQ(first.last_receipt, std::nullopt);
    notifier->next();
    ASSERT_TRUE(are(DeliveryState::delivered, 2));
    approve(id, "carol").value();
    std::map<std::string, Message> messages;
    for (int i = 0; i < 3; ++i) {
        Message message = notifier->next();
        messages.emplace(message.delivery.recipient, std::move(message));
    }
    const Message& update = messages.at("dave");
    EXPECT_TRUE(update.notice.is_update);
    EXPECT_EQ(update.facts.request->status, policy::RequestStatus::approved);
    EXPECT_EQ(update.last_receipt, "receipt");
}

TEST_F(Dispatching, TellsOnlyWhatTheNotifierIsFor) {
    config::Notifier settings = only_of_prod();
    settings.notices = {config::NoticeKind::request_approved};
    begin(settings);
    approve(asked("alice", "managed"), "carol").value();
    approve(asked("bob", "prod"), "carol").value();
    EXPECT_THAT(notifier->next_ones(1), ElementsAre("request_approved to bob"));
    EXPECT_TRUE(are(DeliveryState::delivered, 1));
    EXPECT_THAT(deliveries(), SizeIs(1));
}

TEST_F(Dispatching, TriesAgainUnderTheSameIdentifier) {
    begin(only_of_prod(), [](const Message& message) -> SendOutcome {
        if (message.delivery.attempts == 1) return NotSent{"the other side is away"};
        return Sent{};
    });
    clock.advance(1s);
    asked("carol");
    const Message first = notifier->next();
    ASSERT_TRUE(test::eventually([&] { return deliveries(DeliveryState::waiting).size() == 1; }));
    EXPECT_EQ(deliveries().front().problem, "the other side is away");
    EXPECT_THAT(metrics_text(),
                HasSubstr(R"(curfew_notifications_total{notifier="mail",outcome="retried"} 1)"));
    clock.advance(5s);
    stir();
    const Message second = notifier->next();
    EXPECT_EQ(second.delivery.id, first.delivery.id);
    EXPECT_EQ(second.delivery.attempts, 2U);
    EXPECT_TRUE(are(DeliveryState::delivered, 1));
    EXPECT_THAT(metrics_text(),
                HasSubstr(R"(curfew_notifications_total{notifier="mail",outcome="delivered"} 1)"));
}

TEST_F(Dispatching, WaitsAsLongAsItIsAsked) {
    begin(only_of_prod(), [](const Message&) -> SendOutcome { return NotSent{"slow down", 10min}; });
    asked("carol");
    notifier->next();
    ASSERT_TRUE(are(DeliveryState::waiting, 1));
    EXPECT_EQ(deliveries().front().due_at - clock.wall_now(), 10min);
}

TEST_F(Dispatching, GivesUpWhatCannotBeDelivered) {
    begin(only_of_prod(), [](const Message&) -> SendOutcome { return NotSent{"no such channel", {}, true}; });
    asked("carol");
    notifier->next();
    ASSERT_TRUE(are(DeliveryState::given_up, 1));
    EXPECT_EQ(deliveries().front().problem, "no such channel");
    EXPECT_THAT(metrics_text(),
                HasSubstr(R"(curfew_notifications_total{notifier="mail",outcome="given_up"} 1)"));
}

TEST_F(Dispatching, GivesUpAfterADay) {
    config::Notifier settings = only_of_prod();
    settings.notices = {config::NoticeKind::request_approved};
    begin(settings, [](const Message&) -> SendOutcome { return NotSent{"away"}; });
    approve(asked("carol"), "dave").value();
    notifier->next();
    ASSERT_TRUE(are(DeliveryState::waiting, 1));
    clock.advance(24h + 1min);
    stir();
    notifier->next();
    ASSERT_TRUE(are(DeliveryState::given_up, 1));
    EXPECT_EQ(deliveries().front().problem, "away");
}

TEST_F(Dispatching, SaysNothingThatIsNotTrueAnyMore) {
    begin(only_of_prod(), [](const Message&) -> SendOutcome { return NotSent{"away"}; });
    const auto id = asked();
    notifier->next_ones(2);
    ASSERT_TRUE(are(DeliveryState::waiting, 2));
    revoke(id, "alice");
    clock.advance(5s);
    stir();
    EXPECT_TRUE(test::eventually([&] {
        int superseded = 0;
        for (const store::Delivery& delivery : deliveries(DeliveryState::superseded))
            superseded += delivery.kind == "request_waiting" && delivery.attempts == 2 ? 1 : 0;
        return superseded == 2;
    }));
}

TEST_F(Dispatching, TellsOfTheLastMinutesWhenTheyCome) {
    config::Notifier settings = only_of_prod();
    settings.notices = {config::NoticeKind::grant_ending};
    begin(settings);
    const auto id = asked();
    approve(id, "carol").value();
    ASSERT_TRUE(are(DeliveryState::waiting, 1));
    clock.advance(54min);
    stir();
    EXPECT_EQ(notifier->waiting(), 0U);
    await(store->extend_grant(*facts_of(id).request->grant, 30min, "root")).value();
    ASSERT_TRUE(are(DeliveryState::superseded, 1)) << "it was moved";
    ASSERT_TRUE(are(DeliveryState::waiting, 1));
    clock.advance(31min);
    stir();
    const Message message = notifier->next();
    EXPECT_EQ(message.delivery.recipient, "alice");
    EXPECT_EQ(message.facts.remaining, 5min);
}

TEST_F(Dispatching, TakesBackTheLastMinutesOfWhatIsOver) {
    config::Notifier settings = only_of_prod();
    settings.notices = {config::NoticeKind::grant_ending};
    begin(settings);
    const auto id = asked();
    approve(id, "carol").value();
    ASSERT_TRUE(are(DeliveryState::waiting, 1));
    revoke(id, "carol");
    EXPECT_TRUE(are(DeliveryState::superseded, 1));
}

TEST_F(Dispatching, GoesOnWhereAnEarlierOneWasStopped) {
    begin(only_of_prod());
    asked();
    notifier->next_ones(2);
    dispatcher.reset();
    asked("carol");
    begin(only_of_prod());
    EXPECT_THAT(notifier->next_ones(1), ElementsAre("request_waiting to dave"));
}

TEST_F(Dispatching, TellsEachThingOnceThoughSeveralNodesDo) {
    begin(only_of_prod());
    const auto other = std::make_shared<ScriptedNotifier>();
    Dispatcher second{parts("node-b")};
    second.use({only_of_prod()}, [&](const config::Notifier&) { return other; });
    constexpr int requests = 10;
    for (int i = 0; i < requests; ++i)
        asked("carol");
    ASSERT_TRUE(are(DeliveryState::delivered, requests));
    EXPECT_EQ(notifier->waiting() + other->waiting(), static_cast<std::size_t>(requests));
}

TEST_F(Dispatching, LeavesANotifierAloneThatIsAsItWas) {
    begin();
    int made = 0;
    const auto make = [&](const config::Notifier&) {
        ++made;
        return std::make_shared<ScriptedNotifier>();
    };
    dispatcher->use({named("mail")}, make);
    EXPECT_EQ(made, 0);
    config::Notifier changed = named("mail");
    std::get<config::WebhookSettings>(changed.provider).secret = Secret{"another"};
    dispatcher->use({changed, named("hooks")}, make);
    EXPECT_EQ(made, 2);
    EXPECT_TRUE(test::eventually([&] { return notifier->is_stopped(); }));
    await_place("hooks");
    dispatcher->use({}, make);
    EXPECT_TRUE(test::eventually(
        [&] { return metrics_text().find("curfew_notifications_waiting{") == std::string::npos; }));
}

TEST_F(Dispatching, OutlivesANotifierThatThrows) {
    begin(only_of_prod(), [](const Message& message) -> SendOutcome {
        if (message.delivery.attempts == 1) throw std::runtime_error("a bug");
        return Sent{};
    });
    asked("carol");
    ASSERT_TRUE(test::eventually([&] {
        const auto all = deliveries(DeliveryState::waiting);
        return all.size() == 1 && all.front().problem == "a bug";
    }));
    clock.advance(5s);
    stir();
    EXPECT_TRUE(are(DeliveryState::delivered, 1));
}

TEST_F(Dispatching, WaitsForAStoreThatIsAway) {
    known = surroundings();
    notifier = std::make_shared<ScriptedNotifier>();
    {
        const test::HeldStore held{(directory / "curfew.db").string()};
        dispatcher.emplace(parts());
        dispatcher->use({only_of_prod()}, [this](const config::Notifier&) { return notifier; });
        ASSERT_FALSE(await(store->place_of_notifier("other")));
    }
    ASSERT_TRUE(test::eventually([&] { return static_cast<bool>(await(store->place_of_notifier("mail"))); }));
    asked("carol");
    EXPECT_EQ(notifier->next().delivery.recipient, "dave");
}

}  // namespace
}  // namespace curfew::notify
