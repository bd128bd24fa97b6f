// A node that notes what it is told.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "workflow/enforcement.hpp"

namespace curfew::test {

// What the node was told, in order.
class NotedEnforcement final : public workflow::Enforcement {
public:
    workflow::Awaitable<void> grants_changed(std::vector<store::GrantCountdown> grants) override;
    workflow::Awaitable<Result<void>> read_grants_anew() override;
    workflow::Awaitable<void> session_kill_asked(SessionId id, std::string by) override;
    void sessions_changed() override { ++session_changes; }
    workflow::Awaitable<Result<void>> use(config::Config config) override;

    std::vector<store::GrantCountdown> grants;
    std::vector<std::string> kills;  // `s-… by root`
    int read_anew = 0;
    int session_changes = 0;
    std::vector<config::Config> configurations;
    std::optional<Error> refusal;  // what use() answers
};

}  // namespace curfew::test
