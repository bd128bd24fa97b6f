#include "apps/service.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/api_server.hpp"
#include "api/metrics_server.hpp"
#include "apps/node_enforcement.hpp"
#include "apps/node_report.hpp"
#include "apps/node_store.hpp"
#include "apps/process_identity.hpp"
#include "apps/process_setup.hpp"
#include "apps/service_manager.hpp"
#include "apps/sign_in_service.hpp"
#include "apps/version.hpp"
#include "base/clock.hpp"
#include "base/log.hpp"
#include "metrics/metrics.hpp"
#include "proxy/event.hpp"
#include "proxy/task_group.hpp"
#include "workflow/desk.hpp"
#include "workflow/due_watch.hpp"
#include "workflow/membership.hpp"
#include "workflow/registry.hpp"
#include "workflow/store_follower.hpp"

namespace curfew::apps {
namespace {

namespace asio = boost::asio;
using proxy::Awaitable;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
// So much later than it is due may be settled what all nodes that share a store wait for.
constexpr Duration due_spread = std::chrono::seconds{1};

// Everything here happens on the thread that calls run().
class Service {
public:
    explicit Service(ServiceOptions options)
        : options_{std::move(options)},
          metrics_{version, git_revision()},
          name_{options_.node.name},
          watching_{context_.get_executor()},
          signals_{context_, SIGTERM, SIGINT, SIGHUP},
          watchdog_{context_},
          asked_{context_.get_executor()} {}

    Result<void> run();

private:
    Result<void> look_for_store();
    Awaitable<Result<void>> await_store();
    void take_store();
    Awaitable<void> live();
    Awaitable<Result<void>> start();
    Awaitable<Result<void>> take_up_work();
    Awaitable<Result<void>> prepare();
    Awaitable<void> serve();
    Awaitable<void> reload();
    Awaitable<void> stop();
    Awaitable<Result<void>> take_name();
    Awaitable<store::NodeReport> report();
    Result<void> start_metrics();
    Awaitable<std::vector<std::string>> not_ready_because();
    std::string exposition();
    Result<void> start_api();
    api::ApiServerOptions api_options();
    void now_uses(const config::Config& config);

    Awaitable<void> watch_signals();
    Awaitable<void> feed_watchdog(Duration interval);
    void ask_to_stop(int signal);
    void spawn(Awaitable<void> task);
    std::string serving() const;

    ServiceOptions options_;
    const SystemClock clock_;
    const BootInstant started_at_ = clock_.boot_now();
    metrics::Metrics metrics_;
    // What runs on the context goes before it; what that refers to goes after it.
    asio::io_context context_{1};
    StorePointer store_;
    std::optional<Error> store_away_;  // when first looked for
    std::optional<StoreWait> wait_;    // for a store that was
    std::unique_ptr<proxy::Node> node_;
    NodeEnforcement enforcement_;
    std::optional<workflow::Registry> registry_;
    std::optional<SignInService> sign_in_;
    std::optional<workflow::Desk> desk_;
    std::optional<workflow::DueWatch> due_watch_;
    std::optional<workflow::StoreFollower> follower_;  // of a store that is shared
    std::optional<workflow::Membership> membership_;
    const std::string name_;  // of the node
    const std::string instance_ = process_identity();
    config::Store store_settings_;  // as they are now
    proxy::TaskGroup watching_;
    config::Config config_;  // as it was at the start
    std::optional<api::ApiServer> api_;
    std::optional<api::MetricsServer> metrics_server_;

