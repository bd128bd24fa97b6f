#include "config/environment.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

namespace curfew::config {
namespace {

class Descriptor {
public:
    explicit Descriptor(int fd) : fd_{fd} {}
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const noexcept { return fd_; }

private:
    int fd_;
};

Error unreadable(int error) {
    if (error == ENOENT || error == ENOTDIR) return {ErrorCode::not_found, "it does not exist"};
    if (error == EACCES || error == EPERM) {
        return {ErrorCode::forbidden, fmt::format("this user (uid {}) may not read it", ::geteuid())};
    }
    return {ErrorCode::unavailable, std::generic_category().message(error)};
}

}  // namespace

Result<File> SystemEnvironment::read_file(const std::string& path, std::size_t limit) const {
    const Descriptor descriptor{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)};
    if (descriptor.get() < 0) return unreadable(errno);
    struct stat status {};
    if (::fstat(descriptor.get(), &status) != 0) return unreadable(errno);
    if (!S_ISREG(status.st_mode)) return Error{ErrorCode::invalid, "it is not a regular file"};

    // One byte more than allowed tells a file that is too large; never grown, so that no copy of a secret
    // stays behind in freed memory.
    std::string content(limit + 1, '\0');
    std::size_t size = 0;
    while (size < content.size()) {
        const ssize_t got = ::read(descriptor.get(), content.data() + size, content.size() - size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return unreadable(errno);
        if (got == 0) break;
        size += static_cast<std::size_t>(got);
    }
    Secret buffer{std::move(content)};
    if (size > limit) return Error{ErrorCode::invalid, fmt::format("it is larger than {} bytes", limit)};
    return File{Secret{std::string{buffer.reveal().substr(0, size)}}, status.st_mode};
}

std::optional<std::string> SystemEnvironment::variable(const std::string& name) const {
    // Nothing in this process changes the environment, so reading it is safe on any thread.
    const char* value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe)
    if (value == nullptr) return std::nullopt;
    return std::string{value};
}

}  // namespace curfew::config
