// The frames that a recording's file consists of (docs/recording-format.md): how their headers are written
// and read, and how each is chained to the one before. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/sha256.hpp"
#include "recording/entry.hpp"

namespace curfew::recording {

// What each file begins with.
inline constexpr std::string_view file_magic = "curfew recording 1\n";

inline constexpr std::size_t frame_header_size = 56;
// What a frame may hold at most. A reader believes no header that says more.
inline constexpr std::size_t longest_frame_text = 32U << 20U;
inline constexpr std::size_t longest_frame_payload = longest_frame_text + (longest_frame_text >> 7U) + 1024;
// An entry whose line would be longer is cut, or becomes a Gap that says so where there is nothing to cut.
inline constexpr std::size_t longest_line = 16U << 20U;

struct FrameHeader {
    std::uint32_t payload_size = 0;  // in bytes, compressed
    std::uint32_t text_size = 0;     // in bytes, as lines
    std::uint32_t entries = 0;
    Offset first{};        // of its first entry
    Sha256Digest chain{};  // of the chain before it, this header without `chain`, and the payload

    bool operator==(const FrameHeader&) const = default;
};

// The chain before the first frame: the digest of file_magic.
Sha256Digest first_link();

// Its 56 bytes; those before the digest are what the chain covers.
std::array<char, frame_header_size> write_header(const FrameHeader& header);

// `bytes`: frame_header_size of them. invalid: no frame begins here, or it says that it is longer than any.
Result<FrameHeader> read_header(std::string_view bytes);

// What `chain` of a frame with this header and payload must be.
Sha256Digest next_link(const Sha256Digest& before, const FrameHeader& header, std::string_view payload);

}  // namespace curfew::recording
