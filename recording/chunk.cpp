#include "recording/chunk.hpp"

#include <fmt/format.h>
#include <zstd.h>

#include <algorithm>
#include <new>
#include <utility>

#include "recording/entry_json.hpp"
#include "recording/frame.hpp"
#include "recording/shortened.hpp"

namespace curfew::recording {
namespace {

// Entries are so much alike that a higher level gains nothing, and takes longer.
constexpr int compression_level = 1;

// What one large frame has blown up is given back, and thousands of sessions that are quiet hold little.
constexpr std::size_t keep_at_most = 4 * ChunkWriter::full_at;
constexpr std::size_t quiet_keeps_at_most = 4096;

void clear_buffer(std::string& buffer, std::size_t keep) {
    if (buffer.capacity() > keep)
        buffer = std::string{};
    else
        buffer.clear();
}

}  // namespace

struct FrameCompressor::Context {
    struct Free {
        void operator()(ZSTD_CCtx* context) const noexcept { ZSTD_freeCCtx(context); }
    };
    std::unique_ptr<ZSTD_CCtx, Free> zstd{ZSTD_createCCtx()};
};

FrameCompressor::FrameCompressor() : context_{std::make_unique<Context>()} {
    if (!context_->zstd) throw std::bad_alloc{};
    ZSTD_CCtx_setParameter(context_->zstd.get(), ZSTD_c_compressionLevel, compression_level);
    ZSTD_CCtx_setParameter(context_->zstd.get(), ZSTD_c_checksumFlag, 1);
}

FrameCompressor::~FrameCompressor() = default;

std::string_view FrameCompressor::compress(std::string_view text) {
    const std::size_t bound = ZSTD_compressBound(text.size());
    if (buffer_.capacity() > keep_at_most && bound < keep_at_most) buffer_ = {};
    if (buffer_.size() < bound) buffer_.resize(bound);
    const std::size_t size =
        ZSTD_compress2(context_->zstd.get(), buffer_.data(), buffer_.size(), text.data(), text.size());
    // With room for the worst case, nothing but memory can be short.
    if (ZSTD_isError(size) != 0U) throw std::bad_alloc{};
    return std::string_view{buffer_}.substr(0, size);
}

ChunkWriter::ChunkWriter(FrameCompressor& compressor) : compressor_{compressor}, chain_{first_link()} {}

void ChunkWriter::add(const Entry& entry, BootInstant now) {
    if (empty()) waits_since_ = now;
    if (lines_.empty()) first_ = entry.at;
    const std::size_t before = lines_.size();
    append_json(lines_, entry);
    if (lines_.size() - before >= longest_line) add_shortened(entry, before);
    lines_ += '\n';
    ++lines_count_;
    ++entries_;
    if (lines_.size() >= full_at) close_frame();
}

// `lines_` ends with all of it, which begins at `before`.
void ChunkWriter::add_shortened(const Entry& entry, std::size_t before) {
    const std::size_t length = lines_.size() - before;
    // A byte may take six as a line has it.
    for (std::size_t room = longest_line / 2; room >= longest_line / 8; room /= 2) {
        lines_.resize(before);
        append_json(lines_, shortened(entry, room));
        if (lines_.size() - before < longest_line) return;
    }
    lines_.resize(before);
    append_json(lines_, {entry.at, entry::Gap{fmt::format("an entry of the kind {} was too long to be kept",
                                                          kind_of(entry.content)),
                                              length}});
}

std::optional<BootInstant> ChunkWriter::due_at() const noexcept {
    if (empty()) return std::nullopt;
    return frames_.empty() ? waits_since_ + longest_wait : waits_since_;
}

bool ChunkWriter::due(BootInstant now) const noexcept {
    const auto at = due_at();
    return at && *at <= now;
}

std::string_view ChunkWriter::finish() {
    if (!lines_.empty()) {
        close_frame();
        clear_buffer(lines_, quiet_keeps_at_most);
    }
    taken_ = std::exchange(frames_, std::string{});
    bytes_ += taken_.size();
    return taken_;
}

void ChunkWriter::close_frame() {
    if (!std::exchange(begun_, true)) frames_ += file_magic;
    const std::string_view payload = compressor_.compress(lines_);
    FrameHeader header;
    header.payload_size = static_cast<std::uint32_t>(payload.size());
    header.text_size = static_cast<std::uint32_t>(lines_.size());
    header.entries = lines_count_;
    // The clock does not run backwards; a reader is not to trip over it if it ever seems to.
    header.first = std::max(first_, Offset{0});
    header.chain = next_link(chain_, header, payload);
    chain_ = header.chain;
    const auto bytes = write_header(header);
    frames_.append(bytes.data(), bytes.size());
    frames_ += payload;
    clear_buffer(lines_, keep_at_most);
    lines_count_ = 0;
}

}  // namespace curfew::recording
