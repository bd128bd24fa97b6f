// `curfew report`: who had what in a time, by whose approval, and what it was used for.
#pragma once

#include <string>

#include "cli/output.hpp"

namespace curfew::cli {

struct ReportChoice {
    std::string since = "30d";  // as people type it
    std::string until;          // empty: now
    std::string resource;       // empty: all
    std::string user;           // empty: everybody
    bool csv = false;
};

ExitCode report_accesses(const Context& context, const ReportChoice& choice);

}  // namespace curfew::cli
