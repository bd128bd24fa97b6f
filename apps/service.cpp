#include "apps/service.hpp"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "apps/process_setup.hpp"
#include "apps/service_impl.hpp"
#include "apps/service_manager.hpp"
#include "base/log.hpp"

namespace curfew::apps {

namespace asio = boost::asio;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

}  // namespace

Result<void> Service::run() {
    release_stop_signals();  // signals_ catches them from here on
    if (auto looked = look_for_store(); !looked) return looked;
    reloadable_ = static_cast<bool>(options_.read_declared);
    spawn(watch_signals());
    if (const auto interval = watchdog_interval()) spawn(feed_watchdog(*interval));
    spawn(live());
    context_.run();
    follower_.reset();
    store_.reset();
    // The last of the other threads is gone. Once signals_ is too, a second Ctrl-C would cut short what is
    // still to be cleaned up.
    hold_stop_signals();
    if (failure_) return *failure_;
    return {};
}

// The error: it is not there, and will not be by itself.
Result<void> Service::look_for_store() {
    const config::Store& settings = options_.declared.config.store;
    auto opened = open_store(settings, name_, clock_, metrics_);
    if (opened) {
        store_ = std::move(*opened);
        return {};
    }
    if (!may_pass(settings, opened.error())) return opened.error();
    store_away_ = opened.error();
    return {};
}

// Whoever can be told that nobody gets in now is told so at once; the service manager is not kept waiting.
Awaitable<Result<void>> Service::await_store() {
    config_ = options_.declared.config;
    auto open = [settings = config_.store, this] { return open_store(settings, name_, clock_, metrics_); };
    auto told = [](const std::string& problem) {
        notify(ready_message("Refusing new sessions until the store answers: " + problem));
    };
    wait_.emplace(context_.get_executor(), clock_, metrics_, config_, std::move(open), std::move(told));
    if (auto opened = start_metrics(); !opened) co_return opened;
    if (auto begun = wait_->begin(*store_away_, options_.node.inherited); !begun) co_return begun;
    auto waiting = wait_->run();
    auto arrived = co_await std::move(waiting);
    if (!arrived) co_return arrived.error();
    store_ = std::move(*arrived);
    co_return Result<void>{};
}

void Service::spawn(Awaitable<void> task) {
    asio::co_spawn(context_, std::move(task), [](const std::exception_ptr& failure) {
        if (failure) std::rethrow_exception(failure);
    });
}

Awaitable<void> Service::live() {
    auto started = co_await start();
    if (started) {
        co_await serve();
    } else {
        failure_ = started.error();
        notify(status_message("Could not start: " + failure_->message));
    }
    co_await stop();
}

Awaitable<Result<void>> Service::start() {
    if (store_away_) {
        auto arrived = co_await await_store();
        if (!arrived || stop_wanted_) co_return arrived;
    }
    take_store();
    if (follower_) {
        auto following = co_await follower_->begin();
        if (!following) co_return following;
    }
    auto whole = co_await registry_->begin();
    if (!whole) co_return whole.error();
    config_ = std::move(*whole);
    if (auto opened = open_signing_key(); !opened) co_return opened;
    if (auto opened = recordings_.open(config_); !opened) co_return opened;
    // Before anything is ended that an earlier run by this name left behind.
    auto named = co_await take_name();
    if (!named) co_return named;
    sign_in_.emplace(context_.get_executor(), clock_, *store_, *registry_);
    auto can_sign_in = co_await sign_in_->start(config_);
    if (!can_sign_in) co_return can_sign_in;
    open_desk();
    options_.node.request_entered = [this] {
        if (due_watch_) due_watch_->look_again();
    };
    options_.node.before_listening = [this] {
        if (wait_) wait_->stop_listening();
    };
    options_.node.recordings = recordings_.storage();
    options_.node.live_recordings = recordings_.live();
    if (reloadable_) options_.node.reload = [this] { return registry_->reload(); };
    node_ = std::make_unique<proxy::Node>(context_.get_executor(), clock_, *store_, metrics_, config_,
                                          std::move(options_.node));
    enforcement_.attach(*node_, [this](const config::Config& config) { now_uses(config); });
    // First, so that whoever watches this process hears of it while it still cleans up after an earlier one.
    if (auto opened = start_metrics(); !opened) co_return opened;
    auto started = co_await node_->start();
    if (!started) co_return started;
    node_started_ = true;
    auto at_work = co_await take_up_work();
    if (!at_work) co_return at_work;
    if (auto opened = start_api(); !opened) co_return opened;
    auto offered = co_await sign_in_->offer_first_administrator(address_for_people(config_));
    if (!offered) co_return offered;
    auto prepared = co_await prepare();
    co_return prepared;
}

