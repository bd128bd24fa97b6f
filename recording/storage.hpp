// Where recordings are kept: one append-only file each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"

namespace curfew::recording {

// Which recording. Of `began` only the day counts, in UTC: when the session began, as its record in the
// store says. Where it is known only about, the day before and the day after are looked at too.
struct RecordingKey {
    SessionId session;
    WallInstant began;

    bool operator==(const RecordingKey&) const = default;
};

// Where it lies, below the storage's directory or prefix: `2026/11/29/s-7k3mq9xd.curfewrec`.
std::string path_of(const RecordingKey& key);
// Reads what path_of writes, `began` being that day's beginning; nullopt for anything else.
std::optional<RecordingKey> key_of(std::string_view path);

// A recording that is being written, by one thread. Destroyed without close(): as after a crash, it ends
// with what append() was given.
class RecordingFile {
public:
    virtual ~RecordingFile() = default;

    // Whole frames (ChunkWriter::finish). With success they can be read by others at once, survive the end
    // of this process, and within some seconds that of the machine. With an error the file is as before the
    // call. unavailable: the disk is full or cannot be written to.
    virtual Result<void> append(std::string_view frames) = 0;

    // No more will come: everything is on the disk, and the recording is not live any more.
    virtual Result<void> close() = 0;
};

// The bytes of a recording, for one reader.
class RecordingSource {
public:
    virtual ~RecordingSource() = default;

    // Up to `into.size()` bytes from `offset` on; 0: there are no more yet.
    virtual Result<std::size_t> read(std::uint64_t offset, std::span<char> into) = 0;

    // Whether it is being written: more may come. What was written before it turned false can be read.
    virtual bool live() = 0;
};

struct StoredRecording {
    RecordingKey key;
    std::uint64_t bytes = 0;
    WallInstant changed;  // when it was last written to
    bool live = false;
};

// Thread-safe.
class RecordingStorage {
public:
    virtual ~RecordingStorage() = default;

    // conflict: there is one for this session already. unavailable: the disk is full or cannot be written to.
    virtual Result<std::unique_ptr<RecordingFile>> create(const RecordingKey& key) = 0;

    // not_found: there is none (any more).
    virtual Result<std::unique_ptr<RecordingSource>> open(const RecordingKey& key) = 0;

    // All of them, by day and session; files that are no recordings are passed over.
    virtual Result<std::vector<StoredRecording>> list() = 0;

    // not_found: there is none. conflict: it is being written.
    virtual Result<void> remove(const RecordingKey& key) = 0;
};

}  // namespace curfew::recording
