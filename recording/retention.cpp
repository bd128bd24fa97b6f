#include "recording/retention.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

namespace curfew::recording {

std::string_view to_string(Removal::Why why) {
    return why == Removal::Why::age ? "age" : "size";
}

std::vector<Removal> due_removals(std::vector<StoredRecording> recordings, const Keeping& keeping,
                                  WallInstant now) {
    std::sort(recordings.begin(), recordings.end(), [](const auto& one, const auto& other) {
        return std::tie(one.changed, one.key.session) < std::tie(other.changed, other.key.session);
    });
    std::uint64_t bytes = 0;
    for (const StoredRecording& recording : recordings)
        bytes += recording.bytes;

    std::vector<Removal> removals;
    for (StoredRecording& recording : recordings) {
        if (recording.live) continue;
        const bool too_old = keeping.keep_for && now - recording.changed > *keeping.keep_for;
        const bool too_much = keeping.keep_bytes && bytes > *keeping.keep_bytes;
        if (!too_old && !too_much) break;  // the others are newer
        bytes -= recording.bytes;
        removals.push_back({std::move(recording), too_old ? Removal::Why::age : Removal::Why::size});
    }
    return removals;
}

Result<void> apply_retention(RecordingStorage& storage, const Keeping& keeping, WallInstant now,
                             const TellRemoval& removed) {
    auto all = storage.list();
    if (!all) return all.error();
    for (const Removal& removal : due_removals(std::move(*all), keeping, now)) {
        const Result<void> outcome = storage.remove(removal.recording.key);
        const bool passed_over = !outcome && (outcome.error().code == ErrorCode::not_found ||
                                              outcome.error().code == ErrorCode::conflict);
        if (!passed_over) removed(removal, outcome);
    }
    return {};
}

}  // namespace curfew::recording
