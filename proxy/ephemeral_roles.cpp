#include "proxy/ephemeral_roles.hpp"

#include <utility>

#include "proxy/ephemeral_role.hpp"
#include "proxy/role_keeper.hpp"
#include "proxy/run_on.hpp"

namespace curfew::proxy {

namespace asio = boost::asio;

struct EphemeralRoles::State {
    RoleKeeper::Means means;
    std::map<std::string, std::shared_ptr<RoleKeeper>, std::less<>> keepers;  // by resource; none ever goes
    bool started = false;
    bool stopped = false;
};

namespace {

Error nobody_keeps_them(const std::string& resource) {
    return {ErrorCode::unavailable, "resource '" + resource + "' has no ephemeral roles right now"};
}

}  // namespace

EphemeralRoles::EphemeralRoles(asio::any_io_executor control, const Clock& clock, store::Store& store,
                               metrics::Metrics& metrics)
    : state_{new State{{std::move(control), clock, store, metrics, {}}, {}}} {}

EphemeralRoles::~EphemeralRoles() = default;

void EphemeralRoles::start(const Secret& installation_secret) {
    state_->means.installation = installation_mark(installation_secret);
    state_->started = true;
}

void EphemeralRoles::tell(const std::shared_ptr<const Setup>& setup,
                          const std::shared_ptr<const policy::Grants>& grants) {
    if (!state_->started || state_->stopped) return;
    for (const auto& [name, keeper] : state_->keepers)
        keeper->tell(setup, grants);
    for (const auto& [name, resource] : setup->config->resources) {
        if (!resource.ephemeral || state_->keepers.contains(name)) continue;
        const auto keeper = std::make_shared<RoleKeeper>(state_->means, name, setup, grants);
        state_->keepers.emplace(name, keeper);
        keeper->start();
    }
}

Awaitable<void> EphemeralRoles::stop() {
    state_->stopped = true;
    for (const auto& [name, keeper] : state_->keepers)
        co_await keeper->stop();
}

namespace {

template <class State>
std::shared_ptr<RoleKeeper> keeper_of(const State& state, const std::string& resource) {
    const auto found = state.keepers.find(resource);
    return found == state.keepers.end() || state.stopped ? nullptr : found->second;
}

template <class State>
Awaitable<Result<config::UpstreamRole>> role_on_control(std::shared_ptr<State> state, std::string resource,
                                                        std::string user, GrantId grant) {
    const auto keeper = keeper_of(*state, resource);
    if (!keeper) co_return nobody_keeps_them(resource);
    co_return co_await keeper->role_for(std::move(user), std::move(grant));
}

template <class State>
Awaitable<void> distrust_on_control(std::shared_ptr<State> state, std::string resource, std::string user,
                                    GrantId grant) {
    const auto keeper = keeper_of(*state, resource);
    if (keeper) keeper->distrust(user, grant);
    co_return;
}

}  // namespace

Awaitable<Result<config::UpstreamRole>> EphemeralRoles::role_for(std::string resource, std::string user,
                                                                 GrantId grant) {
    return run_on(state_->means.control,
                  role_on_control(state_, std::move(resource), std::move(user), std::move(grant)));
}

Awaitable<void> EphemeralRoles::distrust(std::string resource, std::string user, GrantId grant) {
    return run_on(state_->means.control,
                  distrust_on_control(state_, std::move(resource), std::move(user), std::move(grant)));
}

}  // namespace curfew::proxy
