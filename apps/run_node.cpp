#include "apps/run_node.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <ostream>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include "apps/check_config.hpp"
#include "apps/process_identity.hpp"
#include "apps/service.hpp"
#include "apps/service_manager.hpp"
#include "apps/version.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "config/load.hpp"

namespace curfew::apps {
namespace {

// So that a reload reads the same file whatever becomes of the working directory.
std::string absolute(const std::string& file) {
    std::error_code error;
    const auto path = std::filesystem::absolute(file, error);
    return error ? file : path.string();
}

Error refused(const std::string& file, const std::vector<config::Problem>& problems, std::ostream& err) {
    print_problems(err, problems);
    Error error{ErrorCode::invalid,
                fmt::format("not started: {} {} in {}", problems.size(),
                            problems.size() == 1 ? "problem" : "problems", printable(file, 4096))};
    std::string all = error.message;
    for (const auto& problem : problems)
        all += "; " + config::to_string(problem);
    log_failure({}, all);
    return error;
}

}  // namespace

Result<void> run_node(const std::string& config_file, std::ostream& err) {
    auto sockets = inherited_sockets();
    if (!sockets) return sockets.error();
    const std::string file = absolute(config_file);
    auto loaded = config::load_declared(file);
    if (const auto* problems = std::get_if<std::vector<config::Problem>>(&loaded)) {
        return refused(file, *problems, err);
    }
    ServiceOptions options;
    options.declared = std::get<config::Declared>(std::move(loaded));
    options.node.version = version;
    const std::string& name = options.declared.config.node;
    options.node.name = name.empty() ? node_name() : name;
    options.node.config_file = file;
    options.read_declared = [file] { return config::load_declared(file); };
    options.node.inherited = std::move(*sockets);
    const config::LogSettings& settings = options.declared.config.log;
    log::configure(settings.format, settings.level);
    return run_service(std::move(options));
}

}  // namespace curfew::apps
