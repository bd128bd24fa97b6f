#include "recording/live_watch.hpp"

namespace curfew::recording {

LiveWatch::WatchNumber LiveWatch::watch(const SessionId& session, Watcher watcher) {
    const std::lock_guard lock{mutex_};
    watchers_.emplace(++last_, std::pair{session, std::move(watcher)});
    watching_.store(watchers_.size(), std::memory_order_release);
    return last_;
}

void LiveWatch::stop_watching(WatchNumber watch) {
    const std::lock_guard lock{mutex_};
    watchers_.erase(watch);
    watching_.store(watchers_.size(), std::memory_order_release);
}

void LiveWatch::tell(const SessionId& session) {
    const std::lock_guard lock{mutex_};
    for (const auto& [number, watcher] : watchers_) {
        if (watcher.first == session) watcher.second();
    }
}

}  // namespace curfew::recording
