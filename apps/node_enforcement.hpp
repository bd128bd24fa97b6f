// The node, as the desk and the registry reach it.
#pragma once

#include <utility>
#include <vector>

#include "proxy/node.hpp"
#include "workflow/enforcement.hpp"

namespace curfew::apps {

class NodeEnforcement final : public workflow::Enforcement {
public:
    // To be called once the node has started, before anything is decided.
    void attach(proxy::Node& node) noexcept { node_ = &node; }

    workflow::Awaitable<void> grants_changed(std::vector<store::GrantCountdown> grants) override {
        return node_->grants_changed(std::move(grants));
    }
    workflow::Awaitable<Result<void>> use(config::Config config) override {
        return node_->use(std::move(config));
    }

private:
    proxy::Node* node_ = nullptr;
};

}  // namespace curfew::apps
