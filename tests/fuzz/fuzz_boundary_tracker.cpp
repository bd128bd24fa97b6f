// Any bytes as a stream, cut into pieces by the input's first bytes: the tracker finds what a reader of the
// whole finds, wherever the cuts are.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "fuzzing.hpp"
#include "protocol/postgres/boundary_tracker.hpp"

namespace {

using namespace curfew;
using namespace curfew::postgres;
using fuzzing::require;

// What a stream holds: its messages, its statuses, where the next boundary after each byte is.
struct Seen {
    std::vector<std::pair<char, std::uint32_t>> messages;
    std::string statuses;
    bool broken = false;
    bool operator==(const Seen&) const = default;
};

// The whole stream at once, message by message, by nothing but the length words. Fills in all boundaries.
Seen read_whole(std::string_view stream, std::vector<std::size_t>& boundaries) {
    Seen seen;
    std::uint64_t at = 0;
    while (at <= stream.size()) {
        boundaries.push_back(at);
        if (stream.size() - at < header_size) break;
        const std::uint32_t length = read_u32(stream.data() + at + 1);
        if (length < 4 || length > 0x7FFFFFFFU) {
            seen.broken = true;
            break;
        }
        seen.messages.emplace_back(stream[at], length - 4);
        if (stream[at] == 'Z' && length > 4 && at + header_size < stream.size()) {
            seen.statuses += stream[at + header_size];
        }
        at += 1 + std::uint64_t{length};
    }
    return seen;
}

void feed(BoundaryTracker& tracker, std::string_view piece, Seen& seen) {
    const bool fine = tracker.advance(
        piece, [&](const Header& header) { seen.messages.emplace_back(header.type, header.body_length); },
        [&](char status) { seen.statuses += status; });
    require(fine == !tracker.broken(), "says the same twice");
    seen.broken = tracker.broken();
}

// What of `stream` is left at `position` is offered, and must be cut at the next boundary.
void check_to_boundary(const BoundaryTracker& tracker, std::string_view stream, std::size_t position,
                       const std::vector<std::size_t>& boundaries) {
    if (tracker.broken()) return;
    const auto next = std::lower_bound(boundaries.begin(), boundaries.end(), position);
    const std::size_t expected = next == boundaries.end() ? BoundaryTracker::npos : *next - position;
    require(tracker.to_boundary(stream.substr(position)) == expected, "finds the next boundary");
    require(tracker.at_boundary() == (expected == 0), "knows whether it is at one");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const std::size_t cuts = std::min<std::size_t>(data[0] % 16U, size - 1);
    const auto stream = fuzzing::as_text(data + 1 + cuts, size - 1 - cuts);

    std::vector<std::size_t> boundaries;
    const Seen whole = read_whole(stream, boundaries);

    BoundaryTracker tracker;
    Seen pieces;
    std::size_t position = 0;
    for (std::size_t i = 0; i < cuts; ++i) {
        const auto piece = stream.substr(position, data[1 + i]);
        feed(tracker, piece, pieces);
        position += piece.size();
        check_to_boundary(tracker, stream, position, boundaries);
    }
    feed(tracker, stream.substr(position), pieces);
    require(pieces == whole, "the same messages wherever the cuts are");

    BoundaryTracker byte_by_byte;
    Seen bytes;
    for (const char& byte : stream)
        feed(byte_by_byte, {&byte, 1}, bytes);
    require(bytes == whole, "the same messages byte by byte");
    return 0;
}
