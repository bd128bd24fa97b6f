#include "recording/s3_storage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

#include "base/duration.hpp"

namespace curfew::recording {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t read_ahead = std::uint64_t{1} << 20U;

http::CurlFetch::Options fetch_options(const config::S3Settings& settings,
                                       std::chrono::milliseconds timeout) {
    http::CurlFetch::Options options;
    options.root_certificate_file = settings.root_certificate_file;
    options.timeout = timeout;
    options.most_bytes = read_ahead + (std::size_t{1} << 20U);
    options.peer = "the storage of recordings";
    return options;
}

Error too_late(const config::S3Settings& settings) {
    return {
        ErrorCode::unavailable,
        fmt::format("what was recorded has not reached the storage at {} for {} (recordings.s3.max_delay); "
                    "recording.upload_failed in the log says why",
                    settings.endpoint, format_duration(settings.max_delay))};
}

// Tells the uploader of what was written.
class SpooledFile final : public RecordingFile {
public:
    struct Surroundings {
        const S3Storage::Setup& setup;
        const Clock& clock;
        const StorageHealth& health;
        S3Uploader& uploader;
    };
    SpooledFile(std::unique_ptr<RecordingFile> file, RecordingKey key, const Surroundings& around)
        : file_{std::move(file)}, key_{std::move(key)}, around_{around} {}
    ~SpooledFile() override {
        file_.reset();  // from now on it is not live
        if (!closed_) around_.uploader.closed(key_);
    }

    Result<void> append(std::string_view frames) override {
        // Once is enough for the session to end, and how it ended is to be in it.
        if (around_.setup.refuses_while_late && !refused_ &&
            around_.health.failed(around_.clock.boot_now())) {
            refused_ = true;
            return too_late(around_.setup.settings);
        }
        auto written = file_->append(frames);
        if (written) around_.uploader.appended(key_, frames.size());
        return written;
    }

    Result<void> close() override {
        auto outcome = file_->close();
        if (!outcome) return outcome;
        closed_ = true;
        around_.uploader.closed(key_);
        return outcome;
    }

private:
    std::unique_ptr<RecordingFile> file_;
    const RecordingKey key_;
    const Surroundings around_;
    bool closed_ = false;
    bool refused_ = false;
};

}  // namespace

struct S3Storage::Reading {
    explicit Reading(const config::S3Settings& settings)
        : fetch{fetch_options(settings, 30s)}, client{fetch, settings} {}

    http::CurlFetch fetch;
    S3Client client;
};

namespace {

// The objects of a recording, one after the other.
class PartsSource final : public RecordingSource {
public:
    PartsSource(std::shared_ptr<void> keeper, S3Client& client, RecordingKey key, Parts parts)
        : keeper_{std::move(keeper)}, client_{client}, key_{std::move(key)}, parts_{std::move(parts)} {}

    Result<std::size_t> read(std::uint64_t offset, std::span<char> into) override {
        if (offset >= parts_.bytes || into.empty()) return std::size_t{0};
        if (offset < ahead_at_ || offset >= ahead_at_ + ahead_.size()) {
            auto filled = fill(offset);
            if (!filled) return filled.error();
        }
        const auto from = static_cast<std::size_t>(offset - ahead_at_);
        const std::size_t length = std::min(into.size(), ahead_.size() - from);
        std::copy_n(ahead_.data() + from, length, into.data());
        return length;
    }

    bool live() override { return false; }

private:
    Result<void> fill(std::uint64_t offset) {
        std::uint64_t begin = 0;
        unsigned number = 1;
        while (offset >= begin + parts_.sizes[number - 1]) {
            begin += parts_.sizes[number - 1];
            ++number;
        }
        const std::uint64_t length = std::min(read_ahead, begin + parts_.sizes[number - 1] - offset);
        auto bytes = client_.get(part_key(key_, number), offset - begin, length);
        if (!bytes) return bytes.error();
        if (bytes->size() != length) {
            return Error{
                ErrorCode::unavailable,
                fmt::format("part {} of the recording of session {} is shorter than the storage says", number,
                            key_.session.text())};
        }
        ahead_ = std::move(*bytes);
        ahead_at_ = offset;
        return {};
    }

    const std::shared_ptr<void> keeper_;
    S3Client& client_;
    const RecordingKey key_;
    const Parts parts_;
    std::string ahead_;
    std::uint64_t ahead_at_ = 0;
};

}  // namespace

