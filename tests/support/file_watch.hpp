// Waits for others to write to a file.
#pragma once

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <stdexcept>

namespace curfew::test {

// Knows of every change since it was made. Throws std::runtime_error where the file cannot be watched.
class FileWatch {
public:
    explicit FileWatch(const std::filesystem::path& file) {
        if (events_ < 0 || ::inotify_add_watch(events_, file.c_str(), IN_MODIFY) < 0)
            throw std::runtime_error{"cannot watch " + file.string()};
    }
    FileWatch(const FileWatch&) = delete;
    FileWatch& operator=(const FileWatch&) = delete;
    ~FileWatch() { ::close(events_); }

    // False: there was none until then.
    bool await_change(std::chrono::steady_clock::time_point deadline) {
        using std::chrono::milliseconds;
        const auto left = std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now());
        if (left <= milliseconds::zero()) return false;
        pollfd readable{events_, POLLIN, 0};
        if (::poll(&readable, 1, static_cast<int>(left.count())) <= 0) return false;
        std::array<char, 4096> told;
        return ::read(events_, told.data(), told.size()) > 0;
    }

private:
    const int events_ = ::inotify_init1(IN_CLOEXEC);
};

}  // namespace curfew::test
