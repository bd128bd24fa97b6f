#include "proxy/client_writer.hpp"

#include <algorithm>
#include <boost/asio/this_coro.hpp>

namespace curfew::proxy {
namespace {

// What OpenSSL takes into one record. Once it has begun to write one, that record must be finished.
constexpr std::size_t longest_record = 16'384;

}  // namespace

// `bytes`, up to the header that holds a length that no message can have, if there is one.
std::string_view ClientWriter::believable(std::string_view bytes) {
    postgres::BoundaryTracker walk = received_;
    if (received_.advance(bytes)) return bytes;
    std::size_t good = 0;
    std::size_t at = 0;
    while (!walk.broken()) {
        std::size_t step = postgres::header_size;
        if (walk.at_boundary()) {
            good = at;
        } else {
            step = walk.to_boundary(bytes.substr(at));
            if (step == postgres::BoundaryTracker::npos) break;
        }
        walk.advance(bytes.substr(at, step));
        at += step;
    }
    return bytes.substr(0, good);
}

// Ours where nothing of theirs is half written; theirs, up to where ours may go, elsewhere.
ClientWriter::Piece ClientWriter::next_piece() const {
    if (ours_.empty()) return {Part::theirs, in_hand_};
    const bool theirs_half_written = !ours_begun_ && (committed_ > 0 || !tracker_.at_boundary());
    if (!theirs_half_written) return {Part::ours, ours_};
    const std::size_t boundary = tracker_.to_boundary(in_hand_);
    if (boundary == postgres::BoundaryTracker::npos) return {Part::theirs, in_hand_};
    return {Part::theirs, in_hand_.substr(0, std::max(boundary, committed_))};
}

Stream::Outcome ClientWriter::write(const Piece& piece) {
    const Stream::Outcome outcome = client_.try_write(piece.bytes);
    if (piece.part == Part::ours) {
        ours_.erase(0, outcome.bytes);
        const bool blocked = outcome.status != Stream::Status::ok;
        ours_begun_ =
            !ours_.empty() && (outcome.bytes > 0 || ours_begun_ || (blocked && client_.encrypted()));
    } else if (outcome.status == Stream::Status::ok) {
        tracker_.advance(
            piece.bytes.substr(0, outcome.bytes),
            [this](const postgres::Header& header) {
                if (gate_ != nullptr) gate_->on_message(header.type);
            },
            [this](char status) {
                ++readies_;
                if (gate_ != nullptr) gate_->on_ready(status);
            });
        in_hand_.remove_prefix(outcome.bytes);
        committed_ = 0;
        bytes_written_ += outcome.bytes;
    } else if (client_.encrypted()) {
        committed_ = std::min(piece.bytes.size(), longest_record);
    }
    return outcome;
}

boost::asio::awaitable<Stream::Status> ClientWriter::deliver(std::string_view bytes) {
    in_hand_ = believable(bytes);
    while (writing_)
        co_await await_the_other();
    writing_ = true;
    const Stream::Status delivered = co_await write_in_hand();
    end_turn();
    co_return delivered;
}

boost::asio::awaitable<Stream::Status> ClientWriter::say_all() {
    while (!ours_.empty()) {
        if (client_.interrupted()) co_return Stream::Status::interrupted;
        if (writing_ || next_piece().bytes.empty()) {
            co_await await_the_other();  // perhaps for the rest of a message that is half written
            continue;
        }
        writing_ = true;
        const Stream::Status written = co_await write_in_hand();
        end_turn();
        if (written != Stream::Status::ok) co_return written;
    }
    co_return Stream::Status::ok;
}

boost::asio::awaitable<void> ClientWriter::await_the_other() {
    const auto executor = co_await boost::asio::this_coro::executor;
    if (!turn_over_) turn_over_ = std::make_unique<Event>(executor);
    co_await turn_over_->wait();
}

void ClientWriter::wake() {
    if (turn_over_) turn_over_->notify();
}

void ClientWriter::end_turn() {
    writing_ = false;
    wake();
}

boost::asio::awaitable<Stream::Status> ClientWriter::write_in_hand() {
    for (;;) {
        const Piece piece = next_piece();
        if (piece.bytes.empty()) co_return broken() ? Stream::Status::failed : Stream::Status::ok;
        const Stream::Outcome outcome = write(piece);
        if (outcome.status == Stream::Status::ok) continue;
        if (outcome.status != Stream::Status::want_read && outcome.status != Stream::Status::want_write)
            co_return outcome.status;
        const Stream::Status waited = co_await client_.wait(outcome.status);
        if (waited != Stream::Status::ok) co_return waited;
    }
}

void ClientWriter::say(std::string_view message) {
    if (finishing_) return;
    ours_.append(message);
    if (!in_hand_.empty() || committed_ > 0) return;  // whoever delivers comes by here
    while (!ours_.empty() && (ours_begun_ || tracker_.at_boundary())) {
        // A client that does not take a few bytes reads nothing at all: it hears of it when it does.
        if (write({Part::ours, ours_}).status != Stream::Status::ok) break;
    }
}

boost::asio::awaitable<bool> ClientWriter::finish_message() {
    finishing_ = true;
    if (ours_begun_) {
        // Half of our own message is out: the rest of it has to follow, and of what waits behind it, too.
        in_hand_ = in_hand_.substr(0, 0);
        const Stream::Status delivered = co_await write_in_hand();
        const bool finished = delivered == Stream::Status::ok && ours_.empty();
        co_return finished;
    }
    ours_.clear();
    const std::size_t after_record = std::min(committed_, in_hand_.size());
    postgres::BoundaryTracker tracker = tracker_;
    tracker.advance(in_hand_.substr(0, after_record));
    const std::size_t boundary = tracker.to_boundary(in_hand_.substr(after_record));
    if (boundary == postgres::BoundaryTracker::npos) co_return false;
    in_hand_ = in_hand_.substr(0, after_record + boundary);
    const Stream::Status delivered = co_await write_in_hand();
    const bool finished = delivered == Stream::Status::ok && tracker_.at_boundary();
    co_return finished;
}

}  // namespace curfew::proxy