    asio::signal_set signals_;
    asio::steady_timer watchdog_;
    proxy::Event asked_;  // to reload, or to stop
    bool reload_wanted_ = false;
    bool stop_wanted_ = false;
    bool reloadable_ = false;
    bool node_started_ = false;
    std::optional<Error> failure_;  // why it could not start, or go on
};

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

void Service::take_store() {
    const bool shared = !options_.declared.config.store.postgresql.empty();
    registry_.emplace(context_.get_executor(), *store_, enforcement_, std::move(options_.declared),
                      std::move(options_.read_declared));
    if (!shared) return;
    follower_.emplace(context_.get_executor(), *store_, enforcement_, *registry_, [this] {
        if (due_watch_) due_watch_->look_again();
    });
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
    // Before anything is ended that an earlier run by this name left behind.
    auto named = co_await take_name();
    if (!named) co_return named;
    sign_in_.emplace(context_.get_executor(), clock_, *store_, *registry_);
    auto can_sign_in = co_await sign_in_->start(config_);
    if (!can_sign_in) co_return can_sign_in;
    options_.node.request_entered = [this] {
        if (due_watch_) due_watch_->look_again();
    };
    options_.node.before_listening = [this] {
        if (wait_) wait_->stop_listening();
    };
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

Awaitable<Result<void>> Service::take_name() {
    store_settings_ = config_.store;
    workflow::MembershipDuties duties;
    duties.report = [this] { return report(); };
    duties.is_dead = is_known_to_have_ended;
    // Two by one name would end each other's sessions.
    duties.name_lost = [this](const std::string& why) {
        failure_ = Error{ErrorCode::conflict, why};
        stop_wanted_ = true;
        asked_.notify();
    };
    duties.see_to_orphans = [this] { return node_->see_to_orphans(); };
    duties.counted = [this](const store::FleetCount& count) {
        metrics_.fleet_counted(count.up, count.gone, count.orphans, count.oldest_orphan);
    };
    membership_.emplace(context_.get_executor(), clock_, *store_, std::move(duties));
    auto beginning = membership_->begin();
    auto begun = co_await std::move(beginning);
    co_return begun;
}

Awaitable<store::NodeReport> Service::report() {
    std::optional<proxy::NodeStatus> status;
    if (node_started_) {
        auto asking = node_->status();
        status = co_await std::move(asking);
    }
    store::NodeReport report = report_of(config_, status);
    report.name = name_;
    report.instance = instance_;
    report.lease = store_settings_.node_lease;
    report.sessions_over_within =
        std::max(report.lease, store_settings_.max_staleness + store_settings_.node_lease / 3);
    co_return report;
}

// Requests: what was taken away while curfewd was down ends before anybody can ask for more.
Awaitable<Result<void>> Service::take_up_work() {
    desk_.emplace(*store_, enforcement_, clock_, [this] { return registry_->rulebook(); });
    desk_->when_glass_broken(
        [this](const policy::Request& request) { metrics_.glass_broken(request.resource); });
    auto caught_up = co_await registry_->catch_up();
    if (!caught_up) co_return caught_up;
    const Duration spread = follower_ ? due_spread : Duration::zero();
    due_watch_.emplace(context_.get_executor(), clock_, *store_, *desk_, spread);
    watching_.spawn(due_watch_->run());
    watching_.spawn(membership_->run());
    if (follower_) watching_.spawn(follower_->run());
    co_return Result<void>{};
}

Result<void> Service::start_metrics() {
    if (!config_.metrics) return {};
    auto& address = *config_.metrics;
    if (metrics_server_) {  // since it was waited for the store
        if (!address.is_unix()) address.port = metrics_server_->port();
        return {};
    }
    metrics_server_.emplace(
        context_.get_executor(), address, [this] { return not_ready_because(); },
        [this] { return exposition(); });
    if (auto started = metrics_server_->start(); !started) return started;
    if (!address.is_unix()) address.port = metrics_server_->port();
    log::info("metrics.opened", {{"address", config::to_string(address)}});
    return {};
}

Awaitable<std::vector<std::string>> Service::not_ready_because() {
    std::vector<std::string> reasons;
    if (node_) {
        const auto status = co_await node_->status();
        reasons = status.not_ready_because;
    } else if (!store_) {
        reasons.push_back("the store is away: " + wait_->problem());
    } else {
        reasons.emplace_back("starting");
    }
    co_return reasons;
}

std::string Service::exposition() {
    if (node_) return node_->exposition();
    metrics::Metrics::Scrape scrape;
    scrape.store_staleness_seconds = std::chrono::duration<double>(clock_.boot_now() - started_at_).count();
    return metrics_.expose(scrape);
}

api::ApiServerOptions Service::api_options() {
    api::ApiServerOptions options;
    options.api.node = name_;
    options.socket_path = config_.admin_socket;
    options.group = config_.admin_group;
    if (config_.api) {
        options.network = api::NetworkListener{config_.api->address, config_.api->tls};
        options.api.public_url = config_.api->public_url;
    }
    options.api.people_address = address_for_people(config_);
    options.api.authenticate = [this](Secret token) {
        return sign_in_->authentication().by_token(std::move(token));
    };
    options.api.identify_local = [people = sign_in_->people()](const std::string& system_user) {
        return identity::principal_of_socket(system_user, *people());
    };
    options.api.display_name = [people = sign_in_->people()](std::string_view user) {
        return people()->display_name(user);
    };
    return options;
}

Result<void> Service::start_api() {
    const api::ApiParts parts{*node_,  *desk_, *registry_, sign_in_->desk(), sign_in_->password_links(),
                              *store_, clock_};
    api_.emplace(context_.get_executor(), parts, api_options());
    if (auto started = api_->start(); !started) return started;
    // Port 0 has become a real one.
    if (const auto address = api_->address()) config_.api->address = *address;
    return {};
}

void Service::now_uses(const config::Config& config) {
    store_settings_ = config.store;
    sign_in_->use(config);
    if (!api_ || !config.api || !config.api->tls) return;
    if (auto renewed = api_->use_certificate(*config.api->tls); !renewed)
        log::error("api.certificate_not_renewed", {{"error", renewed.error().message}});
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
    if (node_started_) {
        // Who cannot be administered is not to stay.
        if (failure_) node_->hurry();
        co_await node_->drain();
    }
    if (api_) co_await api_->stop();
    if (metrics_server_) co_await metrics_server_->stop();
    api_.reset();
    metrics_server_.reset();
    if (due_watch_) due_watch_->stop();
    if (follower_) follower_->stop();
    if (membership_) membership_->stop();
    co_await watching_.join();
    if (membership_) co_await membership_->leave();
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

}  // namespace

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
