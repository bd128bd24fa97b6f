// Where this node's recordings are kept, and for how long.
#pragma once

#include <memory>
#include <optional>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "config/config.hpp"
#include "metrics/recording_metrics.hpp"
#include "recording/live_watch.hpp"
#include "recording/storage.hpp"
#include "recording/storage_on_demand.hpp"
#include "recording/upkeep.hpp"

namespace curfew::apps {

// For as long as curfewd runs. Belongs to one thread; what it gives away is thread-safe.
class RecordingKeep {
public:
    // `clock` and `metrics` outlive it.
    RecordingKeep(const Clock& clock, metrics::RecordingMetrics& metrics)
        : clock_{clock}, metrics_{metrics} {}

    // Once. With a configuration that has sessions recorded, they can be: the error says why not.
    Result<void> open(const config::Config& config);
    // Of a configuration that is in use from now on.
    void use(const config::Config& config);

    // Null where there is no place for recordings, as in dev mode.
    const std::shared_ptr<recording::StorageOnDemand>& storage() const noexcept { return storage_; }
    const std::shared_ptr<recording::LiveWatch>& live() const noexcept { return live_; }

private:
    const Clock& clock_;
    metrics::RecordingMetrics& metrics_;
    std::shared_ptr<recording::StorageOnDemand> storage_;
    std::shared_ptr<recording::LiveWatch> live_ = std::make_shared<recording::LiveWatch>();
    std::optional<recording::Upkeep> upkeep_;
};

}  // namespace curfew::apps
