// A recording read entry by entry, each frame checked before anything of it is believed. Also while it is
// still being written.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/sha256.hpp"
#include "recording/entry.hpp"
#include "recording/frame.hpp"
#include "recording/storage.hpp"

namespace curfew::recording {

enum class Condition {
    open,      // good so far, and being written: more may come
    complete,  // to its end, which stands in it
    cut,       // good so far, but it breaks off: curfewd was killed, or the disk was full
    broken,    // changed or damaged: what follows `offset` is not what was written
};
std::string_view to_string(Condition condition);

// How a recording is, as far as it was read.
struct Integrity {
    Condition condition = Condition::open;
    std::uint64_t offset = 0;      // in the file: up to here it is good
    std::uint64_t lost_bytes = 0;  // behind it: a frame that was not written to its end, or what is broken
    std::string what;              // a sentence, for people; empty while all is good

    bool operator==(const Integrity&) const = default;
};

// Frames out of bytes that are fed to it. Pure. Holds one frame at most, and never more than its limits
// allow, whatever it is fed.
class FrameReader {
public:
    enum class Step {
        frame,   // text() is the next frame's lines
        hungry,  // needs wanted() more bytes at least
        broken,  // see problem()
    };

    FrameReader();
    ~FrameReader();
    FrameReader(FrameReader&&) noexcept;
    FrameReader& operator=(FrameReader&&) noexcept;

    // How many bytes it needs to go on; never 0 while it is hungry.
    std::size_t wanted() const noexcept;
    // Takes no more than wanted(); returns how many it took.
    std::size_t feed(std::string_view bytes);
    Step next();

    std::string_view text() const noexcept;  // valid until next()
    const FrameHeader& header() const noexcept;
    // Of the frames that were good; first_link() before the first.
    const Sha256Digest& chain() const noexcept;
    // Where in the file the frame begins that is not read yet.
    std::uint64_t offset() const noexcept;
    // Bytes that were fed beyond offset().
    std::uint64_t pending() const noexcept;
    const std::string& problem() const noexcept;

private:
    struct State;
    std::unique_ptr<State> state_;
};

class RecordingReader {
public:
    explicit RecordingReader(std::unique_ptr<RecordingSource> source);
    ~RecordingReader();
    RecordingReader(RecordingReader&&) noexcept;
    RecordingReader& operator=(RecordingReader&&) noexcept;

    // The next entry. nullopt: there is no more, for the reason that integrity() gives; while it is `open`
    // asking again, later, may bring more. An error: the source cannot be read.
    Result<std::optional<Entry>> next();

    // The line of the entry that next() gave last, as it stands in the recording; valid until next().
    std::string_view line() const noexcept;
    // How many next() has given.
    std::uint64_t count() const noexcept;

    const Integrity& integrity() const noexcept;
    // Of the frames read so far; once it is complete, the recording's hash.
    const Sha256Digest& hash() const noexcept;

private:
    struct State;
    std::unique_ptr<State> state_;
};

// What is known of a recording that was read to its end.
struct Summary {
    Integrity integrity;
    Sha256Digest hash{};
    std::uint64_t entries = 0;
    Offset length{};  // of its last entry
    std::optional<entry::Started> started;
    std::optional<entry::Ended> ended;
};

// Reads all of it. An error: the source cannot be read.
Result<Summary> verify(std::unique_ptr<RecordingSource> source);

}  // namespace curfew::recording
