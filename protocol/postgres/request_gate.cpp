#include "protocol/postgres/request_gate.hpp"

#include <algorithm>

namespace curfew::postgres {

RequestGate::Step RequestGate::next(std::string_view bytes) noexcept {
    Step step;
    while (step.bytes < bytes.size() && !broken()) {
        const std::string_view rest = bytes.substr(step.bytes);
        if (messages_.at_boundary()) {
            const Verdict verdict = judge(rest[0]);
            if (verdict != Verdict::pass && step.bytes > 0) return step;  // what passes goes first
            if (verdict == Verdict::hold) return {Verdict::hold, 0, Answer::none};
            if (verdict == Verdict::drop) begin_to_drop(rest[0]);
        }
        if (dropping_) {
            const std::size_t bytes_dropped = take_one(rest);
            return {Verdict::drop, bytes_dropped, messages_.at_boundary() ? dropped() : Answer::none};
        }
        const std::size_t passed = take_one(rest);
        if (broken()) return step;
        step.bytes += passed;
    }
    return step;
}

// Of a message of this type that begins now.
RequestGate::Verdict RequestGate::judge(char type) const noexcept {
    if (type == 'X') return Verdict::pass;  // Terminate
    if (skipping_) return Verdict::drop;
    // PostgreSQL takes what is out of place in a COPY for an error of that COPY.
    if (!closed_ || batch_begun_ || copying_) return Verdict::pass;
    const bool answered = unanswered_ == 0;
    switch (type) {
        case 'S':  // Sync and Flush begin nothing
        case 'H':
            return Verdict::pass;
        case 'd':  // CopyData, CopyDone, CopyFail; PostgreSQL ignores those that nothing has asked for
        case 'c':
        case 'f':
            return answered ? Verdict::drop : Verdict::pass;
        default:
            if (!answered) return Verdict::hold;
            return status_ == 'I' ? Verdict::drop : Verdict::pass;
    }
}

void RequestGate::begin_to_drop(char type) noexcept {
    dropping_ = true;
    due_ = Answer::none;
    if (skipping_) {
        if (type == 'S') due_ = Answer::ready;
        return;
    }
    if (type == 'd' || type == 'c' || type == 'f') return;
    if (type == 'Q' || type == 'F') {
        due_ = Answer::error_and_ready;
    } else {
        due_ = Answer::error;
        skipping_ = true;
    }
}

// To the end of the message that is under way or begins here, as far as it is there.
std::size_t RequestGate::take_one(std::string_view bytes) noexcept {
    const auto advance = [this](std::string_view piece) {
        messages_.advance(
            piece,
            [this](const Header& header) {
                if (!dropping_) asked(header.type);
            },
            [](char) {});
    };
    std::size_t taken = 0;
    if (messages_.at_boundary()) {
        taken = std::min(bytes.size(), header_size);
        advance(bytes.substr(0, taken));
        if (messages_.at_boundary() || broken()) return taken;
    }
    const std::string_view rest = bytes.substr(taken);
    const std::size_t boundary = messages_.to_boundary(rest);
    const std::size_t more = boundary == BoundaryTracker::npos ? rest.size() : boundary;
    advance(rest.substr(0, more));
    return taken + more;
}

// The message is over.
RequestGate::Answer RequestGate::dropped() noexcept {
    dropping_ = false;
    if (due_ == Answer::ready) skipping_ = false;
    return due_;
}

// Of PostgreSQL, by a message of this type.
void RequestGate::asked(char type) noexcept {
    switch (type) {
        case 'Q':
        case 'F':
        case 'S':
            if (copying_) return;  // swallowed
            ++unanswered_;
            queries_ = queries_ << 1U | (type == 'S' ? 0U : 1U);
            batch_begun_ = false;
            return;
        case 'P':  // Parse, Bind, Describe, Execute, Close
        case 'B':
        case 'D':
        case 'E':
        case 'C':
            batch_begun_ = true;
            return;
        case 'c':
        case 'f':
            if (!copying_ && !idle()) copied_ahead_ = true;
            copying_ = false;
            return;
        case 'X':
            terminated_ = true;
            return;
        default:
            return;
    }
}

// The oldest of the requests that are not answered asked for it; what follows that one was sent into the
// COPY.
void RequestGate::copy_began() noexcept {
    if (copied_ahead_) return;  // by a client that knew, and has asked for nothing that is swallowed
    copying_ = true;
    if (unanswered_ == 0) return;  // by a batch that no Sync has followed yet
    const bool by_query = unanswered_ > 64 || (queries_ >> (unanswered_ - 1) & 1U) != 0;
    unanswered_ = by_query ? 1 : 0;
    queries_ = by_query ? 1 : 0;
    batch_begun_ = !by_query;
}

void RequestGate::on_ready(char status) noexcept {
    status_ = status;
    copying_ = false;
    if (unanswered_ > 0) --unanswered_;
    if (unanswered_ == 0) copied_ahead_ = false;
}

}  // namespace curfew::postgres
