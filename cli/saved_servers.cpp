#include "cli/saved_servers.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cerrno>
#include <cstdlib>
#include <functional>
#include <system_error>
#include <utility>

#include "base/time_text.hpp"
#include "cli/file_descriptor.hpp"
#include "cli/json_access.hpp"

namespace curfew::cli {
namespace {

namespace json = boost::json;
namespace fs = std::filesystem;

constexpr const char* file_name = "servers.json";
constexpr std::size_t longest_file = 1'048'576;

Failure system_failure(std::string_view doing, const fs::path& path, int error) {
    return {ExitCode::failed, fmt::format("Cannot {} {}: {}", doing, path.string(),
                                          std::error_code{error, std::generic_category()}.message())};
}

Outcome<void> make_directory(const fs::path& directory) {
    std::error_code error;
    fs::create_directories(directory.parent_path(), error);
    if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
        return system_failure("make", directory, errno);
    }
    return {};
}

SavedServer read_server(std::string_view url, const json::value& entry) {
    SavedServer server;
    server.url = url;
    server.user = text_of(entry, "user");
    server.ca_file = text_of(entry, "ca_file");
    const auto& token = member_of(entry, "token");
    if (token.is_string()) server.token = Secret{std::string{token.get_string()}};
    server.expires_at = instant_of(entry, "expires_at");
    return server;
}

json::object write_server(const SavedServer& server) {
    json::object entry{{"user", server.user}};
    if (!server.ca_file.empty()) entry["ca_file"] = server.ca_file;
    // The one place where it is written: a file that only its owner can read.
    entry["token"] = server.token.reveal();
    if (server.expires_at) entry["expires_at"] = format_utc(*server.expires_at);
    return entry;
}

// One run at a time changes the file.
Outcome<FileDescriptor> lock(const fs::path& directory) {
    if (auto made = make_directory(directory); !made) return made.error();
    const auto path = directory / ".lock";
    FileDescriptor file{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
    if (!file.is_open()) return system_failure("open", path, errno);
    while (::flock(file.get(), LOCK_EX) != 0) {
        if (errno != EINTR) return system_failure("lock", path, errno);
    }
    return file;
}

}  // namespace

fs::path SavedServers::default_directory() {
    // NOLINTBEGIN(concurrency-mt-unsafe): this program has one thread
    const char* config = std::getenv("XDG_CONFIG_HOME");
    if (config != nullptr && *config == '/') return fs::path{config} / "curfew";
    const char* home = std::getenv("HOME");
    if (home == nullptr || *home == '\0') {
        const passwd* entry = ::getpwuid(::getuid());
        home = entry == nullptr ? "/" : entry->pw_dir;
    }
    // NOLINTEND(concurrency-mt-unsafe)
    return fs::path{home} / ".config" / "curfew";
}

const SavedServer* SavedServers::find(std::string_view url) const noexcept {
    const auto found = std::find_if(servers_.begin(), servers_.end(),
                                    [&](const SavedServer& server) { return server.url == url; });
    return found == servers_.end() ? nullptr : &*found;
}

Outcome<SavedServers> SavedServers::load(const fs::path& directory) {
    SavedServers saved;
    const auto path = directory / file_name;
    const FileDescriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!file.is_open()) {
        if (errno == ENOENT || errno == ENOTDIR) return saved;
        return system_failure("read", path, errno);
    }
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) return system_failure("read", path, errno);
    if (status.st_uid != ::geteuid() || (status.st_mode & 077U) != 0) {
        return Failure{ExitCode::forbidden,
                       fmt::format("{} is not yours alone, and the tokens in it may be known to others: sign "
                                   "out of those servers on their pages, delete the file, and sign in again",
                                   path.string())};
    }
    auto text = read_all(file, longest_file);
    if (!text) return system_failure("read", path, EIO);
    json::error_code error;
    const auto document = json::parse(*text, error);
    const auto& servers = member_of(document, "servers");
    if (error || !servers.is_object()) {
        return Failure{ExitCode::failed,
                       fmt::format("{} is damaged: delete it, and sign in again", path.string())};
    }
    saved.current_ = text_of(document, "current");
    for (const auto& [url, entry] : servers.get_object())
        saved.servers_.push_back(read_server(url, entry));
    return saved;
}

Outcome<void> SavedServers::save(const fs::path& directory) const {
    json::object servers;
    for (const auto& server : servers_)
        servers[server.url] = write_server(server);
    const auto text =
        json::serialize(json::object{{"current", current_}, {"servers", std::move(servers)}}) + "\n";
    // Whole or not at all, and never readable by others: mkstemp makes it 0600.
    std::string temporary = (directory / "servers.XXXXXX").string();
    const FileDescriptor file{::mkostemp(temporary.data(), O_CLOEXEC)};
    if (!file.is_open()) return system_failure("write in", directory, errno);
    const auto path = directory / file_name;
    if (!write_all(file, text) || ::fsync(file.get()) != 0 ||
        ::rename(temporary.c_str(), path.c_str()) != 0) {
        const int error = errno;
        ::unlink(temporary.c_str());
        return system_failure("write", path, error);
    }
    return {};
}

Outcome<void> SavedServers::keep(const fs::path& directory, SavedServer server) {
    const auto locked = lock(directory);
    if (!locked) return locked.error();
    auto saved = load(directory);
    if (!saved) return saved.error();
    std::erase_if(saved->servers_, [&](const SavedServer& other) { return other.url == server.url; });
    saved->current_ = server.url;
    saved->servers_.push_back(std::move(server));
    return saved->save(directory);
}

Outcome<void> SavedServers::forget(const fs::path& directory, std::string_view url) {
    const auto locked = lock(directory);
    if (!locked) return locked.error();
    auto saved = load(directory);
    if (!saved) return saved.error();
    std::erase_if(saved->servers_, [&](const SavedServer& other) { return other.url == url; });
    if (saved->current_ == url) {
        saved->current_ = saved->servers_.size() == 1 ? saved->servers_.front().url : "";
    }
    return saved->save(directory);
}

}  // namespace curfew::cli
