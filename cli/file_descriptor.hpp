// An open file, closed when its owner goes.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace curfew::cli {

class FileDescriptor {
public:
    explicit FileDescriptor(int descriptor = -1) noexcept : descriptor_{descriptor} {}
    ~FileDescriptor() { close(); }
    FileDescriptor(FileDescriptor&& other) noexcept : descriptor_{std::exchange(other.descriptor_, -1)} {}
    FileDescriptor& operator=(FileDescriptor&& other) noexcept {
        if (this != &other) {
            close();
            descriptor_ = std::exchange(other.descriptor_, -1);
        }
        return *this;
    }
    FileDescriptor(const FileDescriptor&) = delete;
    FileDescriptor& operator=(const FileDescriptor&) = delete;

    int get() const noexcept { return descriptor_; }
    bool is_open() const noexcept { return descriptor_ >= 0; }
    void close() noexcept;

private:
    int descriptor_;
};

// Everything up to the end of the file; nullopt if that cannot be read, or is more than `at_most` bytes.
std::optional<std::string> read_all(const FileDescriptor& file, std::size_t at_most);
// False, with errno, if it could not all be written.
bool write_all(const FileDescriptor& file, std::string_view text);

}  // namespace curfew::cli
