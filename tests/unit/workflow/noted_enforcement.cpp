#include "noted_enforcement.hpp"

#include <utility>

namespace curfew::test {

workflow::Awaitable<void> NotedEnforcement::grants_changed(std::vector<store::GrantCountdown> changed) {
    for (store::GrantCountdown& grant : changed)
        grants.push_back(std::move(grant));
    co_return;
}

workflow::Awaitable<Result<void>> NotedEnforcement::read_grants_anew() {
    ++read_anew;
    co_return Result<void>{};
}

workflow::Awaitable<void> NotedEnforcement::session_kill_asked(SessionId id, std::string by) {
    kills.push_back(id.text() + " by " + by);
    co_return;
}

workflow::Awaitable<Result<void>> NotedEnforcement::use(config::Config config) {
    if (refusal) co_return *refusal;
    configurations.push_back(std::move(config));
    co_return Result<void>{};
}

}  // namespace curfew::test
