// Which recordings have been kept for long enough, and their removal.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "recording/storage.hpp"

namespace curfew::recording {

// recordings.keep_for and recordings.keep_bytes; nullopt: for ever, without bound.
struct Keeping {
    std::optional<Duration> keep_for;
    std::optional<std::uint64_t> keep_bytes;
};

struct Removal {
    enum class Why { age, size };
    StoredRecording recording;
    Why why = Why::age;
};
std::string_view to_string(Removal::Why why);  // `age`

// Oldest first: those last written to longer than keep_for ago, then as many as bring the sum of what stays
// to keep_bytes. Never a live one; its bytes count.
std::vector<Removal> due_removals(std::vector<StoredRecording> recordings, const Keeping& keeping,
                                  WallInstant now);

// Lists, decides and removes. `removed` is told of each that was removed, or could not be, so that it can be
// logged and audited; one that is gone already or live by now is passed over. The error: they cannot be
// listed.
using TellRemoval = std::function<void(const Removal& removal, const Result<void>& outcome)>;
Result<void> apply_retention(RecordingStorage& storage, const Keeping& keeping, WallInstant now,
                             const TellRemoval& removed);

}  // namespace curfew::recording
