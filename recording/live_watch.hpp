// Tells those who follow a live recording that there is more of it to read.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <utility>

#include "base/ids.hpp"

namespace curfew::recording {

// Between whoever writes recordings and any number of those who read them. Thread-safe.
class LiveWatch {
public:
    // Called on the writer's thread: must be quick, and call nothing of this object.
    using Watcher = std::function<void()>;
    using WatchNumber = std::uint64_t;  // 0 is none

    // From now on `watcher` is told whenever there is more of that session's recording, or it has ended.
    [[nodiscard]] WatchNumber watch(const SessionId& session, Watcher watcher);
    // Once this returns, it is not called any more.
    void stop_watching(WatchNumber watch);

    // More of it was written, or it was closed. Costs one look at a number where nobody watches anything.
    void written(const SessionId& session) {
        if (watching_.load(std::memory_order_acquire) != 0) tell(session);
    }

private:
    void tell(const SessionId& session);

    std::atomic<std::size_t> watching_{0};
    std::mutex mutex_;
    WatchNumber last_ = 0;
    std::map<WatchNumber, std::pair<SessionId, Watcher>> watchers_;
};

}  // namespace curfew::recording
