#include "recording/local_storage.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/text.hpp"
#include "recording/disk_sync.hpp"
#include "recording/local_directory.hpp"

namespace curfew::recording {

struct LocalStorage::Place {
    LocalDirectory root;
    std::unique_ptr<DiskSync> sync;
};

namespace {

class LocalFile final : public RecordingFile {
public:
    LocalFile(std::shared_ptr<const LocalDirectory> root, DiskSync& sync, RecordingKey key, FileHandle file)
        : root_{std::move(root)},
          sync_{sync},
          key_{std::move(key)},
          file_{std::make_shared<DiskSync::File>()} {
        file_->handle = std::move(file);
    }
    ~LocalFile() override { unlock(); }
    LocalFile(const LocalFile&) = delete;
    LocalFile& operator=(const LocalFile&) = delete;

    Result<void> append(std::string_view frames) override {
        if (!file_) return Error{ErrorCode::internal, "A recording was written to after it was closed"};
        if (const int problem = file_->problem) return not_on_disk(problem);
        std::uint64_t written = 0;
        while (written < frames.size()) {
            const std::string_view left = frames.substr(written);
            const ssize_t some =
                ::pwrite(file_->handle.get(), left.data(), left.size(), static_cast<off_t>(size_ + written));
            if (some < 0 && errno == EINTR) continue;
            if (some <= 0) return take_back(some < 0 ? errno : ENOSPC);
            written += static_cast<std::uint64_t>(some);
        }
        size_ += written;
        sync_.written(file_);
        return {};
    }

    Result<void> close() override {
        if (!file_) return {};
        const int problem = DiskSync::bring(*file_);
        unlock();
        if (problem != 0) return not_on_disk(problem);
        // Its name as well, and those of the directories that it is in.
        const auto day = open_day(*root_, key_, false);
        if (day) (void)::fsync(day->get());
        (void)::fsync(root_->handle.get());
        return {};
    }

private:
    // At once, though the file may still be waiting to be brought to the disk.
    void unlock() {
        if (file_) unlock_written(file_->handle.get());
        file_.reset();
    }
    // Half a frame is worth nothing, and would end the recording for its readers.
    Error take_back(int why) {
        if (::ftruncate(file_->handle.get(), static_cast<off_t>(size_)) != 0) {
            // Its readers find it torn there, and say so.
        }
        return root_->failed("cannot be written", key_, why);
    }
    Error not_on_disk(int why) const { return root_->failed("cannot be brought to the disk", key_, why); }

    std::shared_ptr<const LocalDirectory> root_;
    DiskSync& sync_;  // of the place that root_ keeps
    RecordingKey key_;
    std::shared_ptr<DiskSync::File> file_;
    std::uint64_t size_ = 0;
};

class LocalSource final : public RecordingSource {
public:
    LocalSource(FileHandle file, std::string name) : file_{std::move(file)}, name_{std::move(name)} {}

    Result<std::size_t> read(std::uint64_t offset, std::span<char> into) override {
        for (;;) {
            const ssize_t got = ::pread(file_.get(), into.data(), into.size(), static_cast<off_t>(offset));
            if (got >= 0) return static_cast<std::size_t>(got);
            if (errno == EINTR) continue;
            return Error{ErrorCode::unavailable,
                         fmt::format("The recording {} cannot be read: {}", name_, std::strerror(errno))};
        }
    }
    bool live() override { return is_being_written(file_.get()); }

private:
    FileHandle file_;
    std::string name_;
};

class BytesSource final : public RecordingSource {
public:
    explicit BytesSource(std::string bytes) : bytes_{std::move(bytes)} {}

