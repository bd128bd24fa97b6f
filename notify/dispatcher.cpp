#include "notify/dispatcher.hpp"

#include <pthread.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <utility>

#include "base/log.hpp"

namespace curfew::notify {
namespace {

using namespace std::chrono_literals;

constexpr Duration between_cleanings = 1h;
// Of what was sent, or given up, the store keeps so much: to look into what went wrong.
constexpr Duration kept_for = 30 * 24h;
constexpr std::size_t removed_at_a_time = 1000;

http::WorkerPool::Options pool_options() {
    return {.name = "curfew-notify",
            .threads = 8,
            .most_waiting = 256,
            .too_busy = "too many notifications are being sent at once"};
}

}  // namespace

Dispatcher::Dispatcher(CourierParts parts)
    : parts_{std::move(parts)},
      guard_{context_.get_executor()},
      pool_{std::make_unique<http::WorkerPool>(pool_options())},
      house_alarm_{context_.get_executor()} {
    boost::asio::co_spawn(context_, keep_house(house_alarm_), [](const std::exception_ptr& failure) {
        if (failure) std::rethrow_exception(failure);
    });
    // On the store's thread.
    watch_ = parts_.store.watch_events([this](store::EventNumber) {
        if (!waking_.exchange(true)) boost::asio::post(context_, [this] { wake_all(); });
    });
    thread_ = std::thread{[this] {
        (void)::pthread_setname_np(::pthread_self(), "curfew-notices");
        context_.run();
    }};
}

Dispatcher::~Dispatcher() {
    stop();
}

void Dispatcher::wake_all() {
    waking_ = false;
    for (const auto& courier : couriers_)
        courier->wake();
}

void Dispatcher::use(const std::vector<config::Notifier>& notifiers, const Make& make) {
    const auto is_in = [](const std::vector<config::Notifier>& all, const config::Notifier& one) {
        return std::any_of(all.begin(), all.end(), [&](const auto& other) { return is_same(one, other); });
    };
    std::vector<std::shared_ptr<Courier>> made;
    for (const config::Notifier& settings : notifiers) {
        if (is_in(used_, settings)) continue;
        auto notifier = make(settings);
        if (!notifier) continue;
        made.push_back(
            std::make_shared<Courier>(context_.get_executor(), parts_, settings, std::move(notifier)));
    }
    used_ = notifiers;
    auto change = [this, is_in, kept = notifiers, made = std::move(made)] {
        std::erase_if(couriers_, [&](const std::shared_ptr<Courier>& courier) {
            if (is_in(kept, courier->settings())) return false;
            courier->stop();
            parts_.metrics.notifier_gone(courier->settings().name);
            return true;
        });
        for (const auto& courier : made) {
            parts_.metrics.notifications_waiting(courier->settings().name, {});
            courier->start();
            couriers_.push_back(courier);
        }
    };
    boost::asio::post(context_, std::move(change));
}

void Dispatcher::stop() {
    if (!thread_.joinable()) return;
    parts_.store.stop_watching(watch_);
    boost::asio::post(context_, [this] {
        stopping_ = true;
        house_alarm_.ring();
        for (const auto& courier : couriers_)
            courier->stop();
        couriers_.clear();
    });
    guard_.reset();
    thread_.join();
    pool_.reset();
}

// Looked at once in a while: what has been sent is not kept for ever.
Awaitable<void> Dispatcher::keep_house(Alarm& alarm) {
    while (!stopping_) {
        auto removing = remove_old();
        const Result<bool> more = co_await std::move(removing);
        if (!more) log::warning("notifications.not_removed", {{"error", more.error().message}});
        const bool goes_on = more && *more;
        if (!goes_on && !stopping_) co_await alarm.wait_for(between_cleanings);
    }
}

// True if there may be more.
Awaitable<Result<bool>> Dispatcher::remove_old() {
    try {
        auto removing = parts_.store.remove_old_deliveries(kept_for);
        const Result<std::size_t> removed = co_await std::move(removing);
        if (!removed) co_return removed.error();
        co_return *removed == removed_at_a_time;
    } catch (const std::exception& failure) {
        co_return Error{ErrorCode::internal, failure.what()};
    }
}

}  // namespace curfew::notify
