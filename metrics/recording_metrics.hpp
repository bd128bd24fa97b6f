// What is written down of sessions, and whether that works: the metrics of this node's recordings.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>

#include <cstdint>
#include <mutex>
#include <optional>

#include "base/clock.hpp"
#include "metrics/catalogue.hpp"

namespace curfew::metrics {

// Why a recording has a gap, or its session ended.
enum class RecordingFailure {
    write,    // the directory took nothing: a full disk, a directory that is gone
    overrun,  // there was more of it than could be written in time
};

// Every series exists from the start, at 0. Thread-safe.
class RecordingMetrics {
public:
    explicit RecordingMetrics(Catalogue& catalogue);
    RecordingMetrics(const RecordingMetrics&) = delete;
    RecordingMetrics& operator=(const RecordingMetrics&) = delete;

    // A recording began (+1), or is over (-1).
    void sessions_changed(int by);
    // Since the last call: once for what is written in one go, not for each entry.
    void written(std::uint64_t entries, std::uint64_t bytes);
    void failed(RecordingFailure kind);
    // A session's relay waited, since what was to be recorded of it before had not been taken yet.
    void relay_waited();
    // An attempt to upload a part of a recording.
    void part_uploaded(bool success);
    // What has not been uploaded, and since when the oldest of it has been there; nullopt: there is none.
    void uploads_waiting(std::uint64_t bytes, std::optional<BootInstant> oldest);

    // Ages are counted up to `now`, at scrape time.
    void set_ages(BootInstant now);

private:
    prometheus::Gauge& sessions_;
    prometheus::Counter& entries_;
    prometheus::Counter& bytes_;
    prometheus::Counter& failed_writes_;
    prometheus::Counter& overruns_;
    prometheus::Counter& relay_waits_;
    prometheus::Counter& parts_uploaded_;
    prometheus::Counter& parts_failed_;
    std::mutex mutex_;  // so that no scrape has the bytes of one instant and the age of another
    std::uint64_t waiting_bytes_ = 0;
    std::optional<BootInstant> oldest_;
    prometheus::Gauge& waiting_;
    prometheus::Gauge& oldest_seconds_;
};

}  // namespace curfew::metrics