    Result<std::size_t> read(std::uint64_t offset, std::span<char> into) override {
        if (offset >= bytes_.size()) return std::size_t{0};
        return bytes_.copy(into.data(), into.size(), static_cast<std::size_t>(offset));
    }
    bool live() override { return false; }

private:
    std::string bytes_;
};

// The names in a directory, sorted; none where it cannot be read.
std::vector<std::string> names_in(const FileHandle& directory) {
    std::vector<std::string> names;
    const int copy = ::openat(directory.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR* stream = copy < 0 ? nullptr : ::fdopendir(copy);
    if (stream == nullptr) {
        if (copy >= 0) ::close(copy);
        return names;
    }
    while (const dirent* found = ::readdir(stream)) {
        const std::string_view name{static_cast<const char*>(found->d_name)};
        if (!name.starts_with('.')) names.emplace_back(name);
    }
    ::closedir(stream);
    std::sort(names.begin(), names.end());
    return names;
}

WallInstant changed_at(const struct stat& status) {
    return WallInstant{std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::seconds{status.st_mtim.tv_sec} + std::chrono::nanoseconds{status.st_mtim.tv_nsec})};
}

void add_if_recording(const LocalDirectory& root, const std::string& path,
                      std::vector<StoredRecording>& found) {
    const auto key = key_of(path);
    if (!key) return;
    const auto file = open_stored(root, *key);
    struct stat status {};
    if (!file || ::fstat(file->get(), &status) != 0) return;
    found.push_back({*key, static_cast<std::uint64_t>(status.st_size), changed_at(status),
                     is_being_written(file->get())});
}

// Everything `depth` directories below this one, by its path.
void walk(const LocalDirectory& root, const FileHandle& directory, const std::string& path, int depth,
          std::vector<StoredRecording>& found) {
    for (const std::string& name : names_in(directory)) {
        if (depth == 0) {
            add_if_recording(root, path + name, found);
            continue;
        }
        const FileHandle below{
            ::openat(directory.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
        if (below) walk(root, below, path + name + '/', depth - 1, found);
    }
}

// Where the day is known only about, by differing clocks or around midnight.
std::vector<RecordingKey> days_around(const RecordingKey& key) {
    constexpr std::chrono::hours day{24};
    return {key, {key.session, key.began - day}, {key.session, key.began + day}};
}

// The recording's own key with its file; the error of the first day if it is in none.
Result<std::pair<RecordingKey, FileHandle>> find_stored(const LocalDirectory& root, const RecordingKey& key) {
    Error first;
    for (const RecordingKey& candidate : days_around(key)) {
        auto file = open_stored(root, candidate);
        if (file) return std::pair{candidate, std::move(*file)};
        if (first.message.empty()) first = file.error();
        if (file.error().code != ErrorCode::not_found) return file.error();
    }
    return first;
}

Error about_directory(ErrorCode code, const std::string& directory, std::string_view what) {
    return {code, fmt::format("The directory for recordings, {}, {}", directory, what)};
}

}  // namespace

Result<std::unique_ptr<LocalStorage>> LocalStorage::open(const std::string& directory, const Clock& clock) {
    const std::filesystem::path path{directory};
    std::error_code problem;
    if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), problem);
    if (::mkdir(directory.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
        return about_directory(ErrorCode::unavailable, directory,
                               fmt::format("is not there and cannot be made: {}", std::strerror(errno)));
    }
    FileHandle handle{::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!handle && errno == ENOTDIR)
        return about_directory(ErrorCode::invalid, directory, "is no directory; name one, or take it away");
    struct stat status {};
    if (!handle || ::fstat(handle.get(), &status) != 0) {
        return about_directory(ErrorCode::unavailable, directory,
                               fmt::format("cannot be opened: {}", std::strerror(errno)));
    }
    if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        return about_directory(ErrorCode::invalid, directory,
                               "can be written to by others than its owner; give it mode 0700 (chmod 700)");
    }
    auto place = std::shared_ptr<const Place>(
        new Place{{std::move(handle), directory}, std::make_unique<DiskSync>(clock)});
    return std::unique_ptr<LocalStorage>(new LocalStorage{std::move(place)});
}

LocalStorage::~LocalStorage() = default;

Result<std::unique_ptr<RecordingFile>> LocalStorage::create(const RecordingKey& key) {
    auto file = create_stored(place_->root, key);
    if (!file) return file.error();
    const std::shared_ptr<const LocalDirectory> root{place_, &place_->root};
    return std::unique_ptr<RecordingFile>(new LocalFile{root, *place_->sync, key, std::move(*file)});
}

Result<std::unique_ptr<RecordingSource>> LocalStorage::open(const RecordingKey& key) {
    auto found = find_stored(place_->root, key);
    if (!found) return found.error();
    return std::unique_ptr<RecordingSource>(new LocalSource{std::move(found->second), path_of(found->first)});
}

Result<std::vector<StoredRecording>> LocalStorage::list() {
    std::vector<StoredRecording> found;
    constexpr int year_month_day = 3;
    walk(place_->root, place_->root.handle, "", year_month_day, found);
    return found;
}

Result<void> LocalStorage::remove(const RecordingKey& key) {
    const auto found = find_stored(place_->root, key);
    if (!found) return found.error();
    const RecordingKey& stored = found->first;
    if (is_being_written(found->second.get())) {
        return Error{
            ErrorCode::conflict,
            fmt::format("The recording {} is still being written; it can be removed when its session has "
                        "ended",
                        path_of(stored))};
    }
    const auto day = open_day(place_->root, stored, false);
    if (!day) return day.error();
    if (::unlinkat(day->get(), file_name_of(stored).c_str(), 0) != 0)
        return place_->root.failed("cannot be removed", stored, errno);
    // Empty directories go too; the others refuse.
    std::string path = path_of(stored);
    for (auto end = path.rfind('/'); end != std::string::npos; end = path.rfind('/')) {
        path.resize(end);
        if (::unlinkat(place_->root.handle.get(), path.c_str(), AT_REMOVEDIR) != 0) break;
    }
    return {};
}

Result<std::unique_ptr<RecordingSource>> open_recording_file(const std::string& path) {
    FileHandle file{::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
    struct stat status {};
    if (!file || ::fstat(file.get(), &status) != 0) {
        const auto code = errno == ENOENT ? ErrorCode::not_found : ErrorCode::unavailable;
        return Error{code, fmt::format("{} cannot be opened: {}", printable(path), std::strerror(errno))};
    }
    if (!S_ISREG(status.st_mode))
        return Error{ErrorCode::invalid, fmt::format("{} is no file", printable(path))};
    return std::unique_ptr<RecordingSource>(new LocalSource{std::move(file), printable(path)});
}

std::unique_ptr<RecordingSource> recording_of_bytes(std::string bytes) {
    return std::make_unique<BytesSource>(std::move(bytes));
}

}  // namespace curfew::recording
