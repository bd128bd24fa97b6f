// Commands and what came of them, as JSON documents in the store.
#pragma once

#include <string>
#include <string_view>

#include "policy/command.hpp"

namespace curfew::store {

std::string to_json(const policy::Command& command);
// `result`: of texts in UTF-8, as policy::keepable() gives it.
std::string to_json(const policy::CommandResult& result);

// What to_json() wrote. std::runtime_error, naming the request that it is of: it is something else; every
// member is looked at, so that nobody approves, or is shown, half of a command.
policy::Command read_command(std::string_view json, std::string_view request);
policy::CommandResult read_command_result(std::string_view json, std::string_view request);

}  // namespace curfew::store
