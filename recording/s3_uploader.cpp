#include "recording/s3_uploader.hpp"

#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/duration.hpp"
#include "base/log.hpp"

namespace curfew::recording {
namespace {

using namespace std::chrono_literals;

constexpr Duration between_log_lines = 1min;
// The clock that is waited on stands still while the machine sleeps; the one that is counted on does not.
constexpr Duration longest_nap = 1s;

}  // namespace

S3Uploader::Options S3Uploader::options_of(const config::S3Settings& settings) {
    Options options;
    options.part_bytes = settings.part_bytes;
    options.part_interval = settings.part_interval;
    options.keep_local = settings.keep_local;
    return options;
}

S3Uploader::S3Uploader(RecordingStorage& spool, S3Client& client, const Clock& clock, StorageHealth& health,
                       metrics::RecordingMetrics& metrics, Options options)
    : spool_{spool}, client_{client}, clock_{clock}, health_{health}, metrics_{metrics}, options_{options} {}

S3Uploader::~S3Uploader() {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_)
        thread.join();
}

Result<void> S3Uploader::start() {
    auto left = spool_.list();
    if (!left) return left.error();
    {
        const std::lock_guard lock{mutex_};
        for (StoredRecording& recording : *left) {
            // Written by another process: its own to bring there.
            if (recording.live) continue;
            Upload& upload = find(recording.key);
            change(upload, [&recording, now = clock_.boot_now()](Upload& its) {
                its.written = recording.bytes;
                its.known = false;
                its.closed = true;
                its.oldest = now;
            });
        }
        report();
    }
    for (unsigned i = 0; i < options_.threads; ++i)
        threads_.emplace_back([this] { work(); });
    return {};
}

void S3Uploader::appended(const RecordingKey& key, std::uint64_t bytes) {
    const std::lock_guard lock{mutex_};
    Upload& upload = find(key);
    const auto before = upload.due;
    change(upload, [bytes, now = clock_.boot_now()](Upload& its) {
        its.written += bytes;
        if (!its.oldest) its.oldest = now;
    });
    report();
    if (upload.due != before) changed_.notify_one();
}

void S3Uploader::closed(const RecordingKey& key) {
    const std::lock_guard lock{mutex_};
    change(find(key), [](Upload& its) { its.closed = true; });
    changed_.notify_one();
}

S3Uploader::Forgotten S3Uploader::forget(const RecordingKey& key) {
    const std::lock_guard lock{mutex_};
    const std::string path = path_of(key);
    const auto found = uploads_.find(path);
    if (found == uploads_.end()) return Forgotten::perhaps_there;
    const Upload& upload = found->second;
    if (upload.busy || !upload.closed) return Forgotten::busy;
    // An attempt that failed may have been carried out.
    const bool is_only_here = upload.known && upload.parts == 0 && upload.failures == 0;
    erase(path);
    report();
    return is_only_here ? Forgotten::nothing_there : Forgotten::perhaps_there;
}

S3Uploader::Upload& S3Uploader::find(const RecordingKey& key) {
    Upload& upload = uploads_[path_of(key)];
    upload.key = key;
    return upload;
}

template <class Change>
void S3Uploader::change(Upload& upload, Change change) {
    const std::string path = path_of(upload.key);
    if (upload.due) due_.erase({*upload.due, path});
    if (upload.oldest) oldest_.erase({*upload.oldest, path});
    waiting_bytes_ -= upload.written - upload.uploaded;
    change(upload);
    waiting_bytes_ += upload.written - upload.uploaded;
    upload.due = due_at(upload);
    if (upload.due) due_.insert({*upload.due, path});
    if (upload.oldest) oldest_.insert({*upload.oldest, path});
}

void S3Uploader::erase(const std::string& path) {
    const auto found = uploads_.find(path);
    change(found->second, [](Upload& its) {
        its.uploaded = its.written;
        its.oldest.reset();
        its.busy = true;
    });
    uploads_.erase(found);
}

// nullopt: there is nothing to do for it, or somebody does it.
std::optional<BootInstant> S3Uploader::due_at(const Upload& upload) const {
    if (upload.busy) return std::nullopt;
    const std::uint64_t waiting = upload.written - upload.uploaded;
    if (upload.closed || !upload.known || waiting >= options_.part_bytes)
        return std::max(upload.not_before, upload.oldest.value_or(BootInstant{}));
    if (waiting == 0 || !upload.oldest) return std::nullopt;
    return std::max(upload.not_before, *upload.oldest + options_.part_interval);
}

void S3Uploader::report() {
    std::optional<BootInstant> oldest;
    if (!oldest_.empty()) oldest = oldest_.begin()->first;
    health_.set_oldest(oldest);
    metrics_.uploads_waiting(waiting_bytes_, oldest);
}

std::optional<S3Uploader::Upload> S3Uploader::next() {
    std::unique_lock lock{mutex_};
    for (;;) {
        if (stopping_) return std::nullopt;
        if (due_.empty()) {
            changed_.wait(lock);
            continue;
        }
        const Duration left = due_.begin()->first - clock_.boot_now();
        if (left > Duration::zero()) {
            changed_.wait_for(lock, std::min(left, longest_nap));
            continue;
        }
        Upload& upload = uploads_.find(due_.begin()->second)->second;
        change(upload, [now = clock_.boot_now()](Upload& its) {
            its.busy = true;
            its.taken = now;
        });
        if (!due_.empty()) changed_.notify_one();
        return upload;
    }
}

void S3Uploader::work() {
    // For people who look (`top -H`); not worth failing for.
    (void)::pthread_setname_np(::pthread_self(), "rec-upload");
    while (auto upload = next()) {
        Result<bool> outcome = false;
        try {
            outcome = step(*upload);
        } catch (const std::exception& failure) {
            outcome = Error{ErrorCode::internal, failure.what()};
        }
        done(*upload, outcome);
    }
}

