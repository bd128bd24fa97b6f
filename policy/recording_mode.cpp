#include "policy/recording_mode.hpp"

#include "policy/words.hpp"

namespace curfew::policy {
namespace {

constexpr Words<RecordingMode, 3> recording_modes{{
    {RecordingMode::off, "off"},
    {RecordingMode::statements, "statements"},
    {RecordingMode::full, "full"},
}};

}  // namespace

std::string_view to_string(RecordingMode mode) {
    return word_of(recording_modes, mode);
}

std::optional<RecordingMode> parse_recording_mode(std::string_view text) {
    return value_of(recording_modes, text);
}

}  // namespace curfew::policy
