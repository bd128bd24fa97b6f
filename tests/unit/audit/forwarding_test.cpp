// Events on their way to a receiver, out of a real store: each of them, in their order, whatever fails
// meanwhile.
#include "audit/forwarding.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <set>

#include "../notify/http_receiver.hpp"
#include "audit/proof/trail_line.hpp"
#include "audit/webhook_receiver.hpp"
#include "base/hmac.hpp"
#include "notify/webhook.hpp"
#include "store/audit_chain.hpp"
#include "store/sqlite/sqlite_store.hpp"
#include "support/running_loop.hpp"
#include "support/temporary_directory.hpp"
#include "support/timing.hpp"

namespace curfew::audit::test {
namespace {

using namespace std::chrono_literals;
using curfew::test::await;
using curfew::test::eventually;
using curfew::test::HttpReceiver;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Takes what it gets, unless it is told otherwise.
class ScriptedReceiver final : public EventReceiver {
public:
    using Script = std::function<std::optional<NotTaken>(const EventBatch&)>;
    explicit ScriptedReceiver(Script script = {}) : script_{std::move(script)} {}

    std::string name() const override { return "scripted"; }
    std::string place() const override { return "here"; }
    void stop() noexcept override {}
    std::optional<NotTaken> send(const EventBatch& batch) override {
        auto outcome = script_ ? script_(batch) : std::nullopt;
        const std::lock_guard lock{mutex_};
        batches_.push_back(batch);
        if (!outcome) {
            for (const auto& event : batch.events)
                taken_.push_back(event);
        }
        changed_.notify_all();
        return outcome;
    }

    // The numbers of the first so many that it took.
    std::vector<store::EventNumber> numbers(std::size_t count) {
        std::vector<store::EventNumber> found;
        for (const auto& event : events(count))
            found.push_back(event.event.number);
        return found;
    }
    std::vector<store::ListedEvent> events(std::size_t count) {
        std::unique_lock lock{mutex_};
        const bool came =
            changed_.wait_for(lock, curfew::test::patience, [&] { return taken_.size() >= count; });
        if (!came) throw std::runtime_error("too few events came");
        return taken_;
    }
    EventBatch batch(std::size_t index) {
        std::unique_lock lock{mutex_};
        const bool came =
            changed_.wait_for(lock, curfew::test::patience, [&] { return batches_.size() > index; });
        if (!came) throw std::runtime_error("too few batches came");
        return batches_.at(index);
    }
    std::size_t taken() {
        const std::lock_guard lock{mutex_};
        return taken_.size();
    }

private:
    const Script script_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<EventBatch> batches_;
    std::vector<store::ListedEvent> taken_;
};

class AuditForwarding : public testing::Test {
protected:
    AuditForwarding() { store = store::SqliteStore::open(directory / "curfew.db", clock, {}).value(); }

    // So many events happen.
    void happens(int times = 1) {
        for (int i = 0; i < times; ++i)
            await(store->set_password("alice", Secret{"hash"}, "root")).value();
    }
    std::unique_ptr<Forwarding> forward_to(std::shared_ptr<EventReceiver> receiver,
                                           const std::string& node = "node-a") {
        // Where it begins, the first time.
        await(store->place_of_notifier("audit:" + receiver->name())).value();
        std::vector<std::shared_ptr<EventReceiver>> receivers{std::move(receiver)};
        return std::make_unique<Forwarding>(clock, *store, metrics, node, std::move(receivers));
    }
    std::string metrics_text() { return metrics.expose({clock.boot_now(), -1, 0, 0}); }

