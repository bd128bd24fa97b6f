#include "recording/local_directory.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace curfew::recording {
namespace {

constexpr mode_t owner_file = S_IRUSR | S_IWUSR;
constexpr mode_t owner_directory = S_IRWXU;
constexpr int directory_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
// How often a directory is made again that retention took away while it was still empty.
constexpr int attempts = 5;

bool lock_for_writing(int descriptor) {
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    return ::fcntl(descriptor, F_OFD_SETLK, &lock) == 0;
}

Error none_for(const RecordingKey& key) {
    return {
        ErrorCode::not_found,
        fmt::format("There is no recording of session {} here: it was not recorded, or not on this node, or "
                    "its recording was kept for long enough",
                    key.session.text())};
}

// -1 with errno, as openat(2).
int open_directory(int above, const std::string& name, bool make) {
    const int opened = ::openat(above, name.c_str(), directory_flags);
    if (opened >= 0 || errno != ENOENT || !make) return opened;
    if (::mkdirat(above, name.c_str(), owner_directory) != 0 && errno != EEXIST) return -1;
    return ::openat(above, name.c_str(), directory_flags);
}

}  // namespace

FileHandle::~FileHandle() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

FileHandle& FileHandle::operator=(FileHandle&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
}

Error LocalDirectory::failed(std::string_view what, const RecordingKey& key, int why) const {
    if (why == ENOSPC || why == EDQUOT) {
        return {
            ErrorCode::unavailable,
            fmt::format("The disk is full: the recording {}/{} {}; make room there, or keep recordings for "
                        "less long (recordings.keep_for, recordings.keep_bytes)",
                        path, path_of(key), what)};
    }
    return {ErrorCode::unavailable,
            fmt::format("The recording {}/{} {}: {}; see to it that curfewd may write there", path,
                        path_of(key), what, std::strerror(why))};
}

std::string file_name_of(const RecordingKey& key) {
    const std::string path = path_of(key);
    return path.substr(path.rfind('/') + 1);
}

Result<FileHandle> open_day(const LocalDirectory& root, const RecordingKey& key, bool make) {
    const std::string path = path_of(key);
    FileHandle handle;
    int above = root.handle.get();
    for (std::size_t begin = 0, end = path.find('/'); end != std::string::npos;
         begin = end + 1, end = path.find('/', begin)) {
        FileHandle below{open_directory(above, path.substr(begin, end - begin), make)};
        if (!below && errno == ENOENT) return none_for(key);
        if (!below) return root.failed("cannot be reached", key, errno);
        handle = std::move(below);
        above = handle.get();
    }
    return handle;
}

Result<FileHandle> open_stored(const LocalDirectory& root, const RecordingKey& key) {
    auto day = open_day(root, key, false);
    if (!day) return day.error();
    // Not blocking: it could be somebody's pipe.
    FileHandle file{
        ::openat(day->get(), file_name_of(key).c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
    if (!file && errno == ENOENT) return none_for(key);
    if (!file) return root.failed("cannot be opened", key, errno);
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) return root.failed("cannot be looked at", key, errno);
    if (!S_ISREG(status.st_mode)) return none_for(key);
    return file;
}

Result<FileHandle> create_stored(const LocalDirectory& root, const RecordingKey& key) {
    int why = ENOENT;
    for (int attempt = 0; attempt < attempts && why == ENOENT; ++attempt) {
        auto day = open_day(root, key, true);
        if (!day && day.error().code != ErrorCode::not_found) return day.error();
        if (!day) continue;
        FileHandle file{::openat(day->get(), file_name_of(key).c_str(),
                                 O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, owner_file)};
        if (file && !lock_for_writing(file.get())) return root.failed("cannot be locked", key, errno);
        if (file) return file;
        why = errno;
    }
    if (why == EEXIST) {
        return Error{
            ErrorCode::conflict,
            fmt::format("There is a recording {}/{} already; it is left as it is", root.path, path_of(key))};
    }
    return root.failed("cannot be made", key, why);
}

void unlock_written(int descriptor) {
    struct flock lock {};
    lock.l_type = F_UNLCK;
    lock.l_whence = SEEK_SET;
    (void)::fcntl(descriptor, F_OFD_SETLK, &lock);
}

bool is_being_written(int descriptor) {
    struct flock lock {};
    lock.l_type = F_RDLCK;
    lock.l_whence = SEEK_SET;
    return ::fcntl(descriptor, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

}  // namespace curfew::recording
