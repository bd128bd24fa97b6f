#include "apps/dev_mode.hpp"

#include <fmt/format.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <optional>
#include <sstream>
#include <system_error>
#include <utility>

#include "api/peer_identity.hpp"
#include "apps/dev_screen.hpp"
#include "apps/process_identity.hpp"
#include "apps/process_setup.hpp"
#include "apps/service.hpp"
#include "apps/version.hpp"
#include "base/log.hpp"
#include "cli/terminal.hpp"
#include "store/store.hpp"

namespace curfew::apps {
namespace {

namespace filesystem = std::filesystem;

// A directory of this user's alone, removed with everything in it.
class TemporaryDirectory {
public:
    static Result<TemporaryDirectory> make() {
        std::error_code error;
        const auto parent = filesystem::temp_directory_path(error);
        if (error) return cannot_make(error.message());
        std::string path = parent / "curfew-dev-XXXXXX";
        if (::mkdtemp(path.data()) == nullptr) return cannot_make(std::generic_category().message(errno));
        return TemporaryDirectory{std::move(path)};
    }
    TemporaryDirectory(TemporaryDirectory&& other) noexcept : path_{std::exchange(other.path_, {})} {}
    TemporaryDirectory& operator=(TemporaryDirectory&&) = delete;
    ~TemporaryDirectory() {
        if (path_.empty()) return;
        std::error_code error;
        filesystem::remove_all(path_, error);
        if (error) log::warning("dev.directory_not_removed", {{"path", path_}, {"error", error.message()}});
    }
    const std::string& path() const noexcept { return path_; }

private:
    explicit TemporaryDirectory(std::string path) : path_{std::move(path)} {}
    static Error cannot_make(const std::string& why) {
        return {ErrorCode::unavailable,
                fmt::format("cannot make a temporary directory: {}; set TMPDIR to a directory that can be "
                            "written",
                            why)};
    }

    std::string path_;
};

bool is_program(const filesystem::path& path) {
    std::error_code ignored;
    return filesystem::is_regular_file(path, ignored) && ::access(path.c_str(), X_OK) == 0;
}

// How to call the curfew command here: by its name where PATH has it, else by its place beside this program.
std::string curfew_command() {
    const char* path = std::getenv("PATH");  // NOLINT(concurrency-mt-unsafe): nothing here sets it
    std::istringstream directories{path == nullptr ? "" : path};
    for (std::string directory; std::getline(directories, directory, ':');) {
        if (is_program(filesystem::path{directory} / "curfew")) return "curfew";
    }
    std::error_code error;
    const auto beside = filesystem::read_symlink("/proc/self/exe", error).parent_path() / "curfew";
    return !error && is_program(beside) ? beside.string() : "curfew";
}

// Gives the grants of the command line, then shows the screen.
proxy::Awaitable<Result<void>> greet(proxy::Node& node, DevOptions options, DevScreen screen,
                                     cli::Terminal terminal) {
    for (const DevGrant& wanted : options.grants) {
        store::NewGrant grant;
        grant.subject = wanted.subject;
        grant.resource = dev_resource;
        grant.length = wanted.length;
        grant.reason = "curfewd dev --grant";
        grant.given_by = screen.user;
        auto giving = node.grant(std::move(grant));
        auto given = co_await std::move(giving);
        if (!given) co_return given.error();
        screen.grants.push_back(std::move(*given));
    }
    for (const auto& opened : node.opened())
        screen.listen = opened.address;
    std::cout << render(screen, terminal) << std::flush;
    co_return Result<void>{};
}

}  // namespace

Result<void> run_dev_mode(const DevOptions& options) {
    hold_stop_signals();  // until the service hears them: the directory is not to be left behind
    auto directory = TemporaryDirectory::make();
    if (!directory) return directory.error();
    auto config = dev_config(options, directory->path());
    if (!config) return config.error();
    log::configure(std::nullopt, config->log.level);

    DevScreen screen;
    screen.upstream = options.upstream;
    screen.admin_socket = config->admin_socket;
    screen.curfew = curfew_command();
    screen.user = api::actor_name(::getuid());
    screen.admin_user = options.admin_user;
    const cli::Terminal terminal = cli::look_at_terminal(true);

    ServiceOptions service;
    service.declared.config = std::move(*config);
    service.node.version = version;
    service.node.name = node_name();
    service.before_ready = [&](proxy::Node& node, config::Endpoint metrics) {
        screen.metrics = std::move(metrics);
        return greet(node, options, screen, terminal);
    };
    return run_service(std::move(service));
}

}  // namespace curfew::apps
