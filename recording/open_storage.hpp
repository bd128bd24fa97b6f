// Where recordings are kept, as the configuration says.
#pragma once

#include <memory>

#include "base/clock.hpp"
#include "config/recordings.hpp"
#include "metrics/recording_metrics.hpp"
#include "recording/storage.hpp"

namespace curfew::recording {

// Makes the directory where there is none, and writes something there and removes it again. The error says
// what keeps recordings from being written there. `clock` and `metrics` outlive the
// storage.
Result<std::unique_ptr<RecordingStorage>> open_storage(const config::Recordings& settings, const Clock& clock,
                                                       metrics::RecordingMetrics& metrics);

}  // namespace curfew::recording
