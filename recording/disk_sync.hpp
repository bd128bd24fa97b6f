// Brings files that are being written to the disk, on a thread of its own: whoever writes them does not wait.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

#include "base/clock.hpp"
#include "recording/local_directory.hpp"

namespace curfew::recording {

class DiskSync {
public:
    // Bytes that were written are on the disk at the latest about this long after.
    static constexpr Duration longest_wait = std::chrono::seconds{3};

    struct File {
        FileHandle handle;
        std::atomic<bool> waiting{false};  // it has bytes that are not on the disk
        std::atomic<int> problem{0};       // the errno of the first that could not be brought there
        std::mutex syncing;
    };

    // Brings what was written to it to the disk now. 0, or the errno of the first that ever could not be:
    // Linux tells of it once, to whoever asks first.
    static int bring(File& file);

    // `clock` outlives it. Its thread begins with the first file.
    explicit DiskSync(const Clock& clock) : clock_{clock} {}
    // Brings what waits to the disk first.
    ~DiskSync();
    DiskSync(const DiskSync&) = delete;
    DiskSync& operator=(const DiskSync&) = delete;

    // The file was written to. Cheap where it waits already. Thread-safe.
    void written(const std::shared_ptr<File>& file);

private:
    struct Waiting {
        std::shared_ptr<File> file;
        BootInstant due;
    };
    void run();
    std::shared_ptr<File> next();

    const Clock& clock_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Waiting> waiting_;  // the first is due first
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace curfew::recording
