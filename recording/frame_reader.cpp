// Frames out of bytes: nothing is believed before it was checked.
#include <zstd.h>

#include <algorithm>
#include <new>
#include <utility>

#include "recording/reader.hpp"

namespace curfew::recording {
namespace {

struct FreeDecompressor {
    void operator()(ZSTD_DCtx* context) const noexcept { ZSTD_freeDCtx(context); }
};

}  // namespace

struct FrameReader::State {
    enum class Part { magic, header, payload };

    std::unique_ptr<ZSTD_DCtx, FreeDecompressor> zstd{ZSTD_createDCtx()};
    Part part = Part::magic;
    std::string bytes;  // of this part, so far
    FrameHeader header;
    std::string text;
    Sha256Digest chain = first_link();
    std::uint64_t offset = 0;
    std::string problem;

    State() {
        if (!zstd) throw std::bad_alloc{};
    }
    std::size_t size_of_part() const noexcept {
        switch (part) {
            case Part::magic:
                return file_magic.size();
            case Part::header:
                return frame_header_size;
            case Part::payload:
                return header.payload_size;
        }
        return 0;
    }
    Step broken(std::string why) {
        problem = std::move(why);
        return Step::broken;
    }
    Step step();
    Step take_payload();
};

FrameReader::Step FrameReader::State::take_payload() {
    const Sha256Digest link = next_link(chain, header, bytes);
    if (link != header.chain)
        return broken("the hash of the frame there is not that of what it holds and of the frames before it");
    text.resize(header.text_size);
    const std::size_t size =
        ZSTD_decompressDCtx(zstd.get(), text.data(), text.size(), bytes.data(), bytes.size());
    if (ZSTD_isError(size) != 0U || size != text.size())
        return broken("the frame there cannot be decompressed to what its header says");
    if (static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) != header.entries ||
        text.back() != '\n')
        return broken("the frame there has not as many lines as its header says");
    chain = link;
    offset += frame_header_size + bytes.size();
    part = Part::header;
    bytes.clear();
    return Step::frame;
}

FrameReader::Step FrameReader::State::step() {
    if (!problem.empty()) return Step::broken;
    while (bytes.size() == size_of_part()) {
        if (part == Part::payload) return take_payload();
        if (part == Part::magic) {
            if (bytes != file_magic) return broken("it does not begin as a recording does");
            offset = bytes.size();
            part = Part::header;
            bytes.clear();
        } else {
            const auto read = read_header(bytes);
            if (!read) return broken(read.error().message);
            header = *read;
            part = Part::payload;
            bytes.clear();
        }
    }
    return Step::hungry;
}

FrameReader::FrameReader() : state_{std::make_unique<State>()} {}
FrameReader::~FrameReader() = default;
FrameReader::FrameReader(FrameReader&&) noexcept = default;
FrameReader& FrameReader::operator=(FrameReader&&) noexcept = default;

std::size_t FrameReader::wanted() const noexcept {
    return state_->size_of_part() - state_->bytes.size();
}

// Grows with what is really there, not with what a header says.
std::size_t FrameReader::feed(std::string_view bytes) {
    const std::size_t taken = std::min(bytes.size(), wanted());
    state_->bytes.append(bytes.substr(0, taken));
    return taken;
}

FrameReader::Step FrameReader::next() {
    return state_->step();
}

std::string_view FrameReader::text() const noexcept {
    return state_->text;
}
const FrameHeader& FrameReader::header() const noexcept {
    return state_->header;
}
const Sha256Digest& FrameReader::chain() const noexcept {
    return state_->chain;
}
std::uint64_t FrameReader::offset() const noexcept {
    return state_->offset;
}
std::uint64_t FrameReader::pending() const noexcept {
    const std::size_t header_bytes = state_->part == State::Part::payload ? frame_header_size : 0;
    return header_bytes + state_->bytes.size();
}
const std::string& FrameReader::problem() const noexcept {
    return state_->problem;
}

}  // namespace curfew::recording
