#include "apps/check_config.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <ostream>
#include <string_view>
#include <variant>

#include "base/text.hpp"
#include "config/load.hpp"

namespace curfew::apps {
namespace {

std::string counted(std::size_t count, std::string_view what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

}  // namespace

void print_problems(std::ostream& err, const std::vector<config::Problem>& problems) {
    for (const config::Problem& problem : problems)
        err << config::to_string(problem) << '\n';
}

std::string summary(const config::Config& config) {
    return fmt::format("{}, {}, {}, {}, {}", counted(config.listeners.size(), "listener"),
                       counted(config.resources.size(), "resource"), counted(config.users.size(), "user"),
                       counted(config.groups.size(), "group"), counted(config.rules.size(), "rule"));
}

bool check_config(const std::string& file, std::ostream& out, std::ostream& err) {
    const config::LoadResult loaded = config::load_file(file);
    if (const auto* problems = std::get_if<std::vector<config::Problem>>(&loaded)) {
        print_problems(err, *problems);
        return false;
    }
    const auto& config = std::get<config::Config>(loaded);
    print_problems(err, config.remarks);
    out << printable(file, 4096) << " is valid: " << summary(config) << '\n';
    return true;
}

}  // namespace curfew::apps
