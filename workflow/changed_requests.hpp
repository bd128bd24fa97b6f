// Which requests have changed, on whatever node.
#pragma once

#include <optional>
#include <set>
#include <vector>

#include "base/ids.hpp"
#include "store/requests.hpp"

namespace curfew::workflow {

// nullopt: any of them may have.
using ChangedRequests = std::optional<std::set<RequestId>>;

// Those of what was written.
ChangedRequests changed_by(const std::vector<store::ChangedRequest>& changes);

}  // namespace curfew::workflow
