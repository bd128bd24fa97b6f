// The file of an SQLite store: made for its owner alone, used by one process at a time.
#pragma once

#include <filesystem>
#include <utility>

#include "base/result.hpp"

namespace curfew::store {

// Holds a store's file against other processes of ours, for as long as it lives. The system lets go of it
// when the process dies, however it dies.
class StoreLock {
public:
    // unavailable: somebody else holds it, or `path`.lock cannot be made.
    static Result<StoreLock> take(const std::filesystem::path& path);

    StoreLock(StoreLock&& other) noexcept : descriptor_{std::exchange(other.descriptor_, -1)} {}
    StoreLock& operator=(StoreLock&& other) noexcept {
        std::swap(descriptor_, other.descriptor_);
        return *this;
    }
    ~StoreLock();

private:
    explicit StoreLock(int descriptor) noexcept : descriptor_{descriptor} {}
    int descriptor_;
};

// Makes the file `path` if there is none, durably, and sees to it that only its owner can read or write it
// and what SQLite keeps beside it. Not while this process has the database open: closing any descriptor of it
// would give up SQLite's locks. unavailable: the reason and what to do.
Result<void> prepare_store_file(const std::filesystem::path& path);

}  // namespace curfew::store
