#include "apps/process_identity.hpp"

#include <unistd.h>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>

#include "base/ids.hpp"

namespace curfew::apps {
namespace {

constexpr char separator = '/';

std::string first_line(const std::string& path) {
    std::ifstream file{path};
    std::string line;
    std::getline(file, line);
    return line;
}

// The host as it runs since it was started, and the process numbers that are seen from here; empty: not
// known.
std::string surroundings() {
    const std::string boot = first_line("/proc/sys/kernel/random/boot_id");
    std::error_code unreadable;
    const std::string numbers = std::filesystem::read_symlink("/proc/self/ns/pid", unreadable).string();
    if (boot.empty() || unreadable) return {};
    return boot + separator + numbers;
}

// What tells a process from a later one with its number; empty: none runs that has it.
std::string start_of(const std::string& pid) {
    const std::string line = first_line("/proc/" + pid + "/stat");
    // Behind its name, which may hold anything: the state, then 18 more fields before the start.
    const std::size_t name_end = line.rfind(')');
    if (name_end == std::string::npos) return {};
    std::string_view rest = std::string_view{line}.substr(name_end + 1);
    for (int field = 0;; ++field) {
        const std::size_t begin = rest.find_first_not_of(' ');
        if (begin == std::string_view::npos) return {};
        rest.remove_prefix(begin);
        const std::string_view value = rest.substr(0, rest.find(' '));
        if (field == 0 && (value == "Z" || value == "X")) return {};
        if (field == 19) return std::string{value};
        rest.remove_prefix(value.size());
    }
}

}  // namespace

std::string process_identity() {
    const std::string pid = std::to_string(::getpid());
    return surroundings() + separator + pid + separator + start_of(pid) + separator +
           detail::random_id_text();
}

bool is_known_to_have_ended(const std::string& identity) {
    const std::string here = surroundings() + separator;
    if (here.size() == 1 || !identity.starts_with(here)) return false;
    const std::string rest = identity.substr(here.size());
    const std::size_t pid_end = rest.find(separator);
    if (pid_end == std::string::npos || pid_end == 0) return false;
    const std::size_t start_end = rest.find(separator, pid_end + 1);
    if (start_end == std::string::npos) return false;
    const std::string pid = rest.substr(0, pid_end);
    if (pid.find_first_not_of("0123456789") != std::string::npos) return false;
    return start_of(pid) != rest.substr(pid_end + 1, start_end - pid_end - 1);
}

std::string node_name() {
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return "localhost";
    return name.data();
}

}  // namespace curfew::apps
