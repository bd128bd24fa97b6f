#include "apps/recording_keep.hpp"

#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include "base/log.hpp"
#include "recording/open_storage.hpp"

namespace curfew::apps {
namespace {

void tell_removal(const recording::Removal& removal, const Result<void>& outcome) {
    const std::string& session = removal.recording.key.session.text();
    if (outcome) {
        log::info("recording.removed", {{"session", session},
                                        {"why", recording::to_string(removal.why)},
                                        {"bytes", removal.recording.bytes}});
    } else {
        log::error("recording.not_removed", {{"session", session}, {"error", outcome.error().message}});
    }
}

}  // namespace

Result<void> RecordingKeep::open(const config::Config& config) {
    const config::Recordings& settings = config.recordings;
    if (settings.directory.empty()) return {};
    storage_ = std::make_shared<recording::StorageOnDemand>(
        [settings, this] { return recording::open_storage(settings, clock_, metrics_); });
    if (config.records_sessions()) {
        if (auto prepared = storage_->prepare(); !prepared) return prepared;
    }
    use(config);
    return {};
}

// What an earlier run recorded is kept for as long as it says, though nothing is recorded any more.
void RecordingKeep::use(const config::Config& config) {
    std::error_code none;
    if (!storage_ || !(storage_->prepared() || std::filesystem::exists(config.recordings.directory, none)))
        return;
    if (!upkeep_) upkeep_.emplace(*storage_, clock_, tell_removal);
    upkeep_->use({config.recordings.keep_for, config.recordings.keep_bytes});
}

}  // namespace curfew::apps
