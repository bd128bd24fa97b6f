// The files and directories of a LocalStorage: no symbolic link is followed, only regular files are opened.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/result.hpp"
#include "recording/storage.hpp"

namespace curfew::recording {

// A file descriptor with an owner.
class FileHandle {
public:
    FileHandle() = default;
    explicit FileHandle(int descriptor) noexcept : descriptor_{descriptor} {}
    ~FileHandle();
    FileHandle(FileHandle&& other) noexcept : descriptor_{std::exchange(other.descriptor_, -1)} {}
    FileHandle& operator=(FileHandle&& other) noexcept;
    explicit operator bool() const noexcept { return descriptor_ >= 0; }
    int get() const noexcept { return descriptor_; }

private:
    int descriptor_ = -1;
};

// A directory with what it is called in errors.
struct LocalDirectory {
    FileHandle handle;
    std::string path;

    // `what` happened to the recording at this path below the directory, by this errno.
    Error failed(std::string_view what, const RecordingKey& key, int why) const;
};

// The directory of the key's day below `root`. `make`: where there is none. Else not_found.
Result<FileHandle> open_day(const LocalDirectory& root, const RecordingKey& key, bool make);

// The recording's file for reading. not_found: there is none.
Result<FileHandle> open_stored(const LocalDirectory& root, const RecordingKey& key);

// A new one for writing, locked. conflict: there is one.
Result<FileHandle> create_stored(const LocalDirectory& root, const RecordingKey& key);

// Whether somebody is writing to the file.
bool is_being_written(int descriptor);

// What create_stored locked is not being written any more, though its descriptor is still open.
void unlock_written(int descriptor);

// `s-7k3mq9xd.curfewrec`.
std::string file_name_of(const RecordingKey& key);

}  // namespace curfew::recording
