// How a node comes up, keeps in touch with its store, and goes down.
#include <algorithm>
#include <chrono>
#include <random>
#include <thread>
#include <utility>

#include "base/duration.hpp"
#include "base/log.hpp"
#include "proxy/node_impl.hpp"
#include "proxy/reaper.hpp"
#include "proxy/run_on.hpp"

namespace curfew::proxy {

using namespace std::chrono_literals;

namespace {

// What an earlier run left behind holds the start up for no longer than this; its resources stay closed until
// it is gone.
constexpr Duration reap_at_start_within = 5s;
constexpr Duration reap_again_after = 2s;
constexpr Duration whole_list_every = 10min;
constexpr Duration whole_list_after_outage = 30s;
// Longer than it is worked on them, so that nobody else works on them as well.
constexpr Duration orphans_claimed_for = 1min;
// What was decided while the store was away is heard of as soon as it is back.
constexpr Duration touch_again_when_away = 250ms;
// After timeouts.drain: for telling clients, and for the proof that backends are gone.
constexpr Duration last_teardowns_within = 10s;
constexpr Duration last_records_within = 5s;

std::map<std::string, BackendAdmin*> admins_of(const Setup& setup) {
    std::map<std::string, BackendAdmin*> admins;
    for (const auto& [name, resource] : setup.resources) {
        if (resource->admin) admins.emplace(name, resource->admin.get());
    }
    return admins;
}

std::string where_is(const config::Store& store) {
    return store.path.empty() ? "PostgreSQL" : store.path;
}

unsigned worker_count(const config::Config& config) {
    if (config.workers > 0) return config.workers;
    return std::clamp(std::thread::hardware_concurrency(), 1U, 256U);
}

// Often enough that a store which answers is never taken for one that does not.
Duration touch_interval(const config::Config& config) {
    return std::clamp<Duration>(config.store.max_staleness / 4, 50ms, 1s);
}

}  // namespace

Awaitable<Result<void>> Node::Impl::start() {
    Result<void> up = co_await come_up();
    if (!up) co_await stop();
    co_return up;
}

Awaitable<Result<void>> Node::Impl::come_up() {
    auto prepared = resources.prepare(config);
    if (!prepared) co_return prepared.error();
    setup = std::move(*prepared);
    resources.start(setup);
    Result<Secret> secret = co_await store.installation_secret();
    if (!secret) co_return secret.error();
    context.installation_secret = std::move(*secret);
    ephemeral_roles.start(context.installation_secret);
    if (auto opened = offline.open(*config); !opened) co_return opened;
    // Before the leftovers: what was begun without the store may have left some.
    Result<void> entered = co_await enter_offline();
    if (!entered) co_return entered;
    background.spawn(recorder.run());

    Result<void> reaped = co_await reap_leftovers();
    if (!reaped) co_return reaped;
    start_workers();
    Result<void> heard = co_await hear_store();
    if (!heard) co_return heard;
    std::vector<config::Listener> wanted = config->listeners;
    if (options.before_listening) options.before_listening();
    Result<void> listening = co_await listeners.change_to(std::move(wanted));
    if (!listening) co_return listening;
    started = true;
    report_ready();
    background.spawn(keep_in_touch());
    if (offline.is_open()) background.spawn(watch_inbox());
    background.spawn(reap_again());
    background.spawn(bypass_watch.run());
    co_return Result<void>{};
}

void Node::Impl::start_workers() {
    const unsigned count = worker_count(*config);
    for (unsigned number = 0; number < count; ++number)
        context.workers.push_back(std::make_unique<Worker>(number, context));
}

Awaitable<Result<void>> Node::Impl::reap_leftovers() {
    const auto in_use = setup;
    const Result<ReapReport> report =
        co_await reap(store, options.name, admins_of(*in_use), reap_at_start_within);
    if (!report) co_return report.error();
    note_leftovers(*report);
    co_return Result<void>{};
}

// Closes the resources of what is left.
void Node::Impl::note_leftovers(const ReapReport& report) {
    std::set<std::string, std::less<>> left;
    leftovers.clear();
    for (const auto& unreaped : report.unreaped) {
        left.insert(unreaped.resource);
        leftovers.insert(unreaped.session);
    }
    closed = std::make_shared<const std::set<std::string, std::less<>>>(std::move(left));
}

Awaitable<void> Node::Impl::reap_again() {
    while (!leftovers.empty()) {
        co_await stopping_reap.wait_for(reap_again_after);
        if (stopped) co_return;
        Result<std::vector<store::SessionRecord>> unfinished =
            co_await store.unfinished_sessions(options.name);
        if (!unfinished) continue;
        // The others are this run's own, and live.
        std::erase_if(*unfinished, [this](const store::SessionRecord& session) {
            return !leftovers.contains(session.id);
        });
        const auto in_use = setup;
        const ReapReport report =
            co_await reap_sessions(store, std::move(*unfinished), admins_of(*in_use), reap_at_start_within);
        const auto hold = co_await changing.hold();
        note_leftovers(report);
        co_await publish(clock.boot_now());
        report_ready();
        tell_of_ended(report);
    }
}

Awaitable<void> Node::Impl::see_to_orphans() {
    if (draining || stopped) co_return;
    const auto in_use = setup;
    const auto admins = admins_of(*in_use);
    std::vector<std::string> reached;
    for (const auto& [resource, admin] : admins)
        reached.push_back(resource);
    auto claiming = store.claim_orphans(options.name, std::move(reached), orphans_claimed_for);
    auto claimed = co_await std::move(claiming);
    if (!claimed) {
        log::warning("node.orphans_not_claimed", {{"error", claimed.error().message}});
        co_return;
    }
    if (claimed->empty()) co_return;
    log::warning("node.orphans_claimed", {{"node", claimed->front().node}, {"sessions", claimed->size()}});
    auto reaping = reap_sessions(store, std::move(*claimed), admins, reap_at_start_within, options.name);
    // What could not be ended stays claimed, and comes again.
    const ReapReport report = co_await std::move(reaping);
    metrics.orphans_reaped(report.confirmed, report.unconfirmed, report.unreaped.size());
    tell_of_ended(report);
}

void Node::Impl::tell_of_ended(const ReapReport& report) const {
    if (options.leftovers_ended && report.confirmed + report.unconfirmed > 0) options.leftovers_ended();
}

// The feed tells of each change. That the list is read all the same, and soon after the store was away, makes
// up for what no event speaks of: a row that somebody changed by hand, a failover that lost what it had said.
void Node::Impl::read_whole_list_within(Duration at_least, Duration at_most) {
    static std::minstd_rand random{std::random_device{}()};
    std::uniform_real_distribution<double> part{0.0, 1.0};
    const auto more = std::chrono::duration_cast<Duration>((at_most - at_least) * part(random));
    whole_list_at = clock.boot_now() + at_least + more;
}

// `changing` is held.
Awaitable<Result<void>> Node::Impl::hear_grants() {
    if (clock.boot_now() >= whole_list_at) news_from.reset();
    auto asking = store.grant_news(news_from);
    const Result<store::GrantNews> news = co_await std::move(asking);
    if (!news) co_return news.error();
    book.tell_time(news->at.wall, news->at.boot);
    if (news->whole) {
        book.replace(news->grants);
        read_whole_list_within(whole_list_every - whole_list_every / 4, whole_list_every);
    } else {
        for (const store::GrantCountdown& grant : news->grants)
            book.update(grant);
    }
    news_from = news->as_of;
    co_return Result<void>{};
}

// One exchange with the store: it takes a write, and says which grants there are.
Awaitable<Result<void>> Node::Impl::hear_store() {
    const BootInstant asked_at = clock.boot_now();
    Result<void> healthy = co_await store.check_health();
    const auto hold = co_await changing.hold();
    if (healthy) {
        (void)co_await enter_offline();  // what is wrong is logged; it is tried again
        healthy = co_await hear_grants();
    }
    metrics.store_healthy(healthy.has_value(), clock.boot_now());
    if (healthy.has_value() != store_healthy || !started) {
        if (healthy) {
            log::info("store.up", {{"store", where_is(config->store)}});
        } else {
            log::error("store.away", {{"store", where_is(config->store)},
                                      {"error", healthy.error().message},
                                      {"max_staleness", format_duration(config->store.max_staleness)}});
        }
    }
    // At some time or other: after a failover all nodes are at it.
    if (healthy && !store_healthy && started) read_whole_list_within(1s, whole_list_after_outage);
    store_healthy = healthy.has_value();
    context.store_answers.store(store_healthy, std::memory_order_relaxed);
    store_problem = healthy ? std::string{} : healthy.error().message;
    report_ready();
    if (!healthy) {
        std::function<void(Worker&)> end = [](Worker& worker) { worker.store_away(); };
        co_await on_workers(std::move(end));
        co_return healthy;
    }

    heard_at = asked_at;
    const BootInstant stale_at = asked_at + config->store.max_staleness;
    const Truth truth{setup, book.grants(), closed};
    ephemeral_roles.tell(truth.setup, truth.grants);
    const BootInstant now = clock.boot_now();
    std::function<void(Worker&)> tell = [&truth, stale_at, now](Worker& worker) {
        worker.apply(truth, now);
        worker.heard(stale_at);
    };
    co_await on_workers(std::move(tell));
    co_return Result<void>{};
}

Awaitable<void> Node::Impl::keep_in_touch() {
    while (!stopped) {
        const Duration pause = touch_interval(*config);
        co_await stopping_touch.wait_for(store_healthy ? pause : std::min(pause, touch_again_when_away));
        if (stopped) co_return;
        (void)co_await hear_store();  // what is wrong is logged and shown by readiness
        co_await resources.sweep();
    }
}

// --- Going down
// ---------------------------------------------------------------------------------------------

Awaitable<void> Node::Impl::await_sessions(Duration at_most, Hurry hurry) {
    const auto deadline = std::chrono::steady_clock::now() + at_most;
    for (;;) {
        const std::uint64_t before = changes;
        std::atomic<std::size_t> left{0};
        std::function<void(Worker&)> count = [&left](Worker& worker) { left += worker.session_count(); };
        co_await on_workers(std::move(count));
        const Duration remaining = deadline - std::chrono::steady_clock::now();
        if (left == 0 || remaining <= Duration::zero()) co_return;
        if (hurried && hurry == Hurry::possible) co_return;
        if (changes != before) continue;  // while they were counted
        // The end of a session is a change; so is being told to hurry.
        boost::asio::steady_timer timer{control, remaining};
        const auto place = waiting_for_change.insert(waiting_for_change.end(), &timer);
        const auto as_result = boost::asio::as_tuple(boost::asio::use_awaitable);
        co_await timer.async_wait(as_result);
        waiting_for_change.erase(place);
    }
}

Awaitable<void> Node::Impl::drain() {
    draining = true;
    report_ready();
    std::function<void(Worker&)> close_door = [](Worker& worker) { worker.stop_admitting(); };
    co_await on_workers(std::move(close_door));
    co_await listeners.close_all();
    log::info("node.draining",
              {{"sessions", session_count()}, {"at_most", format_duration(config->timeouts.drain)}});
    co_await await_sessions(config->timeouts.drain, Hurry::possible);

    const BootInstant now = clock.boot_now();
    std::function<void(Worker&)> end_all = [now](Worker& worker) {
        worker.end_all(policy::EndCause::node_stopping, now);
    };
    co_await on_workers(std::move(end_all));
    co_await await_sessions(last_teardowns_within, Hurry::impossible);
    std::function<void(Worker&)> abandon = [](Worker& worker) { worker.abandon_all(); };
    co_await on_workers(std::move(abandon));
    co_await await_sessions(last_teardowns_within, Hurry::impossible);
    co_await stop();
    log::info("node.stopped");
}

Awaitable<void> Node::Impl::stop() {
    stopped = true;
    co_await listeners.close_all();
    stopping_touch.notify();
    stopping_reap.notify();
    inbox.stop();
    bypass_watch.stop();
    recorder.stop(last_records_within);
    co_await background.join();
    co_await ephemeral_roles.stop();
    co_await resources.stop();
    if (scribe) scribe->stop();  // before the workers, which it calls
    context.workers.clear();
}

}  // namespace curfew::proxy
