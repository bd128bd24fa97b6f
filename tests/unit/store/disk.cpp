// Fortified, the C library's header defines some of the functions that are defined here.
#undef _FORTIFY_SOURCE

#include "disk.hpp"

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <utility>

#include "support/timing.hpp"

namespace curfew::test::disk {
namespace {

std::atomic<std::size_t> flushed{0};
std::atomic<std::size_t> read_bytes{0};
std::atomic<int> full{0};
std::atomic<int> broken{0};
std::atomic<std::size_t> calls_to_live{0};  // 0: for ever

std::mutex hooks_mutex;
Held* held = nullptr;
std::function<void(int)> watcher;

// True at the call to die at.
bool is_last_call() {
    return calls_to_live.load() != 0 && calls_to_live.fetch_sub(1) == 1;
}

[[noreturn]] void die() {
    for (;;)
        (void)::kill(::getpid(), SIGKILL);
}

}  // namespace

std::size_t flushes() {
    return flushed;
}

std::size_t bytes_read() {
    return read_bytes;
}

Full::Full() {
    ++full;
}
Full::~Full() {
    --full;
}

Broken::Broken() {
    ++broken;
}
Broken::~Broken() {
    --broken;
}

Held::Held() {
    const std::lock_guard lock{hooks_mutex};
    held = this;
}

Held::~Held() {
    release();
    const std::lock_guard lock{hooks_mutex};
    held = nullptr;
}

bool Held::wait_until_flushing() {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, patience, [this] { return flushing_; });
}

void Held::release() {
    const std::lock_guard lock{mutex_};
    released_ = true;
    changed_.notify_all();
}

// Under hooks_mutex, so that ~Held waits for whoever is in here.
void hold_flush() {
    const std::lock_guard hooks{hooks_mutex};
    if (held == nullptr) return;
    std::unique_lock lock{held->mutex_};
    held->flushing_ = true;
    held->changed_.notify_all();
    held->changed_.wait(lock, [] { return held->released_; });
}

WatchedFlushes::WatchedFlushes(std::function<void(int)> seen) {
    const std::lock_guard lock{hooks_mutex};
    watcher = std::move(seen);
}

WatchedFlushes::~WatchedFlushes() {
    const std::lock_guard lock{hooks_mutex};
    watcher = nullptr;
}

void die_at(std::size_t call) {
    calls_to_live = call;
}

namespace {

int flush(int descriptor) {
    if (is_last_call()) die();
    hold_flush();
    if (broken > 0) {
        errno = EIO;
        return -1;
    }
    {
        const std::lock_guard lock{hooks_mutex};
        if (watcher) watcher(descriptor);
    }
    ++flushed;
    return static_cast<int>(::syscall(SYS_fdatasync, descriptor));
}

ssize_t write(int descriptor, const void* data, std::size_t size, off64_t offset) {
    if (is_last_call()) {
        (void)::syscall(SYS_pwrite64, descriptor, data, size / 2, offset);
        die();
    }
    if (full > 0) {
        errno = ENOSPC;
        return -1;
    }
    return ::syscall(SYS_pwrite64, descriptor, data, size, offset);
}

ssize_t read(int descriptor, void* data, std::size_t size, off64_t offset) {
    const ssize_t got = ::syscall(SYS_pread64, descriptor, data, size, offset);
    if (got > 0) read_bytes += static_cast<std::size_t>(got);
    return got;
}

}  // namespace
}  // namespace curfew::test::disk

extern "C" {

int fdatasync(int descriptor) {
    return curfew::test::disk::flush(descriptor);
}

ssize_t pwrite64(int descriptor, const void* data, std::size_t size, off64_t offset) {
    return curfew::test::disk::write(descriptor, data, size, offset);
}

ssize_t pread64(int descriptor, void* data, std::size_t size, off64_t offset) {
    return curfew::test::disk::read(descriptor, data, size, offset);
}
}
