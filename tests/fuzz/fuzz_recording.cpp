// Whatever somebody hands in as a recording: it is read as far as it is good, within bounds, and what is
// wrong with it is said.
#include <string>

#include "fuzzing.hpp"
#include "recording/frame.hpp"
#include "recording/local_storage.hpp"
#include "recording/reader.hpp"

namespace {

using namespace curfew;
using recording::Condition;

void read_whole(std::string_view bytes) {
    recording::RecordingReader reader{recording::recording_of_bytes(std::string{bytes})};
    std::uint64_t entries = 0;
    for (;;) {
        const auto entry = reader.next();
        fuzzing::require(entry.has_value(), "bytes in memory can be read");
        if (!*entry) break;
        ++entries;
    }
    const recording::Integrity& integrity = reader.integrity();
    fuzzing::require(entries == reader.count(), "each entry is counted");
    fuzzing::require(integrity.condition != Condition::open, "what is not live comes to an end");
    fuzzing::require(integrity.offset <= bytes.size(), "what is good is within the file");
    fuzzing::require((integrity.condition == Condition::complete) == integrity.what.empty(),
                     "it is said what is wrong");
}

// In portions, as they come over a network.
void read_in_portions(std::string_view bytes) {
    recording::FrameReader reader;
    for (std::size_t at = 0; at < bytes.size();) {
        const std::size_t portion = 1 + at % 50;
        const std::size_t taken = reader.feed(bytes.substr(at, portion));
        auto step = reader.next();
        while (step == recording::FrameReader::Step::frame)
            step = reader.next();
        if (step == recording::FrameReader::Step::broken) return;
        fuzzing::require(taken > 0, "a hungry reader takes something");
        fuzzing::require(reader.wanted() <= recording::longest_frame_payload,
                         "no more is wanted than a frame");
        at += taken;
    }
}

// As the payload of a frame whose header and chain are in order, since no mutation gets past a digest.
void read_as_payload(std::string_view payload) {
    if (payload.size() < 3) return;
    recording::FrameHeader header;
    header.text_size = static_cast<std::uint32_t>(static_cast<unsigned char>(payload[0])) * 16U + 2U;
    header.entries = 1U + static_cast<unsigned char>(payload[1]) % 4U;
    payload.remove_prefix(2);
    header.payload_size = static_cast<std::uint32_t>(payload.size());
    header.chain = recording::next_link(recording::first_link(), header, payload);
    const auto head = recording::write_header(header);
    std::string bytes{recording::file_magic};
    bytes.append(head.data(), head.size());
    bytes += payload;
    read_whole(bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = curfew::fuzzing::as_text(data, size);
    read_whole(bytes);
    read_in_portions(bytes);
    read_as_payload(bytes);
    return 0;
}
