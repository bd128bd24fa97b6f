#include "apps/node_store.hpp"

#include <algorithm>
#include <chrono>
#include <random>
#include <string_view>
#include <utility>

#include "base/log.hpp"
#include "proxy/run_on.hpp"
#include "store/postgres/postgres_store.hpp"
#include "store/sqlite/sqlite_store.hpp"

namespace curfew::apps {
namespace {

using namespace std::chrono_literals;

constexpr Duration first_pause = 250ms;
constexpr Duration longest_pause = 5s;

// From half of it on, at random: the nodes of a fleet do not all come at once when their store is back.
Duration jittered(Duration pause) {
    static thread_local std::minstd_rand random{std::random_device{}()};
    return pause / 2 + Duration{std::uniform_int_distribution<Duration::rep>{0, pause.count() / 2}(random)};
}

}  // namespace

Result<StorePointer> open_store(const config::Store& settings, const std::string& node, const Clock& clock,
                                metrics::Metrics& metrics) {
    const auto observe = [&metrics](std::string_view operation, Duration took) {
        metrics.store_operation_took(operation, took);
    };
    if (settings.postgresql.empty()) {
        store::SqliteOptions options;
        options.observer = observe;
        auto opened = store::SqliteStore::open(settings.path, clock, std::move(options));
        if (!opened) return opened.error();
        return StorePointer{std::move(*opened)};
    }
    const auto target =
        store::read_postgres_target(settings.postgresql, settings.password, "curfewd " + node);
    if (!target) return target.error();
    store::PostgresOptions options;
    options.observer = observe;
    auto opened = store::PostgresStore::open(*target, clock, std::move(options));
    if (!opened) return opened.error();
    return StorePointer{std::move(*opened)};
}

// What is wrong with a file of this host's does not mend itself.
bool may_pass(const config::Store& settings, const Error& why) {
    return !settings.postgresql.empty() && why.code == ErrorCode::unavailable;
}

StoreWait::StoreWait(boost::asio::any_io_executor control, const Clock& clock, metrics::Metrics& metrics,
                     const config::Config& config, std::function<Result<StorePointer>()> open,
                     std::function<void(const std::string&)> told)
    : clock_{clock},
      metrics_{metrics},
      open_{std::move(open)},
      told_{std::move(told)},
      door_{control, clock, metrics, config},
      awake_{control} {}

Result<void> StoreWait::begin(const Error& why, const std::vector<proxy::InheritedSocket>& inherited) {
    if (auto listening = door_.open(inherited); !listening) return listening;
    note(why);
    return {};
}

void StoreWait::note(const Error& why) {
    metrics_.store_healthy(false, clock_.boot_now());
    if (why.message == problem_) return;
    problem_ = why.message;
    log::error("store.awaited", {{"error", problem_}});
    told_(problem_);
}

void StoreWait::stop() {
    stopping_ = true;
    awake_.notify();
}

proxy::Awaitable<Result<StorePointer>> StoreWait::open_elsewhere() {
    co_return open_();
}

proxy::Awaitable<Result<StorePointer>> StoreWait::run() {
    for (Duration pause = first_pause;; pause = std::min(pause * 2, longest_pause)) {
        co_await awake_.wait_for(jittered(pause));
        if (stopping_) co_return StorePointer{};
        auto opening = proxy::run_on(thread_.get_executor(), open_elsewhere());
        Result<StorePointer> opened = co_await std::move(opening);
        if (stopping_) co_return StorePointer{};
        if (opened || opened.error().code != ErrorCode::unavailable) co_return opened;
        note(opened.error());
    }
}

proxy::Awaitable<void> StoreWait::leave() {
    door_.close();
    co_await door_.leave();
}

}  // namespace curfew::apps
