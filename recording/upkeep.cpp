#include "recording/upkeep.hpp"

#include <chrono>
#include <utility>

#include "base/log.hpp"

namespace curfew::recording {

namespace {

constexpr std::chrono::hours look_every{1};

}  // namespace

Upkeep::Upkeep(RecordingStorage& storage, const Clock& clock, TellRemoval removed)
    : storage_{storage}, clock_{clock}, removed_{std::move(removed)}, thread_{[this] { run(); }} {}

Upkeep::~Upkeep() {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

void Upkeep::use(Keeping keeping) {
    {
        const std::lock_guard lock{mutex_};
        keeping_ = keeping;
        wanted_ = true;
    }
    changed_.notify_one();
}

// Nothing before it has been told what to keep.
void Upkeep::run() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return wanted_ || stopping_; });
    while (!stopping_) {
        wanted_ = false;
        const Keeping keeping = keeping_;
        lock.unlock();
        const auto applied = apply_retention(storage_, keeping, clock_.wall_now(), removed_);
        if (!applied) log::error("recording.not_tidied", {{"error", applied.error().message}});
        lock.lock();
        changed_.wait_for(lock, look_every, [this] { return wanted_ || stopping_; });
    }
}

}  // namespace curfew::recording
