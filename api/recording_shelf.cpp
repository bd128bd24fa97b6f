#include "api/recording_shelf.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "base/sha256.hpp"

namespace curfew::api {
namespace {

constexpr std::size_t most_kept = 16;
constexpr std::size_t largest_read = 1U << 20U;

::curfew::http::WorkerPool::Options reading_pool() {
    ::curfew::http::WorkerPool::Options options;
    options.name = "recordings";
    options.threads = 2;
    options.most_waiting = 64;
    options.niceness = 5;  // sessions come first
    options.too_busy = "Too many recordings are being read; try again in a moment";
    return options;
}

using ReadingPtr = std::shared_ptr<Reading>;

}  // namespace

Result<void> Reading::skip_to(std::uint64_t number) {
    while (reader_.count() < number) {
        const auto entry = reader_.next();
        if (!entry) return entry.error();
        if (!*entry) break;
    }
    return {};
}

Result<EntriesRead> Reading::read(std::size_t most, std::size_t bytes) {
    EntriesRead read;
    read.first = reader_.count();
    std::size_t length = 0;
    while (read.lines.size() < most && length < bytes) {
        const auto entry = reader_.next();
        if (!entry) return entry.error();
        read.at_end = !*entry;
        if (read.at_end) break;
        read.lines.emplace_back(reader_.line());
        length += read.lines.back().size();
    }
    read.integrity = reader_.integrity();
    read.hash = to_hex(reader_.hash());
    return read;
}

RecordingShelf::RecordingShelf(RecordingPlace place) : place_{std::move(place)}, pool_{reading_pool()} {}

// On one of the threads.
Result<ReadingPtr> RecordingShelf::take(const recording::RecordingKey& key, std::uint64_t from) {
    if (from > 0) {
        const std::lock_guard lock{mutex_};
        const auto found = std::find_if(kept_.begin(), kept_.end(), [&](const ReadingPtr& reading) {
            return reading->key().session == key.session && reading->count() == from;
        });
        if (found != kept_.end()) {
            ReadingPtr reading = std::move(*found);
            kept_.erase(found);
            return reading;
        }
    }
    if (!place_.storage) return Error{ErrorCode::not_found, "This node keeps no recordings"};
    auto source = place_.storage->open(key);
    if (!source) return source.error();
    auto reading = std::make_shared<Reading>(key, std::move(*source));
    if (const auto skipped = reading->skip_to(from); !skipped) return skipped.error();
    return reading;
}

void RecordingShelf::keep(ReadingPtr reading) {
    const std::lock_guard lock{mutex_};
    kept_.push_back(std::move(reading));
    if (kept_.size() > most_kept) kept_.pop_front();
}

Awaitable<Result<EntriesRead>> RecordingShelf::entries(recording::RecordingKey key, std::uint64_t from,
                                                       std::size_t most) {
    auto work = [this, key = std::move(key), from, most]() -> Result<EntriesRead> {
        auto reading = take(key, from);
        if (!reading) return reading.error();
        auto read = (*reading)->read(most, largest_read);
        if (read && !read->at_end) keep(std::move(*reading));
        return read;
    };
    return pool_.run<EntriesRead>(std::move(work));
}

Awaitable<Result<ReadingPtr>> RecordingShelf::open(recording::RecordingKey key, std::uint64_t from) {
    auto work = [this, key = std::move(key), from] { return take(key, from); };
    return pool_.run<ReadingPtr>(std::move(work));
}

Awaitable<Result<std::shared_ptr<recording::RecordingSource>>> RecordingShelf::open_file(
    recording::RecordingKey key) {
    using SourcePtr = std::shared_ptr<recording::RecordingSource>;
    auto work = [this, key = std::move(key)]() -> Result<SourcePtr> {
        if (!place_.storage) return Error{ErrorCode::not_found, "This node keeps no recordings"};
        auto source = place_.storage->open(key);
        if (!source) return source.error();
        return SourcePtr{std::move(*source)};
    };
    return pool_.run<SourcePtr>(std::move(work));
}

Awaitable<Result<RecordingSearched>> RecordingShelf::search(recording::RecordingKey key, std::uint64_t from,
                                                            recording::Searcher searcher,
                                                            SearchBudget budget) {
    auto work = [this, key = std::move(key), from, searcher = std::move(searcher),
                 budget]() -> Result<RecordingSearched> {
        auto taken = take(key, from);
        if (!taken) return taken.error();
        auto& reader = (*taken)->reader();
        const auto give_up = std::chrono::steady_clock::now() + budget.time;
        RecordingSearched searched;
        while (searched.hits.size() < budget.hits && searched.bytes < budget.bytes) {
            const auto entry = reader.next();
            if (!entry) return entry.error();
            searched.at_end = !*entry;
            if (searched.at_end) break;
            searched.bytes += reader.line().size();
            if (auto hit = recording::find_in(searcher, **entry, reader.count() - 1))
                searched.hits.push_back(std::move(*hit));
            if (std::chrono::steady_clock::now() > give_up) break;
        }
        searched.next = reader.count();
        if (!searched.at_end) keep(std::move(*taken));
        return searched;
    };
    return pool_.run<RecordingSearched>(std::move(work));
}

}  // namespace curfew::api
