// What somebody can do to a request by a button.
#pragma once

#include <optional>
#include <string_view>

namespace curfew::notify::slack {

enum class Act {
    approve,    // for all that was asked for
    shorten,    // approve for less, by a modal
    reject,     // with a reason, by a modal
    revoke,     // at once
    open_page,  // a link; Slack tells of it all the same
};

// The button's action_id: `curfew_approve` …
std::string_view action_id(Act act);
std::optional<Act> parse_action_id(std::string_view text);

}  // namespace curfew::notify::slack
