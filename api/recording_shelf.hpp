// Recordings as the API reads them: on threads of their own, since disks and object stores are waited for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "api/http_types.hpp"
#include "base/result.hpp"
#include "http/worker_pool.hpp"
#include "recording/live_watch.hpp"
#include "recording/reader.hpp"
#include "recording/search.hpp"
#include "recording/storage.hpp"

namespace curfew::api {

// Where recordings are read from. Without `storage` there are none here.
struct RecordingPlace {
    std::shared_ptr<recording::RecordingStorage> storage;
    std::shared_ptr<recording::LiveWatch> live;  // may be absent: then live ones are looked at every second
};

// Entries that follow each other.
struct EntriesRead {
    std::uint64_t first = 0;         // the number of the first of them; the recording's first is 0
    std::vector<std::string> lines;  // as they stand in it
    bool at_end = false;             // there are no more, or not yet: see `integrity`
    recording::Integrity integrity;  // as far as it was read
    std::string hash;                // the same, in hexadecimal

    std::uint64_t next() const noexcept { return first + lines.size(); }
};

// One recording, read forward by one thread at a time.
class Reading {
public:
    Reading(recording::RecordingKey key, std::unique_ptr<recording::RecordingSource> source)
        : key_{std::move(key)}, reader_{std::move(source)} {}

    const recording::RecordingKey& key() const noexcept { return key_; }
    recording::RecordingReader& reader() noexcept { return reader_; }
    std::uint64_t count() const noexcept { return reader_.count(); }
    // Passes over entries until `number` is the next one, or there are no more. Error: it cannot be read.
    Result<void> skip_to(std::uint64_t number);
    // At most `most` entries, and no more once they have so many bytes.
    Result<EntriesRead> read(std::size_t most, std::size_t bytes);

private:
    recording::RecordingKey key_;
    recording::RecordingReader reader_;
};

// What a look for text came to in one recording.
struct RecordingSearched {
    std::vector<recording::Hit> hits;
    std::uint64_t next = 0;  // the entry to go on with
    bool at_end = false;
    std::size_t bytes = 0;  // of the entries that were looked at
};
struct SearchBudget {
    std::size_t hits = 0;
    std::size_t bytes = 0;
    Duration time{};
};

// Belongs to one thread, where its functions are awaited; must outlive them.
class RecordingShelf {
public:
    explicit RecordingShelf(RecordingPlace place);

    bool has_storage() const noexcept { return place_.storage != nullptr; }
    recording::LiveWatch* live() const noexcept { return place_.live.get(); }

    // Errors of all: not_found where it is not here (any more); unavailable where it cannot be read now.
    Awaitable<Result<EntriesRead>> entries(recording::RecordingKey key, std::uint64_t from, std::size_t most);
    // To be read with run(). `from`: the entry that comes first.
    Awaitable<Result<std::shared_ptr<Reading>>> open(recording::RecordingKey key, std::uint64_t from);
    Awaitable<Result<std::shared_ptr<recording::RecordingSource>>> open_file(recording::RecordingKey key);
    Awaitable<Result<RecordingSearched>> search(recording::RecordingKey key, std::uint64_t from,
                                                recording::Searcher searcher, SearchBudget budget);

    // `work()`, which gives a Result<T>, on one of the threads.
    template <class T, class Work>
    Awaitable<Result<T>> run(Work work) {
        return pool_.run<T>(std::move(work));
    }

private:
    Result<std::shared_ptr<Reading>> take(const recording::RecordingKey& key, std::uint64_t from);
    void keep(std::shared_ptr<Reading> reading);

    const RecordingPlace place_;
    std::mutex mutex_;
    // Who reads page by page goes on where the page before ended: a frame is good only where all before it
    // are. Latest last.
    std::list<std::shared_ptr<Reading>> kept_;
    ::curfew::http::WorkerPool pool_;  // the first to go: its threads use the others
};

}  // namespace curfew::api
