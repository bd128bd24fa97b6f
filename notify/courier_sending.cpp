// The other half of a courier: sending what is due.
#include <algorithm>
#include <exception>
#include <random>
#include <utility>
#include <variant>

#include "base/log.hpp"
#include "base/text.hpp"
#include "notify/backoff.hpp"
#include "notify/courier.hpp"

namespace curfew::notify {
namespace {

using namespace std::chrono_literals;

// A node that is gone is taken for one that was slow for so long.
constexpr Duration lease = longest_attempt + 45s;
constexpr Duration pause_without_store = 1s;
constexpr Duration shortest_wait = 20ms;
constexpr std::size_t longest_problem = 900;  // of what the store keeps

double chance() {
    static thread_local std::minstd_rand random{std::random_device{}()};
    return std::uniform_real_distribution<double>{0.0, 1.0}(random);
}

}  // namespace

// One of several; each sends one at a time.
Awaitable<void> Courier::send_on(Alarm& alarm) {
    std::string problem;
    while (!stopping_) {
        auto going = send_or_look();
        const Result<std::optional<Duration>> wait = co_await std::move(going);
        if (!wait && wait.error().message != problem)
            log::warning("notifications.not_sent",
                         {{"notifier", settings_.name}, {"error", wait.error().message}});
        problem = wait ? std::string{} : wait.error().message;
        const bool goes_on = wait && *wait && **wait == Duration::zero();
        if (goes_on || stopping_) continue;
        // By name: g++ 12 destroys what a conditional of a co_await expression makes twice.
        std::optional<Duration> most = pause_without_store;
        if (wait) most = *wait;
        co_await alarm.wait_for(most);
    }
}

// How long to wait before the next; nullopt: until something happens. Whatever goes wrong here must not take
// the sessions of this node with it.
Awaitable<Result<std::optional<Duration>>> Courier::send_or_look() {
    try {
        auto sending = send_next();
        const Result<bool> sent = co_await std::move(sending);
        if (!sent) co_return sent.error();
        if (*sent) co_return std::optional{Duration::zero()};
        auto asking = until_next();
        co_return co_await std::move(asking);
    } catch (const std::exception& failure) {
        co_return Error{ErrorCode::internal, failure.what()};
    }
}

// Until there is something to be sent; nullopt: nothing is on its way.
Awaitable<Result<std::optional<Duration>>> Courier::until_next() {
    auto counting = count();
    co_await std::move(counting);
    auto asking = parts_.store.next_delivery_due(settings_.name);
    const auto due = co_await std::move(asking);
    if (!due) co_return due.error();
    if (!*due) co_return std::optional<Duration>{};
    // Another of the senders may be about to take what is due.
    co_return std::optional{std::max<Duration>(**due - parts_.clock.boot_now(), shortest_wait)};
}

// False: there is nothing to be sent now.
Awaitable<Result<bool>> Courier::send_next() {
    auto claiming = parts_.store.claim_deliveries(settings_.name, parts_.node, lease, 1);
    auto claimed = co_await std::move(claiming);
    if (!claimed) co_return claimed.error();
    if (claimed->empty()) co_return false;
    co_await see_to(std::move(claimed->front()));
    co_return true;
}

Awaitable<void> Courier::see_to(store::ClaimedDelivery claimed) {
    auto judging = outcome_of(claimed);
    store::DeliveryOutcome outcome = co_await std::move(judging);
    report(claimed.delivery, outcome);
    co_await finish(std::move(claimed), std::move(outcome));
}

Awaitable<store::DeliveryOutcome> Courier::outcome_of(const store::ClaimedDelivery& claimed) {
    const store::Delivery& delivery = claimed.delivery;
    auto notice = notice_of(delivery);
    if (!notice) co_return store::GivenUp{"what the store has of it cannot be read"};
    auto reading = facts_of_subject(notice->subject);
    FactsRead facts = co_await std::move(reading);
    if (!facts) co_return store::TryAgain{pause_without_store, facts.error().message};
    if (!*facts) co_return store::Superseded{"what it is about is not there any more"};
    if (auto why = why_pointless(*notice, **facts)) co_return store::Superseded{std::move(*why)};
    Message message{delivery, claimed.last_receipt, std::move(*notice), std::move(**facts),
                    parts_.surroundings()};
    auto attempting = attempt(std::move(message));
    SendOutcome outcome = co_await std::move(attempting);
    co_return judged(delivery, std::move(outcome));
}

Awaitable<SendOutcome> Courier::attempt(Message message) {
    try {
        auto sending = notifier_->send(std::move(message));
        co_return co_await std::move(sending);
    } catch (const std::exception& failure) {
        co_return NotSent{failure.what()};
    }
}

store::DeliveryOutcome Courier::judged(const store::Delivery& delivery, SendOutcome outcome) const {
    if (auto* sent = std::get_if<Sent>(&outcome)) return store::Delivered{std::move(sent->receipt)};
    if (auto* pointless = std::get_if<Pointless>(&outcome))
        return store::Superseded{std::move(pointless->why)};
    const NotSent& failed = std::get<NotSent>(outcome);
    std::string problem = printable(failed.problem, longest_problem);
    if (failed.for_good) return store::GivenUp{std::move(problem)};
    const Duration trying_for = parts_.clock.wall_now() - delivery.wanted_at;
    const auto next = next_pause(delivery.attempts, trying_for, failed.retry_after, chance());
    // What was broken off because this node stops is for the next one to send, at once.
    if (stopping_) return store::TryAgain{Duration::zero(), std::move(problem)};
    if (!next) return store::GivenUp{std::move(problem)};
    return store::TryAgain{*next, std::move(problem)};
}

// As long as the right to send it lasts: what was sent and not crossed off is sent again.
Awaitable<void> Courier::finish(store::ClaimedDelivery claimed, store::DeliveryOutcome outcome) {
    const BootInstant last = parts_.clock.boot_now() + lease;
    Alarm alarm{executor_};
    while (true) {
        auto finishing = parts_.store.finish_delivery(claimed.claim, outcome);
        const auto finished = co_await std::move(finishing);
        if (finished) co_return;
        const bool is_away = finished.error().code == ErrorCode::unavailable;
        if (!is_away || stopping_ || parts_.clock.boot_now() > last) {
            log::warning("notification.not_crossed_off", {{"notifier", settings_.name},
                                                          {"notification", claimed.delivery.id.text()},
                                                          {"error", finished.error().message}});
            co_return;
        }
        co_await alarm.wait_for(pause_without_store);
    }
}

// What cannot be counted now is counted when it is looked again.
Awaitable<void> Courier::count() {
    auto counting = parts_.store.count_deliveries();
    const auto counts = co_await std::move(counting);
    if (!counts || stopping_) co_return;
    metrics::Metrics::Waiting waiting;
    for (const store::DeliveryCount& one : *counts) {
        if (one.notifier != settings_.name) continue;
        waiting.count = one.in(store::DeliveryState::waiting) + one.in(store::DeliveryState::claimed);
        if (one.oldest_waiting > Duration::zero())
            waiting.oldest = parts_.clock.boot_now() - one.oldest_waiting;
    }
    parts_.metrics.notifications_waiting(settings_.name, waiting);
}

void Courier::report(const store::Delivery& delivery, const store::DeliveryOutcome& outcome) const {
    using metrics::Metrics;
    const auto write = [&](log::Level level, std::string_view event, std::string_view problem) {
        log::write(level, event,
                   {{"notifier", settings_.name},
                    {"notification", delivery.id.text()},
                    {"notice", delivery.kind},
                    {"subject", delivery.subject},
                    {"attempt", delivery.attempts},
                    {"problem", problem}});
    };
    if (std::holds_alternative<store::Delivered>(outcome)) {
        write(log::Level::info, "notification.delivered", {});
        parts_.metrics.notification(settings_.name, Metrics::Notification::delivered);
    } else if (const auto* again = std::get_if<store::TryAgain>(&outcome)) {
        write(log::Level::warning, "notification.retried", again->problem);
        parts_.metrics.notification(settings_.name, Metrics::Notification::retried);
    } else if (const auto* given_up = std::get_if<store::GivenUp>(&outcome)) {
        write(log::Level::error, "notification.given_up", given_up->problem);
        parts_.metrics.notification(settings_.name, Metrics::Notification::given_up);
    } else if (const auto* superseded = std::get_if<store::Superseded>(&outcome)) {
        write(log::Level::debug, "notification.pointless", superseded->problem);
    }
}

}  // namespace curfew::notify
