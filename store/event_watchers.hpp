// Whoever is told of events.
#pragma once

#include <map>
#include <mutex>
#include <utility>

#include "store/events.hpp"

namespace curfew::store {

// Thread-safe.
class EventWatchers {
public:
    EventStore::WatchNumber add(EventStore::EventWatcher watcher) {
        const std::lock_guard lock{mutex_};
        watchers_.emplace(++last_, std::move(watcher));
        return last_;
    }
    void remove(EventStore::WatchNumber number) {
        const std::lock_guard lock{mutex_};
        watchers_.erase(number);
    }
    // Tells each of them, on this thread.
    void tell(EventNumber last) {
        const std::lock_guard lock{mutex_};
        for (const auto& [number, watcher] : watchers_)
            watcher(last);
    }

private:
    std::mutex mutex_;  // held while they are called
    std::map<EventStore::WatchNumber, EventStore::EventWatcher> watchers_;
    EventStore::WatchNumber last_ = 0;
};

}  // namespace curfew::store
