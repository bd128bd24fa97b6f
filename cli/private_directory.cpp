#include "cli/private_directory.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "cli/file_descriptor.hpp"

namespace curfew::cli {
namespace {

std::string reason() {
    return std::error_code{errno, std::generic_category()}.message();
}

std::string parent() {
    for (const char* name : {"XDG_RUNTIME_DIR", "TMPDIR"}) {
        const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nothing sets it
        if (value != nullptr && *value == '/' && ::access(value, W_OK | X_OK) == 0) return value;
    }
    return "/tmp";
}

}  // namespace

Outcome<PrivateDirectory> PrivateDirectory::make() {
    std::string path = parent() + "/curfew.XXXXXX";
    if (::mkdtemp(path.data()) == nullptr) {
        return Failure{ExitCode::failed, fmt::format("Cannot make a directory {}: {}", path, reason())};
    }
    return PrivateDirectory{path};
}

Outcome<std::filesystem::path> PrivateDirectory::write(std::string_view name,
                                                       std::string_view content) const {
    auto file_path = path_ / name;
    const FileDescriptor file{
        ::open(file_path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)};
    if (!file.is_open() || !write_all(file, content)) {
        return Failure{ExitCode::failed, fmt::format("Cannot write {}: {}", file_path.string(), reason())};
    }
    return file_path;
}

void PrivateDirectory::remove() noexcept {
    if (path_.empty()) return;
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

}  // namespace curfew::cli