S3Storage::Setup S3Storage::setup_of(const config::S3Settings& settings,
                                     config::OnRecordingFailure on_failure) {
    return {settings, on_failure == config::OnRecordingFailure::end, S3Uploader::options_of(settings)};
}

Result<std::unique_ptr<S3Storage>> S3Storage::open(std::unique_ptr<RecordingStorage> spool, Setup setup,
                                                   const Clock& clock, metrics::RecordingMetrics& metrics) {
    std::unique_ptr<S3Storage> storage{new S3Storage{std::move(spool), std::move(setup), clock, metrics}};
    auto started = storage->uploader_->start();
    if (!started) return started.error();
    return storage;
}

S3Storage::S3Storage(std::unique_ptr<RecordingStorage> spool, Setup setup, const Clock& clock,
                     metrics::RecordingMetrics& metrics)
    : setup_{std::move(setup)},
      clock_{clock},
      health_{setup_.settings.max_delay},
      spool_{std::move(spool)},
      reading_{std::make_shared<Reading>(setup_.settings)},
      fetch_{fetch_options(setup_.settings, 120s)},
      client_{fetch_, setup_.settings} {
    uploader_.emplace(*spool_, client_, clock, health_, metrics, setup_.uploads);
}

S3Storage::~S3Storage() {
    fetch_.stop();
    reading_->fetch.stop();
    uploader_.reset();
}

Result<std::unique_ptr<RecordingFile>> S3Storage::create(const RecordingKey& key) {
    if (setup_.refuses_while_late && health_.failed(clock_.boot_now())) return too_late(setup_.settings);
    auto file = spool_->create(key);
    if (!file) return file;
    const SpooledFile::Surroundings around{setup_, clock_, health_, *uploader_};
    return std::unique_ptr<RecordingFile>{std::make_unique<SpooledFile>(std::move(*file), key, around)};
}

Result<std::unique_ptr<RecordingSource>> S3Storage::open(const RecordingKey& key) {
    auto here = spool_->open(key);
    if (here || here.error().code != ErrorCode::not_found) return here;
    // A day may be known only about.
    for (const auto& days : {0, -1, 1}) {
        RecordingKey its = key;
        its.began += std::chrono::hours{24} * days;
        auto parts = find_parts(reading_->client, its);
        if (!parts) return parts.error();
        if (parts->sizes.empty()) continue;
        return std::unique_ptr<RecordingSource>{
            std::make_unique<PartsSource>(reading_, reading_->client, std::move(its), std::move(*parts))};
    }
    return here;
}

Result<std::vector<StoredRecording>> S3Storage::list() {
    auto here = spool_->list();
    if (!here) return here;
    auto there = find_all_parts(reading_->client);
    if (!there) return there.error();
    for (const StoredRecording& recording : *here)
        there->erase(path_of(recording.key));
    const WallInstant now = clock_.wall_now();
    const Duration grace = setup_.settings.max_delay + setup_.settings.part_interval;
    for (auto& [path, found] : *there) {
        auto& [key, parts] = found;
        const bool may_be_live = now - parts.changed < grace;
        here->push_back({std::move(key), parts.bytes, parts.changed, may_be_live});
    }
    std::sort(here->begin(), here->end(), [](const StoredRecording& one, const StoredRecording& other) {
        return path_of(one.key) < path_of(other.key);
    });
    return here;
}

Result<void> S3Storage::remove(const RecordingKey& key) {
    const auto forgotten = uploader_->forget(key);
    if (forgotten == S3Uploader::Forgotten::busy) {
        return Error{ErrorCode::conflict,
                     fmt::format("the recording of session {} is being written or uploaded; try again later",
                                 key.session.text())};
    }
    const auto here = spool_->remove(key);
    if (!here && here.error().code != ErrorCode::not_found) return here;
    // Whoever takes back what has just begun is not to wait for the network.
    if (here && forgotten == S3Uploader::Forgotten::nothing_there) return here;
    const auto parts = find_parts(reading_->client, key);
    if (!parts) return parts.error();
    if (!here && parts->sizes.empty() && parts->stray.empty()) return here;
    std::vector<unsigned> numbers = parts->stray;
    for (unsigned number = static_cast<unsigned>(parts->sizes.size()); number > 0; --number)
        numbers.push_back(number);
    // The first last: one that breaks off leaves what is seen, and is removed the next time.
    for (const unsigned number : numbers) {
        auto removed = reading_->client.remove(part_key(key, number));
        if (!removed) return removed;
    }
    return {};
}

}  // namespace curfew::recording
