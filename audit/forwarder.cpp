#include "audit/forwarder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <exception>
#include <random>
#include <utility>

#include "audit/proof/trail_line.hpp"
#include "base/log.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"
#include "notify/backoff.hpp"
#include "store/audit_chain.hpp"

namespace curfew::audit {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

constexpr std::size_t events_a_batch = 100;
// A node that is gone is taken for one that was slow for so long.
constexpr Duration lease = longest_forwarding + 30s;
constexpr Duration pause_without_store = 1s;
constexpr Duration shortest_pause = 20ms;
// What was sent is not looked at any more.
constexpr Duration kept_for = 1h;
constexpr std::size_t longest_forwarding_problem = 900;
// All batches have the same recipient and subject, so that the store gives them out one at a time.
constexpr const char* recipient_of_batches = "receiver";
constexpr const char* kind_of_batches = "audit_events";
constexpr const char* subject_of_batches = "audit-trail";

double forwarding_chance() {
    static thread_local std::minstd_rand random{std::random_device{}()};
    return std::uniform_real_distribution<double>{0.0, 1.0}(random);
}

// From behind `after` up to `through`.
struct Stretch {
    store::ChainHead after;
    store::EventNumber through = 0;
};

std::string content_of(const Stretch& stretch) {
    return json::serialize(json::object{
        {"after", stretch.after.number}, {"hash", to_hex(stretch.after.hash)}, {"through", stretch.through}});
}

std::optional<Stretch> stretch_in(const std::string& content) {
    json::error_code failed;
    const json::value value = json::parse(content, failed);
    if (failed || !value.is_object()) return std::nullopt;
    const auto after = number_in(value.get_object(), "after");
    const auto hash = hash_in(value.get_object(), "hash");
    const auto through = number_in(value.get_object(), "through");
    if (!after || !hash || !through || *through < *after) return std::nullopt;
    return Stretch{{*after, *hash}, *through};
}

store::NewDelivery delivery_of(const Stretch& stretch) {
    store::NewDelivery delivery;
    delivery.recipient = recipient_of_batches;
    delivery.kind = kind_of_batches;
    delivery.subject = subject_of_batches;
    delivery.event = stretch.through;
    delivery.content = content_of(stretch);
    return delivery;
}

}  // namespace

Forwarder::Forwarder(boost::asio::any_io_executor executor, const ForwarderParts& parts,
                     std::shared_ptr<EventReceiver> receiver)
    : executor_{std::move(executor)},
      parts_{parts},
      receiver_{std::move(receiver)},
      name_{"audit:" + receiver_->name()},
      news_{executor_},
      pause_{executor_} {}

void Forwarder::start() {
    parts_.metrics.audit_events_waiting(receiver_->name(), std::nullopt);
    boost::asio::co_spawn(executor_, run(), [self = shared_from_this()](const std::exception_ptr& failure) {
        if (failure) std::rethrow_exception(failure);
    });
}

void Forwarder::stop() {
    stopping_ = true;
    receiver_->stop();
    news_.ring();
    pause_.ring();
}

Forwarder::Awaitable<void> Forwarder::run() {
    log::info("audit.forwarding", {{"receiver", receiver_->name()}, {"to", receiver_->place()}});
    std::string problem;
    while (!stopping_) {
        auto going = go_on();
        const Result<Pause> pause = co_await std::move(going);
        if (!pause && pause.error().message != problem)
            log::warning("audit.not_forwarded",
                         {{"receiver", receiver_->name()}, {"error", pause.error().message}});
        problem = pause ? std::string{} : pause.error().message;
        if (stopping_) break;
        if (!pause) {
            co_await pause_.wait_for(pause_without_store);
        } else if (pause->for_news) {
            co_await news_.wait_for(std::nullopt);
        } else if (pause->most) {
            co_await pause_.wait_for(*pause->most);
        }
    }
}

