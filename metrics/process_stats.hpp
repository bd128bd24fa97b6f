// What the kernel knows of this process, for the process_* metrics.
#pragma once

#include <optional>

namespace curfew::metrics {

struct ProcessStats {
    double cpu_seconds = 0;  // user and system, since the start
    double resident_bytes = 0;
    double open_fds = 0;
    double max_fds = 0;             // the soft limit; +Inf if there is none
    double start_time_seconds = 0;  // Unix time
};

// nullopt where /proc does not tell (not mounted, or hidden by a sandbox).
std::optional<ProcessStats> read_process_stats();

}  // namespace curfew::metrics
