// Brings recordings from the directory that they are written to into S3-compatible storage.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "config/recordings.hpp"
#include "metrics/recording_metrics.hpp"
#include "recording/s3_client.hpp"
#include "recording/s3_parts.hpp"
#include "recording/storage.hpp"
#include "recording/storage_health.hpp"

namespace curfew::recording {

// Parts are uploaded by threads of its own when enough of a recording is there, or what there is has waited
// for long enough; what fails is tried again, less and less often, for as long as it takes. A recording that
// is over and is all there, as a last look says, goes from the directory, unless it is to be kept. Its state
// is the directory and the storage: a restart goes on where the run before ended. Thread-safe.
class S3Uploader {
public:
    struct Options {
        std::uint64_t part_bytes = std::uint64_t{8} << 20U;
        Duration part_interval = std::chrono::minutes{1};
        bool keep_local = false;
        unsigned threads = 2;
        Duration first_retry = std::chrono::seconds{1};  // doubled each time, up to
        Duration longest_retry = std::chrono::seconds{30};
    };
    static Options options_of(const config::S3Settings& settings);

    // Everything else outlives it.
    S3Uploader(RecordingStorage& spool, S3Client& client, const Clock& clock, StorageHealth& health,
               metrics::RecordingMetrics& metrics, Options options);
    // Waits for what is under way, which whoever stops `client` cuts short.
    ~S3Uploader();
    S3Uploader(const S3Uploader&) = delete;
    S3Uploader& operator=(const S3Uploader&) = delete;

    // To be called before the first of the others: takes up what earlier runs left in the directory, and
    // begins. The error: the directory cannot be listed.
    Result<void> start();

    // So many more bytes of the recording are in the directory.
    void appended(const RecordingKey& key, std::uint64_t bytes);
    // No more will come.
    void closed(const RecordingKey& key);
    // It is to be removed; nothing of it is uploaded any more.
    enum class Forgotten {
        busy,           // not so: it is being written, or a part of it is under way
        nothing_there,  // nothing of it ever was
        perhaps_there,
    };
    Forgotten forget(const RecordingKey& key);

private:
    struct Upload {
        RecordingKey key;
        std::uint64_t written = 0;            // in the directory
        std::uint64_t uploaded = 0;           // of it, in the storage
        unsigned parts = 0;                   // that these are
        bool known = true;                    // the two above are; else the storage has to be asked
        bool closed = false;                  // no more will come
        bool busy = false;                    // a thread has it
        unsigned failures = 0;                // one after the other
        BootInstant not_before{};             // because of them
        std::optional<BootInstant> oldest{};  // since when what is not uploaded waits
        std::optional<BootInstant> due{};     // as in due_
        BootInstant taken{};                  // when it became busy
    };
    using Uploads = std::map<std::string, Upload>;  // by path_of
    using Order = std::set<std::pair<BootInstant, std::string>>;

    void work();
    // Waits for one that is due, and marks it busy; nullopt: it is over.
    std::optional<Upload> next();
    void done(const Upload& upload, const Result<bool>& outcome);
    // One request or two for it; true: there is nothing left to do.
    Result<bool> step(Upload& upload);
    Result<void> look(Upload& upload);
    Result<void> upload_part(Upload& upload);
    Result<bool> finish(Upload& upload);
    Result<std::string> read(const RecordingKey& key, std::uint64_t offset, std::uint64_t length);

    // Under the mutex.
    Upload& find(const RecordingKey& key);
    // Puts it where it belongs in the two orders, after it changed by `change`.
    template <class Change>
    void change(Upload& upload, Change change);
    std::optional<BootInstant> due_at(const Upload& upload) const;
    void erase(const std::string& path);
    void report();
    void note_outcome(const Upload& upload, const Result<bool>& outcome);
    void log_failure(const Upload& upload, const Error& error);

    RecordingStorage& spool_;
    S3Client& client_;
    const Clock& clock_;
    StorageHealth& health_;
    metrics::RecordingMetrics& metrics_;
    const Options options_;

    std::mutex mutex_;
    std::condition_variable changed_;
    bool stopping_ = false;
    Uploads uploads_;
    Order due_;     // those that somebody has to see to, by when
    Order oldest_;  // those with something that is not uploaded, by since when
    std::uint64_t waiting_bytes_ = 0;
    std::optional<BootInstant> last_logged_;
    bool failing_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace curfew::recording