// Whatever goes wrong here must not take the sessions of this node with it.
Forwarder::Awaitable<Result<Forwarder::Pause>> Forwarder::go_on() {
    try {
        auto sending = send_due();
        const Result<bool> sent = co_await std::move(sending);
        if (!sent) co_return sent.error();
        if (*sent) co_return Pause{};
        auto counting = count();
        co_await std::move(counting);
        // What is on its way is another node's, or waits for its next attempt.
        auto asking = parts_.store.next_delivery_due(name_);
        const auto due = co_await std::move(asking);
        if (!due) co_return due.error();
        if (*due) {
            Pause pause;
            pause.most = std::max(**due - parts_.clock.boot_now(), shortest_pause);
            co_return pause;
        }
        auto taking = take_in();
        const Result<bool> taken = co_await std::move(taking);
        if (!taken) co_return taken.error();
        Pause pause;
        pause.for_news = !*taken;
        if (pause.for_news) {
            auto tidying = tidy();
            co_await std::move(tidying);
        }
        co_return pause;
    } catch (const std::exception& failure) {
        co_return Error{ErrorCode::internal, failure.what()};
    }
}

// True if there was something to be sent.
Forwarder::Awaitable<Result<bool>> Forwarder::send_due() {
    auto claiming = parts_.store.claim_deliveries(name_, parts_.node, lease, 1);
    auto claimed = co_await std::move(claiming);
    if (!claimed) co_return claimed.error();
    if (claimed->empty()) co_return false;
    auto sending = send(std::move(claimed->front()));
    const Result<void> sent = co_await std::move(sending);
    if (!sent) co_return sent.error();
    co_return true;
}

// True if there is something to be sent now.
Forwarder::Awaitable<Result<bool>> Forwarder::take_in() {
    auto asking = place();
    const Result<store::ChainHead> from = co_await std::move(asking);
    if (!from) co_return from.error();
    auto reading = parts_.store.events_after(*from, events_a_batch);
    const Result<store::EventsRead> read = co_await std::move(reading);
    if (!read) co_return read.error();
    if (read->events.empty() && !read->lost) co_return false;
    store::DeliveryChanges changes;
    if (read->lost) {
        log::warning("audit.events_lost",
                     {{"receiver", receiver_->name()}, {"sent", from->number}, {"last", read->last.number}});
    } else {
        const Stretch stretch{*from, read->last.number};
        changes.added.push_back(delivery_of(stretch));
    }
    auto taking = parts_.store.take_in_events(name_, *from, read->last, std::move(changes));
    const Result<std::size_t> taken = co_await std::move(taking);
    place_.reset();
    if (taken) {
        place_ = read->last;
    } else if (taken.error().code != ErrorCode::conflict) {
        co_return taken.error();
    }
    // A conflict: another node was quicker.
    co_return true;
}

Forwarder::Awaitable<Result<store::ChainHead>> Forwarder::place() {
    if (place_) co_return *place_;
    auto asking = parts_.store.place_of_notifier(name_);
    const Result<store::ChainHead> found = co_await std::move(asking);
    if (found) place_ = *found;
    co_return found;
}

// nullopt: they are not in the store any more.
Forwarder::Awaitable<Result<std::optional<EventBatch>>> Forwarder::batch_of(store::Delivery delivery) {
    const auto stretch = stretch_in(delivery.content);
    if (!stretch) co_return std::optional<EventBatch>{};
    const auto events = static_cast<std::size_t>(stretch->through - stretch->after.number);
    auto reading = parts_.store.events_after(stretch->after, events);
    const Result<store::EventsRead> read = co_await std::move(reading);
    if (!read) co_return read.error();
    if (read->lost) co_return std::optional<EventBatch>{};
    EventBatch batch{delivery.id.text(), {}};
    Sha256Digest hash = stretch->after.hash;
    for (const store::Event& event : read->events) {
        hash = store::chained_hash(hash, event);
        batch.events.push_back({event, hash});
    }
    co_return std::optional<EventBatch>{std::move(batch)};
}

