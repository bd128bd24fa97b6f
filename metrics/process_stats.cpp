#include "metrics/process_stats.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <sstream>
#include <string>
#include <system_error>

namespace curfew::metrics {
namespace {

// The fields of /proc/self/stat behind the command's name: that may hold blanks and parentheses itself, so
// counting begins at the last `)`. Numbers in proc(5) start at 1; field 3 is the first one here.
struct StatFields {
    unsigned long utime = 0;           // 14, clock ticks
    unsigned long stime = 0;           // 15
    unsigned long long starttime = 0;  // 22, clock ticks after boot
    long rss = 0;                      // 24, pages
};

std::optional<StatFields> read_stat() {
    std::ifstream file{"/proc/self/stat"};
    const std::string line{std::istreambuf_iterator<char>{file}, {}};
    const auto name_end = line.rfind(')');
    if (name_end == std::string::npos) return std::nullopt;
    std::istringstream fields{line.substr(name_end + 1)};
    StatFields stat;
    std::string skipped;
    for (int number = 3; number <= 24; ++number) {
        switch (number) {
            case 14:
                fields >> stat.utime;
                break;
            case 15:
                fields >> stat.stime;
                break;
            case 22:
                fields >> stat.starttime;
                break;
            case 24:
                fields >> stat.rss;
                break;
            default:
                fields >> skipped;
        }
    }
    if (!fields) return std::nullopt;
    return stat;
}

// When the machine booted, in Unix time.
std::optional<double> read_boot_time() {
    std::ifstream file{"/proc/stat"};
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("btime ")) return std::stod(line.substr(6));
    }
    return std::nullopt;
}

std::optional<double> count_open_fds() {
    std::error_code error;
    const std::filesystem::directory_iterator entries{"/proc/self/fd", error};
    if (error) return std::nullopt;
    // One of them is the descriptor that lists the others.
    return static_cast<double>(std::distance(begin(entries), end(entries)) - 1);
}

double soft_fd_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) {
        return std::numeric_limits<double>::infinity();
    }
    return static_cast<double>(limit.rlim_cur);
}

}  // namespace

std::optional<ProcessStats> read_process_stats() {
    const auto stat = read_stat();
    const auto boot_time = read_boot_time();
    const auto open_fds = count_open_fds();
    if (!stat || !boot_time || !open_fds) return std::nullopt;
    const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
    ProcessStats stats;
    stats.cpu_seconds = static_cast<double>(stat->utime + stat->stime) / ticks;
    stats.resident_bytes = static_cast<double>(stat->rss) * static_cast<double>(::sysconf(_SC_PAGESIZE));
    stats.open_fds = *open_fds;
    stats.max_fds = soft_fd_limit();
    stats.start_time_seconds = *boot_time + static_cast<double>(stat->starttime) / ticks;
    return stats;
}

}  // namespace curfew::metrics
