// What a reload cannot change in a running node.
#pragma once

#include <string>
#include <vector>

#include "config/config.hpp"

namespace curfew::config {

// One sentence for each setting that differs and stays as it is until curfewd is restarted: its key, the
// value in force and the value wanted. Empty: all of `wanted` can be applied live.
std::vector<std::string> needs_restart(const Config& running, const Config& wanted);

// Sets what needs_restart speaks of in `wanted` to what `running` has.
void keep_until_restart(const Config& running, Config& wanted);

}  // namespace curfew::config
