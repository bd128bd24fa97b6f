// How much of what happens in a session is written down.
#pragma once

#include <optional>
#include <string_view>

namespace curfew::policy {

enum class RecordingMode {
    off,
    statements,  // what the client asks for, with its parameters, and how it went
    full,        // the rows that it gets as well, up to a cap
};
std::string_view to_string(RecordingMode mode);  // `statements`
std::optional<RecordingMode> parse_recording_mode(std::string_view text);

// Of several that apply to a session, such as its resource's and its rules', the one that writes down most.
constexpr RecordingMode stronger_of(RecordingMode one, RecordingMode other) {
    return one < other ? other : one;
}

}  // namespace curfew::policy
