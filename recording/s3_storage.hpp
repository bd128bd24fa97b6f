// Recordings in S3-compatible storage: written to a directory of this machine, and uploaded from there.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "config/recordings.hpp"
#include "http/fetch.hpp"
#include "metrics/recording_metrics.hpp"
#include "recording/s3_client.hpp"
#include "recording/s3_uploader.hpp"
#include "recording/storage.hpp"
#include "recording/storage_health.hpp"

namespace curfew::recording {

// A recording is objects of so many bytes each: `PREFIX2026/11/29/s-7k3mq9xd/000001` and so on. It is read
// from the directory for as long as it is there, a live one included, and from its objects otherwise.
class S3Storage final : public RecordingStorage {
public:
    struct Setup {
        config::S3Settings settings;
        // Nothing is recorded while what was recorded before is later than max_delay: create() is refused,
        // and each live recording meets one append() that fails. Without it everything waits in the
        // directory.
        bool refuses_while_late = true;
        S3Uploader::Options uploads;
    };
    static Setup setup_of(const config::S3Settings& settings, config::OnRecordingFailure on_failure);

    // Takes up what earlier runs left in `spool`. The error: it cannot be listed. `clock` and `metrics`
    // outlive it and its files.
    static Result<std::unique_ptr<S3Storage>> open(std::unique_ptr<RecordingStorage> spool, Setup setup,
                                                   const Clock& clock, metrics::RecordingMetrics& metrics);
    // Ends what is under way; what is not uploaded stays in the directory, for the next run.
    ~S3Storage() override;

    Result<std::unique_ptr<RecordingFile>> create(const RecordingKey& key) override;
    // Asks the storage where it is not in the directory.
    Result<std::unique_ptr<RecordingSource>> open(const RecordingKey& key) override;
    // Those in the directory, and those in the storage: of all nodes that share it. One that was uploaded to
    // a short while ago may be live on another node, and is said to be. unavailable: the storage is away.
    Result<std::vector<StoredRecording>> list() override;
    // From both. conflict: it is being written, or a part of it is being uploaded.
    Result<void> remove(const RecordingKey& key) override;

private:
    S3Storage(std::unique_ptr<RecordingStorage> spool, Setup setup, const Clock& clock,
              metrics::RecordingMetrics& metrics);

    // Shared with the sources, which may outlive this.
    struct Reading;

    const Setup setup_;
    const Clock& clock_;
    StorageHealth health_;
    std::unique_ptr<RecordingStorage> spool_;
    std::shared_ptr<Reading> reading_;
    http::CurlFetch fetch_;  // for uploads
    S3Client client_;
    std::optional<S3Uploader> uploader_;
};

}  // namespace curfew::recording
