// The disk as SQLite meets it in this program: counted, held up, and made to fail. The program's own
// pwrite64, pread64 and fdatasync stand before the C library's.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>

namespace curfew::test::disk {

// Flushes that have been done, and bytes that have been read, since the program started.
std::size_t flushes();
std::size_t bytes_read();

// As long as one lives, nothing can be written.
class Full {
public:
    Full();
    ~Full();
    Full(const Full&) = delete;
    Full& operator=(const Full&) = delete;
};

// As long as one lives, what was written cannot be flushed.
class Broken {
public:
    Broken();
    ~Broken();
    Broken(const Broken&) = delete;
    Broken& operator=(const Broken&) = delete;
};

// Holds every flush up until released.
class Held {
public:
    Held();
    ~Held();
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;

    // Waits until somebody flushes. False if nobody did in time.
    bool wait_until_flushing();
    void release();

private:
    friend void hold_flush();

    std::mutex mutex_;
    std::condition_variable changed_;
    bool flushing_ = false;
    bool released_ = false;
};

// As long as one lives, `seen` is called with the descriptor of every file that is flushed, by the thread
// that does, when its content is settled.
class WatchedFlushes {
public:
    explicit WatchedFlushes(std::function<void(int)> seen);
    ~WatchedFlushes();
    WatchedFlushes(const WatchedFlushes&) = delete;
    WatchedFlushes& operator=(const WatchedFlushes&) = delete;
};

// From here on the process kills itself (SIGKILL) when it is about to write or flush for the `call`th time.
// What was to be written then is written by half.
void die_at(std::size_t call);

}  // namespace curfew::test::disk
