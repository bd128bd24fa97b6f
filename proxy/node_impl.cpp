#include "proxy/node_impl.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "base/text.hpp"
#include "metrics/recording_metrics.hpp"
#include "proxy/ephemeral_role.hpp"
#include "proxy/run_on.hpp"

namespace curfew::proxy {

namespace asio = boost::asio;

namespace {

Awaitable<void> call(const std::function<void(Worker&)>& work, Worker& worker) {
    work(worker);
    co_return;
}

std::string list_of(const auto& named) {
    std::string names;
    for (const auto& [name, value] : named)
        names += (names.empty() ? "" : ", ") + name;
    return names.empty() ? "none" : names;
}

}  // namespace

Node::Impl::Impl(asio::any_io_executor control_, const Clock& clock_, store::Store& store_,
                 metrics::Metrics& metrics_, config::Config config_, NodeOptions options_)
    : control{std::move(control_)},
      clock{clock_},
      store{store_},
      metrics{metrics_},
      options{std::move(options_)},
      started_at{clock.wall_now()},
      config{std::make_shared<const config::Config>(std::move(config_))},
      resources{control, clock, metrics},
      offline{clock, metrics, options.name},
      inbox{control},
      changing{control},
      recorder{control, store},
      bypass_watch{
          control, clock, store,
          [this] {
              return BypassWatch::Known{setup, book.grants(), installation_mark(context.installation_secret)};
          }},
      ephemeral_roles{control, clock, store, metrics},
      context{clock, store, metrics, recorder, options.name, {}, {}, {}, {}},
      listeners{context, std::move(options.inherited)},
      background{control},
      stopping_touch{control},
      stopping_reap{control} {
    context.ephemeral_roles = &ephemeral_roles;
    context.command_desk = options.command_desk;
    context.start_offline_session = [this](store::SessionRecord session) {
        return run_on(control, start_offline_session(std::move(session)));
    };
    recorder.keep_back([this](const SessionId& session) { return offline.holds(session); });
    context.changed = [this, weak = std::weak_ptr<bool>{alive}] {
        asio::post(control, [this, weak] {
            if (!weak.expired()) changed();
        });
    };
    if (options.recordings) {
        const recording::Scribe::Surroundings around{*options.recordings, *options.live_recordings, clock,
                                                     metrics.recording(), context.changed};
        scribe = std::make_unique<recording::Scribe>(around);
        context.scribe = scribe.get();
    }
}

// Before the workers: the recording thread calls them.
Node::Impl::~Impl() {
    if (scribe) scribe->stop();
}

Awaitable<void> Node::Impl::on_workers(std::function<void(Worker&)> work) {
    TaskGroup tasks{control};
    for (const auto& worker : context.workers)
        tasks.spawn(run_on(worker->executor(), call(work, *worker)));
    co_await tasks.join();
}

Awaitable<void> Node::Impl::publish(BootInstant since) {
    const Truth truth{setup, book.grants(), closed};
    ephemeral_roles.tell(truth.setup, truth.grants);
    std::function<void(Worker&)> apply = [&truth, since](Worker& worker) { worker.apply(truth, since); };
    // No backend is ended while a thread has not heard of it.
    context.untold_clients.expect();
    co_await on_workers(std::move(apply));
    context.untold_clients.told();
    changed();
}

void Node::Impl::changed() {
    ++changes;
    for (auto* timer : waiting_for_change)
        timer->cancel();
}

bool Node::Impl::is_heard() const {
    return clock.boot_now() - heard_at < config->store.max_staleness;
}

std::vector<std::string> Node::Impl::not_ready_because() const {
    std::vector<std::string> reasons;
    if (!started) reasons.emplace_back("starting");
    if (draining) reasons.emplace_back("shutting down");
    if (started && !store_healthy) reasons.push_back("the store is away: " + store_problem);
    for (const std::string& resource : *closed)
        reasons.push_back("resource '" + resource + "' is closed: backends of an earlier run may still run");
    return reasons;
}

void Node::Impl::report_ready() {
    metrics.ready(not_ready_because().empty());
}

// A grant for a name that nobody has would look given and admit nobody.
std::optional<Error> Node::Impl::unknown_names(const store::NewGrant& grant) const {
    using Kind = policy::Subject::Kind;
    if (config->find_resource(grant.resource) == nullptr) {
        return Error{ErrorCode::invalid, "there is no resource '" + printable(grant.resource) +
                                             "'; configured: " + list_of(config->resources)};
    }
    if (grant.subject.kind == Kind::user && !setup->directory.knows_user(grant.subject.name)) {
        return Error{ErrorCode::invalid, "there is no user '" + printable(grant.subject.name) +
                                             "'; configured: " + list_of(config->users)};
    }
    if (grant.subject.kind == Kind::group && !setup->directory.knows_group(grant.subject.name)) {
        return Error{ErrorCode::invalid, "there is no group '" + printable(grant.subject.name) +
                                             "'; configured: " + list_of(config->groups)};
    }
    return std::nullopt;
}

}  // namespace curfew::proxy
