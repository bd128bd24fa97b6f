#include "recording/disk_sync.hpp"

#include <unistd.h>

#include <cerrno>
#include <utility>

namespace curfew::recording {

DiskSync::~DiskSync() {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void DiskSync::written(const std::shared_ptr<File>& file) {
    if (file->waiting.exchange(true)) return;
    const std::lock_guard lock{mutex_};
    waiting_.push_back({file, clock_.boot_now() + longest_wait});
    if (!thread_.joinable()) thread_ = std::thread{[this] { run(); }};
    if (waiting_.size() == 1) changed_.notify_all();
}

// The next file that is due, waiting for it; null: there will be none.
std::shared_ptr<DiskSync::File> DiskSync::next() {
    std::unique_lock lock{mutex_};
    for (;;) {
        if (waiting_.empty() && stopping_) return nullptr;
        const BootInstant now = clock_.boot_now();
        if (!waiting_.empty() && (stopping_ || waiting_.front().due <= now)) {
            auto file = std::move(waiting_.front().file);
            waiting_.pop_front();
            return file;
        }
        if (waiting_.empty())
            changed_.wait(lock);
        else
            changed_.wait_for(lock, waiting_.front().due - now);
    }
}

void DiskSync::run() {
    while (const auto file = next()) {
        // In this order: what is written from now on waits anew.
        file->waiting = false;
        (void)bring(*file);
    }
}

int DiskSync::bring(File& file) {
    const std::lock_guard lock{file.syncing};
    if (::fdatasync(file.handle.get()) != 0 && file.problem == 0) file.problem = errno;
    return file.problem;
}

}  // namespace curfew::recording
