// What became of the sessions between two looks at them.
#pragma once

#include <string>
#include <vector>

#include "base/clock.hpp"
#include "cli/session_row.hpp"

namespace curfew::cli {

struct SessionChange {
    enum class Kind { started, ending, ended, moved };

    Kind kind{};
    SessionRow session;  // as it stands now; for `ended`, as it was last seen
    Duration by{};       // for `moved`: how much later its deadline is; negative: earlier
};

// In the order of `after`, then those that are gone. A deadline counts as moved from one second on: what is
// left is measured anew each time.
std::vector<SessionChange> session_changes(const std::vector<SessionRow>& before,
                                           const std::vector<SessionRow>& after);

enum class NameNode { no, yes };

// `started  s-… alice prod/orders 192.0.2.7:51234, 1h59m left`; with its node, `… 192.0.2.7:51234 on gate-a,
// …`.
std::string describe(const SessionChange& change, BootInstant now, NameNode node = NameNode::no);

}  // namespace curfew::cli
