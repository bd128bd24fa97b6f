// Removes recordings that have been kept for long enough: when curfewd starts, and each hour.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/clock.hpp"
#include "recording/retention.hpp"
#include "recording/storage.hpp"

namespace curfew::recording {

// On a thread of its own: disks and object stores are waited for.
class Upkeep {
public:
    // `storage` and `clock` outlive it; `removed` is called on its thread.
    Upkeep(RecordingStorage& storage, const Clock& clock, TellRemoval removed);
    ~Upkeep();
    Upkeep(const Upkeep&) = delete;
    Upkeep& operator=(const Upkeep&) = delete;

    // From now on, and at once. Thread-safe.
    void use(Keeping keeping);

private:
    void run();

    RecordingStorage& storage_;
    const Clock& clock_;
    const TellRemoval removed_;
    std::mutex mutex_;
    std::condition_variable changed_;
    Keeping keeping_;
    bool wanted_ = false;  // at once
    bool stopping_ = false;
    std::thread thread_;  // last: runs with everything above in place
};

}  // namespace curfew::recording
