#include "proxy/bypass_watch.hpp"

#include <algorithm>
#include <chrono>
#include <random>
#include <string_view>
#include <utility>

#include "base/log.hpp"
#include "proxy/governed_roles.hpp"
#include "proxy/server_inspection.hpp"

namespace curfew::proxy {

using namespace std::chrono_literals;
using policy::SeenBackend;

namespace {

// While there is nothing to compare: how soon a new configuration is noticed.
constexpr Duration look_for_resources_again = 15s;
constexpr Duration look_for_connection = 1s;

// Up to a fifth longer, at random: the nodes of a fleet do not ask in step.
Duration jittered(Duration interval) {
    static thread_local std::minstd_rand random{std::random_device{}()};
    return interval + Duration{std::uniform_int_distribution<Duration::rep>{0, interval.count() / 5}(random)};
}

void log_backend(log::Level level, std::string_view event, const std::string& resource,
                 const SeenBackend& backend, std::string_view detail) {
    log::write(level, event,
               {{"resource", resource},
                {"backend_pid", backend.key.pid},
                {"backend_started", backend.key.started},
                {"role", backend.role},
                {"database", backend.database},
                {"client", backend.client_address.empty() ? "unix socket" : backend.client_address},
                {"application_name", backend.application_name},
                {"detail", detail}});
}

}  // namespace

BypassWatch::BypassWatch(boost::asio::any_io_executor control, const Clock& clock, store::Store& store,
                         std::function<Known()> known)
    : control_{std::move(control)},
      clock_{clock},
      store_{store},
      known_{std::move(known)},
      comparisons_{control_},
      wake_{control_} {}

boost::asio::awaitable<void> BypassWatch::run() {
    while (!stopping_) {
        const Duration pause = begin_what_is_due();
        co_await wake_.wait_for(pause);
    }
    co_await comparisons_.join();
}

void BypassWatch::stop() {
    stopping_ = true;
    wake_.notify();
}

// Of people who are not listed grants alone tell, and it is when these are over that it matters most.
policy::GovernedRoles BypassWatch::roles_of(const Known& known, const config::Resource& resource) {
    policy::GovernedRoles roles = governed_roles(*known.setup->config, resource, *known.grants);
    if (roles.shared || !known.setup->config->accept_unlisted_users) return roles;
    if (roles.empty() && !watched_.contains(resource.name)) return roles;
    WatchedResource& watched = watched_[resource.name];
    if (!watched) watched = std::make_shared<Watched>();
    watched->people.insert(roles.names.begin(), roles.names.end());
    roles.names.assign(watched->people.begin(), watched->people.end());
    return roles;
}

// How long there is nothing more to begin.
Duration BypassWatch::begin_what_is_due() {
    const Known known = known_();
    const BootInstant now = clock_.boot_now();
    Duration pause = look_for_resources_again;
    std::erase_if(watched_, [&](const auto& one) {
        const bool gone = !known.setup->resources.contains(one.first);
        if (gone && one.second->metrics != nullptr) one.second->metrics->ungoverned_backends(0);
        return gone;
    });
    for (const auto& [name, resource] : known.setup->resources) {
        policy::GovernedRoles roles = roles_of(known, resource->config);
        if (!resource->admin || roles.empty()) {
            if (watched_.erase(name) > 0) resource->metrics->ungoverned_backends(0);
            continue;
        }
        WatchedResource& watched = watched_[name];
        if (!watched) watched = std::make_shared<Watched>();
        watched->metrics = resource->metrics;
        if (watched->due <= now) begin(resource, watched, std::move(roles), *known.setup->config);
        // A changed interval counts from now on.
        watched->due = std::min(watched->due, now + resource->config.ungoverned.interval * 6 / 5);
        pause = std::min(pause, watched->due - now);
    }
    return pause;
}

void BypassWatch::begin(const Resource& resource, const WatchedResource& watched, policy::GovernedRoles roles,
                        const config::Config& config) {
    const Duration interval = resource->config.ungoverned.interval;
    if (!resource->admin->up()) {
        // The log says so already.
        watched->due = clock_.boot_now() + std::min(interval, look_for_connection);
        watched->compared = true;
        watched->problem = "there is no administrative connection to PostgreSQL right now";
        return;
    }
    watched->due = clock_.boot_now() + jittered(interval);
    if (std::exchange(watched->under_way, true)) return;  // it takes long; the next one then
    comparisons_.spawn(look(resource, watched, std::move(roles), config.timeouts.handshake));
}

boost::asio::awaitable<void> BypassWatch::look(Resource resource, WatchedResource watched,
                                               policy::GovernedRoles roles, Duration settling) {
    const Result<void> compared = co_await compare(resource, *watched, roles, settling);
    std::string problem = compared ? std::string{} : compared.error().message;
    // The same over and over is said once.
    if (!problem.empty() && problem != watched->problem) {
        log::warning("ungoverned.not_compared", {{"resource", resource->config.name}, {"error", problem}});
    }
    watched->problem = std::move(problem);
    watched->compared = true;
    if (compared && resource->config.ungoverned.enforce == config::Enforcement::terminate)
        co_await terminate(resource, *watched);
    if (compared) co_await look_for_unkept_roles(resource, *watched);
    watched->under_way = false;
}

// First who is there, then whose they are: a session is on record before anybody can work in it, so that none
// comes in between.
boost::asio::awaitable<Result<void>> BypassWatch::compare(const Resource& resource, Watched& watched,
                                                          const policy::GovernedRoles& roles,
                                                          Duration settling) {
    const BootInstant now = clock_.boot_now();
    auto seeing = backends_of(*resource->admin, roles);
    const Result<std::vector<SeenBackend>> seen = co_await std::move(seeing);
    if (!seen) co_return seen.error();
    const std::vector<SeenBackend> unknown = watched.backends.to_look_for(*seen, now);
    auto looking = recorded(unknown);
    const Result<std::vector<policy::BackendKey>> sessions = co_await std::move(looking);
    if (!sessions) co_return sessions.error();

    const auto change = watched.backends.compare(*seen, *sessions, now, settling);
    resource->metrics->ungoverned_backends(watched.backends.count());
    const std::string& name = resource->config.name;
    for (const SeenBackend& backend : change.appeared) {
        log_backend(log::Level::warning, "backend.ungoverned", name, backend,
                    "it works as a governed role, and no session of Curfew's has it");
    }
    for (const SeenBackend& backend : change.gone) {
        log_backend(log::Level::info, "backend.ungoverned_gone", name, backend,
                    "it has left, or a session has it now");
        watched.refused.erase(backend.key);
    }
    co_return Result<void>{};
}

// The backends of sessions that are not over, among those with these pids.
boost::asio::awaitable<Result<std::vector<policy::BackendKey>>> BypassWatch::recorded(
    const std::vector<SeenBackend>& backends) {
    std::vector<policy::BackendKey> keys;
    if (backends.empty()) co_return keys;
    std::vector<std::int32_t> pids;
    for (const SeenBackend& backend : backends)
        pids.push_back(backend.key.pid);
    auto asking = store_.unfinished_backends(std::move(pids));
    const auto recorded = co_await std::move(asking);
    if (!recorded) co_return recorded.error();
    for (const store::Backend& backend : *recorded)
        keys.push_back({backend.pid, backend.started});
    co_return keys;
}

boost::asio::awaitable<void> BypassWatch::terminate(const Resource& resource, Watched& watched) {
    for (const SeenBackend& backend : watched.backends.ungoverned()) {
        store::Backend asked{backend.key.pid, backend.key.started};
        auto asking = resource->admin->terminate(std::move(asked));
        const Result<BackendAdmin::Signal> signal = co_await std::move(asking);
        if (!signal || *signal == BackendAdmin::Signal::gone) continue;
        if (*signal == BackendAdmin::Signal::sent) {
            log_backend(log::Level::warning, "backend.ungoverned_terminated", resource->config.name, backend,
                        "as the resource's ungoverned.enforce says");
        } else if (watched.refused.insert(backend.key).second) {
            log_backend(log::Level::error, "backend.ungoverned_not_terminated", resource->config.name,
                        backend,
                        "PostgreSQL does not let the administrative role: it is a superuser's, or the role "
                        "lacks pg_signal_backend");
        }
    }
}

// Of a resource that was taken out of the configuration while curfewd was down. Each is said once.
boost::asio::awaitable<void> BypassWatch::look_for_unkept_roles(const Resource& resource, Watched& watched) {
    const Known known = known_();
    auto looking = unkept_roles(*resource->admin, known.installation, known.setup->config);
    const auto unkept = co_await std::move(looking);
    if (!unkept) co_return;  // the next one then
    for (const std::string& role : *unkept) {
        if (!watched.unkept.insert(role).second) continue;
        log::warning("ephemeral_role.unkept",
                     {{"role", role},
                      {"resource", resource->config.name},
                      {"detail",
                       "it was made on this server for a resource that this node does not have with login: "
                       "ephemeral, so it is not dropped from here"}});
    }
}

Result<std::vector<SeenBackend>> BypassWatch::ungoverned(const std::string& resource) const {
    const auto found = watched_.find(resource);
    if (found == watched_.end()) return std::vector<SeenBackend>{};
    if (!found->second->compared)
        return Error{ErrorCode::unavailable, "backends have not been compared with the sessions yet"};
    if (!found->second->problem.empty()) return Error{ErrorCode::unavailable, found->second->problem};
    return found->second->backends.ungoverned();
}

}  // namespace curfew::proxy
