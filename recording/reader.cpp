#include "recording/reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <utility>

#include "recording/entry_json.hpp"

namespace curfew::recording {
namespace {

constexpr std::size_t read_size = 64U << 10U;

// Whether the source has nothing but zero bytes from `offset` on: what some file systems leave behind a file
// that was being written when the power failed.
Result<bool> only_zeros_from(RecordingSource& source, std::uint64_t offset) {
    std::array<char, 4096> bytes{};
    for (;;) {
        const auto got = source.read(offset, bytes);
        if (!got) return got.error();
        if (*got == 0) return true;
        const auto end = bytes.begin() + static_cast<std::ptrdiff_t>(*got);
        if (std::any_of(bytes.begin(), end, [](char byte) { return byte != 0; })) return false;
        offset += *got;
    }
}

std::string cut_text(std::uint64_t lost) {
    const std::string so_far =
        "The recording breaks off: it has no end, as after a crash or with a full disk";
    if (lost == 0) return so_far + ".";
    return fmt::format("{}. Its last {} bytes are a frame that was not written to its end.", so_far, lost);
}

}  // namespace

std::string_view to_string(Condition condition) {
    switch (condition) {
        case Condition::open:
            return "open";
        case Condition::complete:
            return "complete";
        case Condition::cut:
            return "cut";
        case Condition::broken:
            return "broken";
    }
    return "broken";
}

struct RecordingReader::State {
    explicit State(std::unique_ptr<RecordingSource> from) : source{std::move(from)} {}

    std::unique_ptr<RecordingSource> source;
    FrameReader frames;
    Integrity integrity;
    std::string_view lines;  // of the frame, that were not given yet
    std::string_view line;
    std::uint64_t count = 0;
    std::uint64_t frame_begin = 0;
    bool ended = false;  // Ended was read

    Result<std::optional<Entry>> next();
    Result<std::optional<Entry>> entry();
    Result<void> fill(bool& more);
    Result<void> at_end();
    Result<void> frame_broken();
    void broken(std::uint64_t offset, std::uint64_t lost, const std::string& why);
    std::uint64_t bytes_behind(std::uint64_t offset);
};

void RecordingReader::State::broken(std::uint64_t offset, std::uint64_t lost, const std::string& why) {
    integrity = {
        Condition::broken, offset, lost,
        fmt::format("The recording is broken at byte {}: {}. What stands from there on is not what was "
                    "recorded.",
                    offset, why)};
    lines = {};
}

// Feeds the frame that is wanted with what the source has; `more`: it had some.
Result<void> RecordingReader::State::fill(bool& more) {
    std::array<char, read_size> bytes;
    const std::size_t size = std::min(bytes.size(), frames.wanted());
    const auto got = source->read(frames.offset() + frames.pending(), std::span{bytes}.first(size));
    if (!got) return got.error();
    frames.feed({bytes.data(), *got});
    more = *got != 0;
    return {};
}

Result<void> RecordingReader::State::at_end() {
    const std::uint64_t lost = frames.pending();
    integrity.offset = frames.offset();
    integrity.lost_bytes = lost;
    if (ended && lost == 0) {
        integrity.condition = Condition::complete;
    } else if (ended) {
        broken(frames.offset(), lost, fmt::format("{} bytes stand behind its end", lost));
    } else {
        integrity.condition = Condition::cut;
        integrity.what = cut_text(lost);
    }
    return {};
}

Result<void> RecordingReader::State::frame_broken() {
    const std::uint64_t offset = frames.offset();
    const auto zeros = only_zeros_from(*source, offset);
    if (!zeros) return zeros.error();
    if (*zeros && !ended) {
        const std::uint64_t lost = bytes_behind(offset);
        integrity = {Condition::cut, offset, lost, cut_text(lost)};
    } else {
        broken(offset, bytes_behind(offset), frames.problem());
    }
    return {};
}

std::uint64_t RecordingReader::State::bytes_behind(std::uint64_t offset) {
    std::array<char, read_size> bytes;
    std::uint64_t end = offset + frames.pending();
    for (;;) {
        const auto got = source->read(end, bytes);
        if (!got || *got == 0) return end - offset;
        end += *got;
    }
}

Result<std::optional<Entry>> RecordingReader::State::entry() {
    const auto end = lines.find('\n');
    line = lines.substr(0, end);
    lines.remove_prefix(end == std::string_view::npos ? lines.size() : end + 1);
    auto read = read_entry(line);
    if (!read || ended) {
        broken(frame_begin, bytes_behind(frame_begin),
               ended ? "entries stand behind its end" : "the frame there has a line that is no entry");
        return std::optional<Entry>{};
    }
    ++count;
    ended = std::holds_alternative<entry::Ended>(read->content);
    return std::optional<Entry>{std::move(*read)};
}

Result<std::optional<Entry>> RecordingReader::State::next() {
    line = {};
    while (integrity.condition == Condition::open) {
        if (!lines.empty()) return entry();
        frame_begin = frames.offset();
        switch (frames.next()) {
            case FrameReader::Step::frame:
                lines = frames.text();
                integrity.offset = frames.offset();
                break;
            case FrameReader::Step::broken:
                if (auto told = frame_broken(); !told) return told.error();
                break;
            case FrameReader::Step::hungry: {
                // In this order: what was written before it turned false is there.
                const bool live = source->live();
                bool more = false;
                if (auto filled = fill(more); !filled) return filled.error();
                if (!more && live) return std::optional<Entry>{};
                if (!more) {
                    if (auto told = at_end(); !told) return told.error();
                }
            }
        }
    }
    return std::optional<Entry>{};
}

RecordingReader::RecordingReader(std::unique_ptr<RecordingSource> source)
    : state_{std::make_unique<State>(std::move(source))} {}
RecordingReader::~RecordingReader() = default;
RecordingReader::RecordingReader(RecordingReader&&) noexcept = default;
RecordingReader& RecordingReader::operator=(RecordingReader&&) noexcept = default;

Result<std::optional<Entry>> RecordingReader::next() {
    return state_->next();
}
std::string_view RecordingReader::line() const noexcept {
    return state_->line;
}
std::uint64_t RecordingReader::count() const noexcept {
    return state_->count;
}
const Integrity& RecordingReader::integrity() const noexcept {
    return state_->integrity;
}
const Sha256Digest& RecordingReader::hash() const noexcept {
    return state_->frames.chain();
}

Result<Summary> verify(std::unique_ptr<RecordingSource> source) {
    RecordingReader reader{std::move(source)};
    Summary summary;
    for (;;) {
        auto entry = reader.next();
        if (!entry) return entry.error();
        if (!*entry) break;
        Entry& it = **entry;
        summary.length = std::max(summary.length, it.at);
        if (auto* started = std::get_if<entry::Started>(&it.content); started && !summary.started)
            summary.started = std::move(*started);
        if (auto* ended = std::get_if<entry::Ended>(&it.content)) summary.ended = std::move(*ended);
    }
    summary.integrity = reader.integrity();
    summary.hash = reader.hash();
    summary.entries = reader.count();
    return summary;
}

}  // namespace curfew::recording