// What was written in the meantime is in uploads_, what was uploaded in `upload`.
void S3Uploader::done(const Upload& upload, const Result<bool>& outcome) {
    const std::lock_guard lock{mutex_};
    Upload& its = uploads_.find(path_of(upload.key))->second;
    change(its, [&, now = clock_.boot_now()](Upload& kept) {
        kept.busy = false;
        kept.known = upload.known;
        if (kept.uploaded != upload.uploaded) kept.oldest = upload.oldest;
        kept.uploaded = upload.uploaded;
        kept.parts = upload.parts;
        if (kept.written == kept.uploaded && kept.known) {
            kept.oldest.reset();
        } else if (!kept.oldest) {
            kept.oldest = now;
        }
        kept.failures = outcome ? 0 : kept.failures + 1;
        kept.not_before = BootInstant{};
        if (outcome) return;
        const auto doubled = std::min(kept.failures - 1, 10U);
        kept.not_before = now + std::min(options_.longest_retry, options_.first_retry * (1U << doubled));
    });
    note_outcome(its, outcome);
    report();
    changed_.notify_one();
}

void S3Uploader::note_outcome(const Upload& upload, const Result<bool>& outcome) {
    if (outcome) {
        if (std::exchange(failing_, false))
            log::info("recording.uploads_resumed", {{"waiting_bytes", waiting_bytes_}});
        if (*outcome && upload.closed) erase(path_of(upload.key));
        return;
    }
    if (outcome.error().code == ErrorCode::unavailable || outcome.error().code == ErrorCode::internal) {
        log_failure(upload, outcome.error());
        return;
    }
    // It would be so each time, and the others are not to wait for it.
    log::error("recording.not_uploaded",
               {{"session", upload.key.session.text()}, {"error", outcome.error().message}});
    erase(path_of(upload.key));
}

// While the storage is away that is the same for all of them.
void S3Uploader::log_failure(const Upload& upload, const Error& error) {
    const BootInstant now = clock_.boot_now();
    if (stopping_ || (failing_ && last_logged_ && now - *last_logged_ < between_log_lines)) return;
    failing_ = true;
    last_logged_ = now;
    const Duration waits = upload.oldest ? now - *upload.oldest : Duration::zero();
    log::warning("recording.upload_failed", {{"session", upload.key.session.text()},
                                             {"error", error.message},
                                             {"waits_for", format_duration(waits)},
                                             {"waiting_bytes", waiting_bytes_}});
}

Result<bool> S3Uploader::step(Upload& upload) {
    if (!upload.known) {
        const auto looked = look(upload);
        if (!looked) return looked.error();
    }
    if (upload.written > upload.uploaded) {
        const auto uploaded = upload_part(upload);
        metrics_.part_uploaded(uploaded.has_value());
        if (!uploaded) return uploaded.error();
    }
    if (!upload.closed || upload.written > upload.uploaded) return false;
    return finish(upload);
}

// What of it is there. Objects behind one that is missing are of no use, and would be taken for parts once
// that is there.
Result<void> S3Uploader::look(Upload& upload) {
    const auto parts = find_parts(client_, upload.key);
    if (!parts) return parts.error();
    for (const unsigned number : parts->stray) {
        const auto removed = client_.remove(part_key(upload.key, number));
        if (!removed) return removed.error();
    }
    if (parts->bytes > upload.written) {
        return Error{
            ErrorCode::conflict,
            fmt::format("the storage has {} bytes of the recording of session {}, and here are {}: it "
                        "is not this one; remove the one or the other",
                        parts->bytes, upload.key.session.text(), upload.written)};
    }
    upload.uploaded = parts->bytes;
    upload.parts = static_cast<unsigned>(parts->sizes.size());
    upload.known = true;
    return {};
}

Result<std::string> S3Uploader::read(const RecordingKey& key, std::uint64_t offset, std::uint64_t length) {
    auto source = spool_.open(key);
    if (!source) return source.error();
    std::string bytes(length, '\0');
    std::size_t have = 0;
    while (have < length) {
        const auto more = (*source)->read(offset + have, {bytes.data() + have, length - have});
        if (!more) return more.error();
        if (*more == 0) {
            return Error{ErrorCode::unavailable,
                         fmt::format("the recording of session {} ends at byte {}, and more was written",
                                     key.session.text(), offset + have)};
        }
        have += *more;
    }
    return bytes;
}

Result<void> S3Uploader::upload_part(Upload& upload) {
    if (upload.parts >= most_parts)
        return Error{ErrorCode::invalid, fmt::format("the recording of session {} has more than {} parts",
                                                     upload.key.session.text(), most_parts)};
    const std::uint64_t length = std::min(options_.part_bytes, upload.written - upload.uploaded);
    auto bytes = read(upload.key, upload.uploaded, length);
    if (!bytes) return bytes.error();
    const auto put = client_.put(part_key(upload.key, upload.parts + 1), std::move(*bytes));
    if (!put) return put.error();
    upload.uploaded += length;
    ++upload.parts;
    // What came since then is not older than that.
    if (upload.uploaded == upload.written) upload.oldest = upload.taken;
    return {};
}

// Asks once more before the only other copy goes. Of an empty one there is none.
Result<bool> S3Uploader::finish(Upload& upload) {
    if (upload.written > 0) {
        upload.known = false;
        const auto looked = look(upload);
        if (!looked) return looked.error();
        if (upload.uploaded < upload.written) return false;
    }
    if (options_.keep_local) return true;
    const auto removed = spool_.remove(upload.key);
    if (!removed && removed.error().code != ErrorCode::not_found) return removed.error();
    return true;
}

}  // namespace curfew::recording
