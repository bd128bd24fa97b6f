// `curfew sessions` and `curfew kill`.
#pragma once

#include <cstddef>
#include <string>

#include "cli/output.hpp"

namespace curfew::cli {

ExitCode list_sessions(const Context& context);

// What past sessions are narrowed by; empty: not.
struct PastFilter {
    std::string user;
    std::string resource;
    std::string since;  // as a person types it
    std::string until;
    std::string cause;
    std::string outcome;
    std::size_t at_most = 50;
};
ExitCode list_past_sessions(const Context& context, const PastFilter& filter);
ExitCode kill_session(const Context& context, const std::string& id);

}  // namespace curfew::cli
