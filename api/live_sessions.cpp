#include "api/live_sessions.hpp"

namespace curfew::api {

Awaitable<std::shared_ptr<const SessionsSnapshot>> LiveSessions::now() {
    const auto hold = co_await asking_.hold();
    if (latest_ && clock_.boot_now() - latest_->asked_at < timing_.least_interval) co_return latest_;
    auto snapshot = std::make_shared<SessionsSnapshot>();
    // Taken before the list is asked for: what changes in between is told once more, never missed.
    snapshot->change = feed_.now().sessions;
    snapshot->asked_at = clock_.boot_now();
    snapshot->sessions = co_await fleet_.list();
    snapshot->at = clock_.wall_now();
    latest_ = snapshot;
    co_return snapshot;
}

}  // namespace curfew::api
