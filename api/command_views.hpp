// Commands that are asked for, and what came of them, as the API shows them.
#pragma once

#include <boost/json/value.hpp>
#include <optional>

#include "policy/command.hpp"

namespace curfew::api {

// How much of a request is shown.
enum class Extent {
    brief,  // in lists and events, where there are many
    whole,  // alone
};

// null where there is none. In it what would be invisible is shown as `\xNN`. Brief: at most so much of its
// texts, and no output.
boost::json::value view(const std::optional<policy::Command>& command, Extent extent);
boost::json::value view(const std::optional<policy::CommandResult>& result, Extent extent);

}  // namespace curfew::api