Awaitable<Result<void>> Service::prepare() {
    if (!options_.before_ready || stop_wanted_) co_return Result<void>{};
    auto preparing = options_.before_ready(*node_, config_.metrics.value_or(config::Endpoint{}));
    auto prepared = co_await std::move(preparing);
    co_return prepared;
}

Awaitable<void> Service::serve() {
    if (!stop_wanted_) {
        log::info("node.ready", {{"version", version}, {"revision", git_revision()}, {"pid", ::getpid()}});
        notify(ready_message(serving()));
    }
    while (!stop_wanted_) {
        if (std::exchange(reload_wanted_, false)) {
            co_await reload();
        } else {
            co_await asked_.wait();
        }
    }
}

Awaitable<void> Service::reload() {
    notify(reloading_message("Reading the configuration again", monotonic_now()));
    auto reloading = node_->reload("SIGHUP");
    const auto reloaded = co_await std::move(reloading);
    if (stop_wanted_) co_return;  // said already, and READY=1 would take it back
    notify(ready_message(reloaded ? serving()
                                  : "Going on as before: the configuration has problems, see the log"));
}

Awaitable<void> Service::stop() {
    if (scripts_) scripts_->stop();
    if (previews_) previews_->stop();
    if (node_started_) {
        // Who cannot be administered is not to stay.
        if (failure_) node_->hurry();
        co_await node_->drain();
    }
    if (scripts_) co_await scripts_->finish();
    if (api_) co_await api_->stop();
    if (metrics_server_) co_await metrics_server_->stop();
    api_.reset();
    metrics_server_.reset();
    notifications_.reset();
    forwarding_.reset();
    if (receipts_) receipts_->stop();
    if (heads_) heads_->stop();
    if (due_watch_) due_watch_->stop();
    if (commands_) commands_->stop();
    if (follower_) follower_->stop();
    if (membership_) membership_->stop();
    co_await watching_.join();
    if (commands_) co_await commands_->finish();
    receipts_.reset();
    if (membership_) co_await membership_->leave();
    if (heads_) co_await heads_->write_if_moved();
    heads_.reset();
    if (wait_) co_await wait_->leave();
    node_.reset();
    sign_in_.reset();  // its threads use the context
    signals_.cancel();
    watchdog_.cancel();
}

Awaitable<void> Service::watch_signals() {
    while (true) {
        const auto [error, signal] = co_await signals_.async_wait(as_result);
        if (error) co_return;
        if (signal == SIGHUP && reloadable_) {
            reload_wanted_ = true;
        } else {
            ask_to_stop(signal);
        }
        asked_.notify();
    }
}

void Service::ask_to_stop(int signal) {
    if (!stop_wanted_) {
        stop_wanted_ = true;
        log::info("node.stopping", {{"signal", std::string{"SIG"} + ::sigabbrev_np(signal)}});
        notify(stopping_message("Letting sessions finish"));
        if (wait_ && !store_) wait_->stop();
        if (membership_ && !node_) membership_->give_up();
    } else if (node_) {
        notify(status_message("Ending all sessions"));
        node_->hurry();
    }
}

// By the control thread itself: once that no longer turns, the service manager steps in.
Awaitable<void> Service::feed_watchdog(Duration interval) {
    while (true) {
        notify(watchdog_message());
        watchdog_.expires_after(interval);
        const auto [error] = co_await watchdog_.async_wait(as_result);
        if (error) co_return;
    }
}

std::string Service::serving() const {
    std::string text;
    for (const auto& opened : node_->opened())
        text += (text.empty() ? "Taking sessions at " : ", ") + config::to_string(opened.address);
    return text;
}

Result<void> run_service(ServiceOptions options) {
    const config::LogSettings settings = options.declared.config.log;
    log::info("node.starting", {{"version", version},
                                {"revision", git_revision()},
                                {"node", options.node.name},
                                {"config", options.node.config_file}});
    auto outcome = Service{std::move(options)}.run();
    if (!outcome) log_failure(settings, outcome.error().message);
    return outcome;
}

void log_failure(const config::LogSettings& settings, std::string_view why) {
    const bool terminal = ::isatty(STDERR_FILENO) == 1;
    const auto format = settings.format.value_or(terminal ? log::Format::human : log::Format::json);
    if (format == log::Format::json) log::error("node.failed", {{"error", why}});
}

}  // namespace curfew::apps
