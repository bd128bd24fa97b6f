// A directory that nobody else can look into, gone with what is in it when its owner is.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "cli/exit_code.hpp"

namespace curfew::cli {

class PrivateDirectory {
public:
    // In $XDG_RUNTIME_DIR, which is in memory and the person's own, or else in $TMPDIR or /tmp. Mode 0700.
    static Outcome<PrivateDirectory> make();
    ~PrivateDirectory() { remove(); }
    PrivateDirectory(PrivateDirectory&& other) noexcept : path_{std::move(other.path_)} {
        other.path_.clear();
    }
    PrivateDirectory& operator=(PrivateDirectory&&) = delete;
    PrivateDirectory(const PrivateDirectory&) = delete;
    PrivateDirectory& operator=(const PrivateDirectory&) = delete;

    const std::filesystem::path& path() const noexcept { return path_; }
    // A new file in it, mode 0600.
    Outcome<std::filesystem::path> write(std::string_view name, std::string_view content) const;

private:
    explicit PrivateDirectory(std::filesystem::path path) : path_{std::move(path)} {}
    void remove() noexcept;

    std::filesystem::path path_;
};

}  // namespace curfew::cli