    curfew::test::TemporaryDirectory directory{"curfew-forwarding"};
    SystemClock clock;
    metrics::Metrics metrics{"1.2.3", "abc1234"};
    std::shared_ptr<store::SqliteStore> store;
};

TEST_F(AuditForwarding, SendsWhatHappensFromItsFirstStartOnInTheOrderOfTheTrail) {
    happens(2);
    auto receiver = std::make_shared<ScriptedReceiver>();
    const auto forwarding = forward_to(receiver);
    happens(3);
    EXPECT_THAT(receiver->numbers(3), ElementsAre(3, 4, 5));
}

TEST_F(AuditForwarding, GivesEachEventWithItsHash) {
    auto receiver = std::make_shared<ScriptedReceiver>();
    const auto forwarding = forward_to(receiver);
    happens(3);
    const auto events = receiver->events(3);
    EXPECT_EQ(events.back().hash, await(store->head_of_events()).value().hash);
    EXPECT_EQ(store::chained_hash(store::chain_root, events.front().event), events.front().hash);
}

TEST_F(AuditForwarding, GoesOnAfterARestartWhereItLeftOff) {
    auto first = std::make_shared<ScriptedReceiver>();
    auto forwarding = forward_to(first);
    happens(2);
    EXPECT_THAT(first->numbers(2), ElementsAre(1, 2));
    forwarding.reset();
    happens(2);
    auto second = std::make_shared<ScriptedReceiver>();
    forwarding = forward_to(second);
    const auto numbers = second->numbers(2);
    // What was taken and not crossed off before the stop may come again; nothing is left out.
    EXPECT_THAT(std::set(numbers.begin(), numbers.end()), testing::IsSupersetOf({3U, 4U}));
}

TEST_F(AuditForwarding, SendsAgainWhatWasNotTaken) {
    auto attempts = std::make_shared<std::atomic<int>>(0);
    auto receiver =
        std::make_shared<ScriptedReceiver>([attempts](const EventBatch&) -> std::optional<NotTaken> {
            if (++*attempts <= 2) return NotTaken{"not now", 0ms};
            return std::nullopt;
        });
    const auto forwarding = forward_to(receiver);
    happens();
    EXPECT_THAT(receiver->numbers(1), ElementsAre(1));
    EXPECT_EQ(receiver->batch(0).id, receiver->batch(2).id);
    EXPECT_THAT(metrics_text(),
                HasSubstr(R"(curfew_audit_forwarding_failures_total{receiver="scripted"} 2)"));
    EXPECT_TRUE(eventually([&] {
        return metrics_text().find(R"(curfew_audit_events_forwarded_total{receiver="scripted"} 1)") !=
               std::string::npos;
    }));
}

TEST_F(AuditForwarding, LosesNothingThatCouldNotBeSentBeforeAStop) {
    auto refusing = std::make_shared<ScriptedReceiver>([](const EventBatch&) -> std::optional<NotTaken> {
        return NotTaken{"not now", 0ms};
    });
    auto forwarding = forward_to(refusing);
    happens(3);
    (void)refusing->batch(1);
    forwarding.reset();
    auto receiver = std::make_shared<ScriptedReceiver>();
    forwarding = forward_to(receiver);
    EXPECT_THAT(receiver->numbers(3), ElementsAre(1, 2, 3));
}

TEST_F(AuditForwarding, SendsEachEventFromOneNodeOfAFleetAlone) {
    auto one = std::make_shared<ScriptedReceiver>();
    auto other = std::make_shared<ScriptedReceiver>();
    auto first = forward_to(one, "node-a");
    auto second = forward_to(other, "node-b");
    happens(30);
    EXPECT_TRUE(eventually([&] {
        await(store->last_event()).value();
        return one->taken() + other->taken() >= 30;
    }));
    first.reset();
    second.reset();
    std::vector<store::EventNumber> numbers =
        one->taken() > 0 ? one->numbers(1) : std::vector<store::EventNumber>{};
    if (other->taken() > 0) {
        const auto more = other->numbers(1);
        numbers.insert(numbers.end(), more.begin(), more.end());
    }
    EXPECT_EQ(numbers.size(), 30U);
    EXPECT_EQ(std::set(numbers.begin(), numbers.end()).size(), 30U);
}

TEST_F(AuditForwarding, SaysHowLongEventsHaveBeenWaiting) {
    auto refusing = std::make_shared<ScriptedReceiver>(
        [](const EventBatch&) -> std::optional<NotTaken> { return NotTaken{"not now"}; });
    const auto forwarding = forward_to(refusing);
    EXPECT_TRUE(eventually([&] {
        return metrics_text().find(R"(curfew_oldest_audit_event_waiting_seconds{receiver="scripted"} 0)") !=
               std::string::npos;
    }));
    happens();
    (void)refusing->batch(0);
    EXPECT_TRUE(eventually([&] {
        const auto text = metrics_text();
        return text.find("curfew_oldest_audit_event_waiting_seconds{receiver=\"scripted\"} 0\n") ==
               std::string::npos;
    }));
}

config::WebhookSettings webhook_at(const HttpReceiver& server) {
    config::WebhookSettings settings;
    settings.url = server.url("/siem?token=t");
    settings.secret = Secret{"a secret of sixteen bytes or more"};
    settings.allowed_networks = {IpNetwork::parse("127.0.0.1").value()};
    return settings;
}

TEST_F(AuditForwarding, PostsEventsToAWebhookSignedAsNoticesAre) {
    HttpReceiver server{[](const HttpReceiver::Request&) { return HttpReceiver::status(204); }};
    const auto settings = webhook_at(server);
    const auto forwarding = forward_to(std::make_shared<WebhookEventReceiver>(settings, clock, "gate-1"));
    happens();
    const auto request = server.next();
    const auto body = boost::json::parse(request.body());
    EXPECT_EQ(body.at("type").as_string(), "audit_events");
    EXPECT_EQ(body.at("node").as_string(), "gate-1");
    EXPECT_EQ(body.at("id").as_string(), std::string_view{request["Curfew-Delivery"]});
    const auto event = event_of(body.at("events").as_array().at(0)).value();
    EXPECT_EQ(event.event.kind, "password.changed");
    EXPECT_EQ(store::chained_hash(store::chain_root, event.event), event.hash);
    const std::string signature{request["Curfew-Signature"]};
    const std::string time = signature.substr(2, signature.find(',') - 2);
    EXPECT_EQ(signature.substr(signature.find(",v1=") + 4),
              to_hex(hmac_sha256(settings.secret, time + "." + request.body())));
}

TEST_F(AuditForwarding, PostsAgainWhatAWebhookDidNotAcceptAndSaysNoMoreOfItThanItsOrigin) {
    HttpReceiver server{[](const HttpReceiver::Request&) { return HttpReceiver::status(503); }};
    WebhookEventReceiver receiver{webhook_at(server), clock, "gate-1"};
    const auto failed = receiver.send({"d-1", {}});
    ASSERT_TRUE(failed);
    EXPECT_THAT(failed->problem, HasSubstr("answered 503"));
    EXPECT_THAT(failed->problem, testing::Not(HasSubstr("token")));
}

TEST(AuditReceivers, AreThoseOfTheConfiguration) {
    const SystemClock clock;
    EXPECT_THAT(receivers_of({}, clock, "gate-1"), IsEmpty());
    config::Audit settings;
    settings.syslog.emplace().host = "/dev/log";
    settings.webhook.emplace().url = "https://siem.example.com/x?token=t";
    const auto receivers = receivers_of(settings, clock, "gate-1");
    ASSERT_EQ(receivers.size(), 2U);
    EXPECT_EQ(receivers[0]->name(), "syslog");
    EXPECT_EQ(receivers[0]->place(), "/dev/log");
    EXPECT_EQ(receivers[1]->place(), "https://siem.example.com");
}

}  // namespace
}  // namespace curfew::audit::test
