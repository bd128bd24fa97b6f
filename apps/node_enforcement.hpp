// The node, as the desk and the registry reach it.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "proxy/node.hpp"
#include "workflow/enforcement.hpp"

namespace curfew::apps {

class NodeEnforcement final : public workflow::Enforcement {
public:
    // To be called once the node has started, before anything is decided. `used` is told what the node runs
    // under, each time that this changes.
    void attach(proxy::Node& node, std::function<void(const config::Config&)> used) {
        node_ = &node;
        used_ = std::move(used);
    }

    workflow::Awaitable<void> grants_changed(std::vector<store::GrantCountdown> grants) override {
        return node_->grants_changed(std::move(grants));
    }
    workflow::Awaitable<Result<void>> read_grants_anew() override { return node_->read_grants_anew(); }
    workflow::Awaitable<void> session_kill_asked(SessionId id, std::string by) override {
        auto killing = node_->kill(id, by);
        const auto killed = co_await std::move(killing);
        if (killed) log::info("session.kill_heard", {{"session", id.text()}, {"actor", by}});
    }
    void sessions_changed() override { node_->sessions_changed(); }
    workflow::Awaitable<Result<void>> use(config::Config config) override {
        auto using_it = node_->use(config);
        auto used = co_await std::move(using_it);
        if (used) used_(config);
        co_return used;
    }

private:
    proxy::Node* node_ = nullptr;
    std::function<void(const config::Config&)> used_;
};

}  // namespace curfew::apps
