#include "proxy/tape.hpp"

#include <algorithm>
#include <utility>

namespace curfew::proxy {

using recording::RecordHead;
using recording::RecordKind;
using recording::Transcript;

Tape::Tape(const RecordingRoom& room, const Clock& clock, const boost::asio::any_io_executor& executor,
           Options options)
    : scribe_{room.scribe},
      ring_{room.ring},
      waiting_{room.waiting},
      metrics_{room.metrics},
      clock_{clock},
      options_{std::move(options)},
      client_{options_.rules->plans(options_.mode).from_client, Transcript::From::client, executor},
      server_{options_.rules->plans(options_.mode).from_server, Transcript::From::server, executor} {}

RecordHead Tape::head_of(RecordKind kind, const Side& side, BootInstant now) const {
    RecordHead head;
    head.at = now;
    head.slot = options_.slot;
    head.kind = static_cast<std::uint8_t>(kind);
    head.direction = static_cast<std::uint8_t>(side.from);
    return head;
}

bool Tape::push(RecordHead head, std::string_view bytes) {
    if (!ring_.wait_for_room(recording::Ring::room_for(bytes.size()))) return false;
    ring_.push(head, bytes);
    pushed_ = true;
    return true;
}

// All that was pushed since the last time, as one.
void Tape::commit() {
    if (!std::exchange(pushed_, false)) return;
    ring_.commit();
    scribe_.bell().ring();
}

bool Tape::put(Side& side, const postgres::TappedPiece& piece, BootInstant now) {
    if (side.lossy) return put_after_loss(side, piece, now);
    if (piece.counts()) {
        const recording::Count count{piece.messages, piece.counted_bytes};
        RecordHead head = head_of(RecordKind::count, side, now);
        head.type = piece.type;
        return push(head, {reinterpret_cast<const char*>(&count), sizeof(count)});
    }
    RecordHead head = head_of(RecordKind::piece, side, now);
    head.type = piece.type;
    head.body_length = piece.body_length;
    head.wanted = piece.wanted;
    head.offset = piece.offset;
    return push(head, piece.bytes);
}

// In the recording goes on only what begins anew, behind a word on what is missing before it.
bool Tape::put_after_loss(Side& side, const postgres::TappedPiece& piece, BootInstant now) {
    const recording::Count lost{0, side.lost};
    const std::string_view gap{reinterpret_cast<const char*>(&lost), sizeof(lost)};
    const std::size_t room =
        2 * recording::Ring::room_for(gap.size()) + recording::Ring::room_for(piece.bytes.size());
    if (!piece.first() || !ring_.has_room(room)) {
        side.lost += piece.counts() ? piece.counted_bytes : piece.bytes.size();
        return true;
    }
    push(head_of(RecordKind::gap, side, now), gap);
    side.lossy = false;
    side.lost = 0;
    return put(side, piece, now);
}

bool Tape::take(Side& side, std::string_view bytes) {
    const BootInstant now = clock_.boot_now();
    const auto progress =
        side.tap.advance(bytes, [&](const postgres::TappedPiece& piece) { return put(side, piece, now); });
    commit();
    side.rest = bytes;
    return progress != postgres::MessageTap::Progress::refused;
}

boost::asio::awaitable<bool> Tape::take_rest(Side& side) {
    for (;;) {
        const bool there = co_await await_room(side);
        if (!there) co_return false;
        if (take(side, side.rest)) co_return true;
    }
}

// Whoever asked for room in vain is told when there is some, which cannot be before this one waits: that is
// told on this thread.
boost::asio::awaitable<bool> Tape::await_room(Side& side) {
    if (interrupted_) co_return false;
    metrics_.relay_waited();
    scribe_.bell().ring_hard();
    const BootInstant until = clock_.boot_now() + options_.rules->max_wait;
    waiting_.add(side.room);
    co_await side.room.wait_for(options_.rules->max_wait);
    waiting_.remove(side.room);
    if (interrupted_) co_return false;
    if (clock_.boot_now() < until) co_return true;
    metrics_.failed(metrics::RecordingFailure::overrun);
    if (options_.rules->on_failure == config::OnRecordingFailure::end) {
        options_.failed();
        co_return false;
    }
    side.lossy = true;
    co_return true;
}

void Tape::interrupt() {
    interrupted_ = true;
    client_.room.notify();
    server_.room.notify();
}

void Tape::said(std::string_view message) {
    const std::string_view body = message.substr(std::min(message.size(), postgres::header_size));
    push(head_of(RecordKind::said, server_, clock_.boot_now()), body);
    commit();
}

void Tape::cancel_asked() {
    push(head_of(RecordKind::cancel, client_, clock_.boot_now()), {});
    commit();
}

void Tape::finish() {
    const BootInstant now = clock_.boot_now();
    for (Side* side : {&client_, &server_})
        side->tap.flush([&](const postgres::TappedPiece& piece) { return put(*side, piece, now); });
    commit();
}

}  // namespace curfew::proxy
