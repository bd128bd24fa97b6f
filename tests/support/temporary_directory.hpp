// A directory that is gone, with all that is in it, when its owner is.
#pragma once

#include <filesystem>
#include <string_view>

namespace curfew::test {

class TemporaryDirectory {
public:
    // Directly under /tmp: a Unix socket's path has to stay below 108 bytes.
    explicit TemporaryDirectory(std::string_view prefix = "curfew-test");
    ~TemporaryDirectory();
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

    const std::filesystem::path& path() const noexcept { return path_; }
    std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

    // Writes a file here, readable by its owner only, and gives its path.
    std::filesystem::path write(std::string_view name, std::string_view content) const;

private:
    std::filesystem::path path_;
};

}  // namespace curfew::test
