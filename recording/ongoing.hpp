// One recording while it is being written: what came by becomes entries, and those become frames of its file.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/sha256.hpp"
#include "recording/chunk.hpp"
#include "recording/entry.hpp"
#include "recording/record_kind.hpp"
#include "recording/redaction.hpp"
#include "recording/ring.hpp"
#include "recording/storage.hpp"
#include "recording/transcript.hpp"

namespace curfew::recording {

struct Beginning {
    entry::Started started;
    BootInstant at{};  // what Offset 0 is
    std::shared_ptr<const Redactor> redactor;
};

// What became of a recording.
struct Finished {
    std::optional<Sha256Digest> hash;  // of its last frame; absent: that could not be written
    std::uint64_t bytes = 0;           // of its file
    std::string last_statement;        // what was asked for last, redacted; empty: nothing
};

// Not thread-safe.
class Ongoing {
public:
    // What it needs outlives it.
    Ongoing(RecordingStorage& storage, FrameCompressor& compressor, Beginning beginning);
    Ongoing(const Ongoing&) = delete;
    Ongoing& operator=(const Ongoing&) = delete;

    // How an attempt to write went.
    enum class Written {
        nothing,  // there was nothing to be written, or it is not time to try again
        fine,
        failed,  // it could not be, for the first time or again; see problem()
        again,   // it can, after it could not
    };
    // It is not to be: takes the file away again.
    void abandon();

    void take(const Record& record, BootInstant now);
    // When write() has something to do; nullopt: nothing.
    std::optional<BootInstant> due_at() const noexcept;
    Written write(BootInstant now);
    // The same, though it is not due. The first time it makes the file, with the entry that the session has
    // started.
    Written write_now(BootInstant now);
    // Nothing comes any more: writes what there is, as far as it can. close() is to follow.
    Finished finish(entry::Ended ended, BootInstant at, BootInstant now);
    // Brings the file to the disk, which takes as long as the disk does. Any thread may do it, once nobody
    // else uses this. The error: it is not known to be there, and `finished` has no hash any more.
    Result<void> close(Finished& finished);

    const SessionId& session() const noexcept { return key_.session; }
    std::optional<Transcript::Running> running() const { return transcript_.running(); }
    bool failing() const noexcept { return failing_; }
    const std::string& problem() const noexcept { return problem_; }
    // What stands in its file so far.
    struct Amount {
        std::uint64_t entries = 0;
        std::uint64_t bytes = 0;
    };
    Amount amount() const noexcept { return {writer_.entries(), written_}; }

private:
    void add(const Entry& entry);
    Result<void> append(std::string_view frames);

    RecordingStorage& storage_;
    const RecordingKey key_;
    BootInstant now_;  // when what is added is added
    Transcript transcript_;
    ChunkWriter writer_;
    std::unique_ptr<RecordingFile> file_;
    std::uint64_t written_ = 0;

    // While it cannot be written: the frames that are next, since they are links of a chain, and how much of
    // what came after them is lost.
    bool failing_ = false;
    std::string problem_;
    std::string next_frames_;
    BootInstant try_again_at_{};
    std::uint64_t lost_entries_ = 0;
};

}  // namespace curfew::recording
