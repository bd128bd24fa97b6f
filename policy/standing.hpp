// Whether what a request stands on still stands. For lifecycle.cpp.
#pragma once

#include <optional>
#include <string>

#include "policy/lifecycle.hpp"

namespace curfew::policy {

// Why a PENDING request may no longer be asked for, or an APPROVED one no longer be used, in a few words;
// nullopt: it may. Judged by the directory and the rules as they are now.
std::optional<std::string> right_lost(const Request& request, const Circumstances& circumstances);

}  // namespace curfew::policy
