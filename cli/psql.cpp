#include "cli/psql.hpp"

#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <string_view>
#include <system_error>

namespace curfew::cli {
namespace {

constexpr const char* service_name = "service.conf";
constexpr const char* pgpass_name = "pgpass";

// What libpq would prefer to the service file, or take for another server's, and what is not psql's business.
constexpr std::array dropped{"PGHOST",     "PGHOSTADDR", "PGPORT",        "PGUSER",
                             "PGDATABASE", "PGSERVICE",  "PGSERVICEFILE", "CURFEW_TOKEN"};
constexpr std::array dropped_with_credential{"PGPASSWORD", "PGPASSFILE"};

template <class Names>
bool names(const Names& list, std::string_view name) {
    return std::find(list.begin(), list.end(), name) != list.end();
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    pointers.reserve(texts.size() + 1);
    for (auto& text : texts)
        pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

// The same line whatever the database: `-d` may name another one of the resource's, and what other resources
// take is another password.
std::string for_any_database(std::string_view line) {
    std::vector<std::size_t> colons;
    for (std::size_t at = 0; at < line.size(); ++at) {
        if (line[at] == '\\') {
            ++at;  // what it stands before is meant as it is
        } else if (line[at] == ':') {
            colons.push_back(at);
        }
    }
    if (colons.size() < 3) return std::string{line};
    return fmt::format("{}*{}", line.substr(0, colons[1] + 1), line.substr(colons[2]));
}

}  // namespace

std::vector<std::string> psql_environment(const ConnectionFiles& files, const std::string& directory) {
    std::vector<std::string> environment;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text{*entry};
        const auto name = text.substr(0, text.find('='));
        if (names(dropped, name) || (!files.pgpass.empty() && names(dropped_with_credential, name))) continue;
        environment.emplace_back(text);
    }
    environment.push_back(fmt::format("PGSERVICEFILE={}/{}", directory, service_name));
    environment.push_back("PGSERVICE=" + files.service);
    if (!files.pgpass.empty()) environment.push_back(fmt::format("PGPASSFILE={}/{}", directory, pgpass_name));
    return environment;
}

Outcome<Psql> Psql::start(const ConnectionFiles& files, const std::vector<std::string>& arguments,
                          const Signals& signals) {
    auto directory = PrivateDirectory::make();
    if (!directory) return directory.error();
    if (const auto written = directory->write(service_name, files.service_file); !written)
        return written.error();
    if (!files.pgpass.empty()) {
        const auto written =
            directory->write(pgpass_name, files.pgpass + "\n" + for_any_database(files.pgpass) + "\n");
        if (!written) return written.error();
    }
    std::vector<std::string> words{"psql"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    auto environment = psql_environment(files, directory->path().string());
    posix_spawnattr_t attributes;
    ::posix_spawnattr_init(&attributes);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    ::posix_spawnattr_setsigmask(&attributes, &signals.mask_before());
    pid_t pid = -1;
    const int error = ::posix_spawnp(&pid, "psql", nullptr, &attributes, pointers_to(words).data(),
                                     pointers_to(environment).data());
    ::posix_spawnattr_destroy(&attributes);
    if (error != 0) {
        return Failure{
            ExitCode::failed,
            fmt::format("Cannot run psql: {}. Install it (postgresql-client), or take what --print gives "
                        "to another program",
                        std::error_code{error, std::generic_category()}.message())};
    }
    return Psql{std::move(*directory), pid};
}

std::optional<int> Psql::exit_code() {
    if (exit_code_) return exit_code_;
    int status = 0;
    const auto ended = ::waitpid(pid_, &status, WNOHANG);
    if (ended == pid_) exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    if (ended < 0 && errno == ECHILD) exit_code_ = static_cast<int>(ExitCode::failed);
    return exit_code_;
}

void Psql::send(int signal) const {
    if (!exit_code_) ::kill(pid_, signal);
}

}  // namespace curfew::cli
