// `curfew recordings` and `curfew search`.
#pragma once

#include <cstddef>
#include <string>

#include "cli/output.hpp"

namespace curfew::cli {

// What recordings are narrowed by; empty: not.
struct RecordingFilter {
    std::string user;
    std::string resource;
    std::string since;  // as a person types it
    std::string until;
};

ExitCode list_recordings(const Context& context, const RecordingFilter& filter, std::size_t at_most);

struct SearchOptions {
    std::string text;
    bool regex = false;
    bool case_sensitive = false;
    std::size_t at_most = 1'000;  // hits
    RecordingFilter filter;
};
// Each hit as soon as it is found; with --json each as a line. ExitCode::not_found where there is none.
ExitCode search_recordings(const Context& context, const SearchOptions& options);

}  // namespace curfew::cli
