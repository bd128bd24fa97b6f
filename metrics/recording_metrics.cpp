#include "metrics/recording_metrics.hpp"

#include "metrics/resource_metrics.hpp"

namespace curfew::metrics {

RecordingMetrics::RecordingMetrics(Catalogue& catalogue)
    : sessions_{catalogue.recorded_sessions.Add({})},
      entries_{catalogue.recording_entries.Add({})},
      bytes_{catalogue.recording_bytes.Add({})},
      failed_writes_{catalogue.recording_failures.Add({{"kind", "write"}})},
      overruns_{catalogue.recording_failures.Add({{"kind", "overrun"}})},
      relay_waits_{catalogue.recording_relay_waits.Add({})},
      parts_uploaded_{catalogue.recording_uploads.Add({{"outcome", "uploaded"}})},
      parts_failed_{catalogue.recording_uploads.Add({{"outcome", "failed"}})},
      waiting_{catalogue.recording_upload_waiting_bytes.Add({})},
      oldest_seconds_{catalogue.oldest_recording_upload_waiting_seconds.Add({})} {}

void RecordingMetrics::sessions_changed(int by) {
    sessions_.Increment(by);
}

void RecordingMetrics::written(std::uint64_t entries, std::uint64_t bytes) {
    entries_.Increment(static_cast<double>(entries));
    bytes_.Increment(static_cast<double>(bytes));
}

void RecordingMetrics::failed(RecordingFailure kind) {
    (kind == RecordingFailure::write ? failed_writes_ : overruns_).Increment();
}

void RecordingMetrics::relay_waited() {
    relay_waits_.Increment();
}

void RecordingMetrics::part_uploaded(bool success) {
    (success ? parts_uploaded_ : parts_failed_).Increment();
}

void RecordingMetrics::uploads_waiting(std::uint64_t bytes, std::optional<BootInstant> oldest) {
    const std::lock_guard lock{mutex_};
    waiting_bytes_ = bytes;
    oldest_ = oldest;
}

void RecordingMetrics::set_ages(BootInstant now) {
    const std::lock_guard lock{mutex_};
    waiting_.Set(static_cast<double>(waiting_bytes_));
    oldest_seconds_.Set(oldest_ ? seconds(now - *oldest_) : 0);
}

}  // namespace curfew::metrics
