// What a node tells the others that share its store about itself.
#pragma once

#include <optional>

#include "config/config.hpp"
#include "proxy/control.hpp"
#include "store/nodes.hpp"

namespace curfew::apps {

// Its version, where clients reach it, and what it has: as it stands, or, without `status`, as it will once
// it has started. The rest is the caller's to say.
store::NodeReport report_of(const config::Config& config, const std::optional<proxy::NodeStatus>& status);

}  // namespace curfew::apps
