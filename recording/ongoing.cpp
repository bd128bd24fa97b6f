#include "recording/ongoing.hpp"

#include <chrono>
#include <cstring>
#include <utility>

#include "protocol/postgres/result_messages.hpp"

namespace curfew::recording {

using namespace std::chrono_literals;

namespace {

constexpr Duration try_again_after = 1s;

Count count_in(std::string_view bytes) {
    Count count;
    if (bytes.size() == sizeof(count)) std::memcpy(&count, bytes.data(), sizeof(count));
    return count;
}

postgres::TappedPiece piece_in(const Record& record) {
    postgres::TappedPiece piece;
    piece.type = record.head.type;
    if (static_cast<RecordKind>(record.head.kind) == RecordKind::count) {
        const Count count = count_in(record.bytes);
        piece.messages = count.messages;
        piece.counted_bytes = count.bytes;
        return piece;
    }
    piece.body_length = record.head.body_length;
    piece.wanted = record.head.wanted;
    piece.offset = record.head.offset;
    piece.bytes = record.bytes;
    return piece;
}

}  // namespace

Ongoing::Ongoing(RecordingStorage& storage, FrameCompressor& compressor, Beginning beginning)
    : storage_{storage},
      key_{beginning.started.session, beginning.started.at},
      now_{beginning.at},
      transcript_{std::move(beginning.redactor), beginning.at,
                  [this](Entry&& entry) { add(entry); }},  // NOLINT(*-rvalue-reference-param-not-moved)
      writer_{compressor} {
    transcript_.started(std::move(beginning.started));
}

void Ongoing::abandon() {
    if (!std::exchange(file_, nullptr)) return;
    (void)storage_.remove(key_);  // what there is of it says nothing
}

void Ongoing::add(const Entry& entry) {
    if (failing_) {
        ++lost_entries_;
    } else {
        writer_.add(entry, now_);
    }
}

void Ongoing::take(const Record& record, BootInstant now) {
    now_ = now;
    const BootInstant at = record.head.at;
    switch (static_cast<RecordKind>(record.head.kind)) {
        case RecordKind::piece:
        case RecordKind::count:
            transcript_.take(static_cast<Transcript::From>(record.head.direction), piece_in(record), at);
            return;
        case RecordKind::said:
            if (const auto said = postgres::parse_report(postgres::BodyPart::whole(record.bytes)))
                transcript_.said(said->severity, said->sqlstate, said->message, at);
            return;
        case RecordKind::cancel:
            transcript_.cancel_asked(at);
            return;
        case RecordKind::gap:
            transcript_.missed("the recording did not keep up with the session", count_in(record.bytes).bytes,
                               at);
    }
}

std::optional<BootInstant> Ongoing::due_at() const noexcept {
    if (failing_) return try_again_at_;
    return writer_.due_at();
}

// The file is made when there is something for it: later than it should have been, if need be.
Result<void> Ongoing::append(std::string_view frames) {
    if (!file_) {
        auto file = storage_.create(key_);
        if (!file) return file.error();
        file_ = std::move(*file);
    }
    Result<void> appended = file_->append(frames);
    if (appended) written_ += frames.size();
    return appended;
}

Ongoing::Written Ongoing::write(BootInstant now) {
    const auto due = due_at();
    if (!due || *due > now) return Written::nothing;
    return write_now(now);
}

Ongoing::Written Ongoing::write_now(BootInstant now) {
    const std::string_view frames = failing_ ? std::string_view{next_frames_} : writer_.finish();
    if (frames.empty()) return Written::nothing;
    const Result<void> appended = append(frames);
    if (!appended) {
        // Each frame is a link of a chain: these have to be next, whenever that is.
        if (!failing_) next_frames_ = frames;
        failing_ = true;
        problem_ = appended.error().message;
        try_again_at_ = now + try_again_after;
        return Written::failed;
    }
    if (!failing_) return Written::fine;
    failing_ = false;
    next_frames_ = {};
    now_ = now;
    if (const auto lost = std::exchange(lost_entries_, 0); lost > 0)
        transcript_.unwritten(std::to_string(lost) + " entries could not be written: " + problem_, now);
    return Written::again;
}

Finished Ongoing::finish(entry::Ended ended, BootInstant at, BootInstant now) {
    Finished finished;
    finished.last_statement = transcript_.last_statement();
    if (failing_) write_now(now);
    now_ = now;
    transcript_.ended(std::move(ended), at);
    if (!failing_) write_now(now);
    finished.bytes = written_;
    if (!failing_) finished.hash = writer_.hash();
    return finished;
}

Result<void> Ongoing::close(Finished& finished) {
    Result<void> closed = failing_ ? Result<void>{Error{ErrorCode::unavailable, problem_}} : file_->close();
    if (!closed) {
        problem_ = closed.error().message;
        finished.hash.reset();
    }
    return closed;
}

}  // namespace curfew::recording
