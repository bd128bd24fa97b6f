#include "store/sqlite/file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

namespace curfew::store {
namespace {

namespace fs = std::filesystem;

constexpr mode_t owner_only = S_IRUSR | S_IWUSR;

Error failed(const std::string& what, const fs::path& path, int error) {
    return {ErrorCode::unavailable,
            what + " " + path.string() + ": " + std::generic_category().message(error)};
}

// What is wrong with the place that the store is to be in, where that is all too clear.
Result<void> check_place(const fs::path& path) {
    std::error_code ignored;
    if (fs::is_directory(path, ignored)) {
        return Error{ErrorCode::unavailable,
                     "The store " + path.string() + " is a directory; store.path names a file"};
    }
    if (!fs::is_directory(path.parent_path(), ignored)) {
        return Error{ErrorCode::unavailable,
                     "The store's directory " + path.parent_path().string() +
                         " does not exist; make it, owned by the user that runs curfewd"};
    }
    return {};
}

// A new file's name is durable only once its directory is.
Result<void> flush_directory(const fs::path& directory) {
    const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return failed("The store's directory cannot be opened:", directory, errno);
    const int error = ::fsync(descriptor) == 0 ? 0 : errno;
    ::close(descriptor);
    if (error != 0) return failed("The store's directory cannot be flushed:", directory, error);
    return {};
}

Result<void> make_if_absent(const fs::path& path) {
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, owner_only);
    if (descriptor < 0) {
        if (errno == EEXIST) return {};
        return failed("The store cannot be made:", path, errno);
    }
    ::close(descriptor);
    return flush_directory(path.parent_path());
}

Result<void> keep_from_others(const fs::path& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
        if (errno == ENOENT) return {};
        return failed("The store cannot be looked at:", path, errno);
    }
    if ((status.st_mode & ALLPERMS) == owner_only) return {};
    if (::chmod(path.c_str(), owner_only) == 0) return {};
    return failed(
        "The store's mode cannot be set to 0600; it must belong to the user that runs curfewd:", path, errno);
}

}  // namespace

Result<StoreLock> StoreLock::take(const fs::path& path) {
    if (auto place = check_place(path); !place) return place.error();
    fs::path beside = path;
    beside += ".lock";
    const int descriptor = ::open(beside.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, owner_only);
    if (descriptor < 0) return failed("The store's lock cannot be made:", beside, errno);
    StoreLock lock{descriptor};
    if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) return lock;
    if (errno != EWOULDBLOCK) return failed("The store's lock cannot be taken:", beside, errno);
    return Error{ErrorCode::unavailable,
                 "The store " + path.string() + " is in use by another curfewd ('fuser -v " +
                     beside.string() + "' names it); stop that one, or give this one a store of its own"};
}

StoreLock::~StoreLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

Result<void> prepare_store_file(const fs::path& path) {
    if (auto made = make_if_absent(path); !made) return made;
    for (const char* suffix : {"", "-wal", "-shm"}) {
        fs::path file = path;
        file += suffix;
        if (auto kept = keep_from_others(file); !kept) return kept;
    }
    return {};
}

}  // namespace curfew::store
