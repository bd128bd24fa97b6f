#include "recording/open_storage.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "base/text.hpp"
#include "recording/local_storage.hpp"
#include "recording/s3_storage.hpp"

namespace curfew::recording {
namespace {

// A disk may be full or read-only, and nobody notices before the first session.
Result<void> try_to_write(const std::string& directory) {
    const std::string path = directory + "/.probe-" + std::to_string(::getpid());
    int problem = 0;
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0) {
        problem = errno;
    } else {
        std::array<char, 4096> bytes{};
        errno = 0;
        if (::write(file, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()))
            problem = errno != 0 ? errno : ENOSPC;
        if (problem == 0 && ::fsync(file) != 0) problem = errno;
        ::close(file);
        ::unlink(path.c_str());
    }
    if (problem == 0) return {};
    return Error{ErrorCode::unavailable,
                 fmt::format("nothing can be written to {}, where sessions are to be recorded "
                             "(recordings.directory): {}",
                             printable(directory, 4096), std::strerror(problem))};
}

}  // namespace

Result<std::unique_ptr<RecordingStorage>> open_storage(const config::Recordings& settings, const Clock& clock,
                                                       metrics::RecordingMetrics& metrics) {
    auto local = LocalStorage::open(settings.directory, clock);
    if (!local) return local.error();
    if (auto written = try_to_write(settings.directory); !written) return written.error();
    std::unique_ptr<RecordingStorage> directory = std::move(*local);
    if (!settings.s3) return directory;
    auto storage = S3Storage::open(std::move(directory),
                                   S3Storage::setup_of(*settings.s3, settings.on_failure), clock, metrics);
    if (!storage) return storage.error();
    return std::unique_ptr<RecordingStorage>{std::move(*storage)};
}

}  // namespace curfew::recording