Forwarder::Awaitable<Result<void>> Forwarder::send(store::ClaimedDelivery claimed) {
    auto reading = batch_of(claimed.delivery);
    Result<std::optional<EventBatch>> batch = co_await std::move(reading);
    if (!batch) {
        // Let go of it: another node may have the store.
        auto leaving = finish(claimed.claim, store::TryAgain{pause_without_store, batch.error().message});
        (void)co_await std::move(leaving);
        co_return batch.error();
    }
    store::DeliveryOutcome outcome = store::Superseded{"the events are not in the store any more"};
    if (*batch && !(*batch)->events.empty()) {
        const std::size_t events = (*batch)->events.size();
        const store::EventNumber last = (*batch)->events.back().event.number;
        auto handing = hand_over(std::move(**batch));
        const std::optional<NotTaken> failed = co_await std::move(handing);
        if (!failed) {
            outcome = store::Delivered{};
            parts_.metrics.audit_events_forwarded(receiver_->name(), events);
            log::debug("audit.forwarded",
                       {{"receiver", receiver_->name()}, {"events", events}, {"last", last}});
        } else {
            const Duration pause =
                failed->retry_after ? std::clamp(*failed->retry_after, shortest_pause, notify::longest_pause)
                                    : notify::pause_after(claimed.claim.attempt, forwarding_chance());
            const std::string problem = printable(failed->problem, longest_forwarding_problem);
            outcome = store::TryAgain{stopping_ ? Duration::zero() : pause, problem};
            if (!stopping_) {
                parts_.metrics.audit_forwarding_failed(receiver_->name());
                log::warning("audit.forwarding_failed", {{"receiver", receiver_->name()},
                                                         {"attempt", claimed.claim.attempt},
                                                         {"problem", problem}});
            }
        }
    }
    auto finishing = finish(claimed.claim, std::move(outcome));
    const Result<void> finished = co_await std::move(finishing);
    co_return finished;
}

Forwarder::Awaitable<std::optional<NotTaken>> Forwarder::hand_over(EventBatch batch) {
    using Outcome = std::optional<NotTaken>;
    auto work = [receiver = receiver_, batch = std::move(batch)]() -> Result<Outcome> {
        return receiver->send(batch);
    };
    auto running = parts_.pool.run<Outcome>(std::move(work));
    Result<Outcome> outcome = co_await std::move(running);
    if (!outcome) co_return NotTaken{outcome.error().message};
    co_return std::move(*outcome);
}

// As long as the right to send it lasts: what was sent and not crossed off is sent again.
Forwarder::Awaitable<Result<void>> Forwarder::finish(store::DeliveryClaim claim,
                                                     store::DeliveryOutcome outcome) {
    const BootInstant last = parts_.clock.boot_now() + lease;
    while (true) {
        auto finishing = parts_.store.finish_delivery(claim, outcome);
        const auto finished = co_await std::move(finishing);
        if (finished) co_return Result<void>{};
        const bool is_away = finished.error().code == ErrorCode::unavailable;
        if (!is_away || stopping_ || parts_.clock.boot_now() > last) co_return finished.error();
        co_await pause_.wait_for(pause_without_store);
    }
}

// While there is nothing to be sent: a row for each batch is not to be kept for good.
Forwarder::Awaitable<void> Forwarder::tidy() {
    const BootInstant now = parts_.clock.boot_now();
    if (tidied_at_ && now - *tidied_at_ < kept_for) co_return;
    tidied_at_ = now;
    std::optional<std::string> of_this = name_;
    auto removing = parts_.store.remove_old_deliveries(kept_for, std::move(of_this));
    (void)co_await std::move(removing);
}

// What cannot be counted now is counted when it is looked again.
Forwarder::Awaitable<void> Forwarder::count() {
    auto counting = parts_.store.count_deliveries();
    const auto counts = co_await std::move(counting);
    if (!counts || stopping_) co_return;
    std::optional<BootInstant> oldest;
    for (const store::DeliveryCount& one : *counts) {
        if (one.notifier == name_ && one.oldest_waiting > Duration::zero())
            oldest = parts_.clock.boot_now() - one.oldest_waiting;
    }
    parts_.metrics.audit_events_waiting(receiver_->name(), oldest);
}

}  // namespace curfew::audit
