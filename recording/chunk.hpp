// Entries put together into frames, as a session's recording is written.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/sha256.hpp"
#include "recording/entry.hpp"

namespace curfew::recording {

// zstd with its memory, which is worth a megabyte: one for all the writers of a thread. Not thread-safe.
class FrameCompressor {
public:
    FrameCompressor();
    ~FrameCompressor();
    FrameCompressor(const FrameCompressor&) = delete;
    FrameCompressor& operator=(const FrameCompressor&) = delete;

    // `text` compressed, with zstd's own checksum; valid until the next call. Throws std::bad_alloc where
    // memory is short.
    std::string_view compress(std::string_view text);

private:
    struct Context;
    std::unique_ptr<Context> context_;
    std::string buffer_;
};

// Of one recording. Holds its entries as lines until a frame is full, and frames until they are taken; the
// caller takes them when due() and writes them to the recording's file in that order. Not thread-safe.
class ChunkWriter {
public:
    // A frame is closed as soon as it has this many bytes of lines ...
    static constexpr std::size_t full_at = 64U << 10U;
    // ... or its first entry has waited this long.
    static constexpr Duration longest_wait = std::chrono::seconds{1};

    // `compressor` outlives it.
    explicit ChunkWriter(FrameCompressor& compressor);

    // `now`: when the entry came here, which is not when it happened. Compresses only where it fills a frame.
    void add(const Entry& entry, BootInstant now);

    bool empty() const noexcept { return lines_.empty() && frames_.empty(); }
    // From when on there is something to be taken; nullopt while there is nothing at all.
    std::optional<BootInstant> due_at() const noexcept;
    bool due(BootInstant now) const noexcept;

    // All that is held, as bytes for the end of the file: frames, and before the first of them the file's
    // magic. Empty if nothing was added. Valid until the next call that changes this. They count as written.
    std::string_view finish();

    // Of all frames that were finished: once Ended was, the recording's hash.
    const Sha256Digest& hash() const noexcept { return chain_; }
    // That finish() has given so far: the file's size.
    std::uint64_t bytes() const noexcept { return bytes_; }
    std::uint64_t entries() const noexcept { return entries_; }

private:
    void add_shortened(const Entry& entry, std::size_t before);
    void close_frame();

    FrameCompressor& compressor_;
    std::string lines_;   // of the frame that is being filled
    std::string frames_;  // that are closed
    std::string taken_;   // what finish() gave
    std::uint32_t lines_count_ = 0;
    Offset first_{};
    BootInstant waits_since_{};
    Sha256Digest chain_;
    std::uint64_t bytes_ = 0;
    std::uint64_t entries_ = 0;
    bool begun_ = false;  // the magic is out
};

}  // namespace curfew::recording
