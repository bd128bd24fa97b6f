// What the person's environment says.
#pragma once

#include <string>

namespace curfew::cli {

// Empty where it is not set.
std::string environment(const char* name);

}  // namespace curfew::cli
