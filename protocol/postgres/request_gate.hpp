// Where a client's next request may be kept from PostgreSQL without tearing what is under way.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "protocol/postgres/boundary_tracker.hpp"

namespace curfew::postgres {

// Pure: follows what a client sends and what PostgreSQL answers, by the types of the messages, and says of
// the client's bytes what becomes of them. Open, it lets everything pass. Closed, it lets whatever is under
// way go on: a message that is half sent, a batch of the extended protocol up to its Sync, a transaction that
// is open or failed (the last ReadyForQuery said so), a COPY. What would begin a transaction is refused, at a
// boundary where everything that was asked before has been answered; while something is still to be answered
// it waits, unread, since only the answer tells whether a transaction is open. Refused messages are dropped
// as they come, however long.
//
// What PostgreSQL swallows while it takes COPY data is not answered. Where a client sends such messages ahead
// of CopyInResponse in ways that no library does, or a COPY fails while they are under way, no count can be
// right: then too few answers are awaited, rather than too many.
class RequestGate {
public:
    enum class Verdict {
        pass,  // to PostgreSQL
        drop,  // nowhere; then `answer` is due
        hold,  // none of the bytes: ask again after on_ready() or open()
    };
    // What the client is told in PostgreSQL's place.
    enum class Answer { none, error, ready, error_and_ready };
    struct Step {
        Verdict verdict = Verdict::pass;
        std::size_t bytes = 0;  // of those that were given, from their beginning on
        Answer answer = Answer::none;
    };

    // `status`: of the first ReadyForQuery.
    explicit RequestGate(char status = 'I') noexcept : status_{status} {}

    void close() noexcept { closed_ = true; }
    // What was refused stays refused: an extended batch up to its Sync.
    void open() noexcept { closed_ = false; }

    // Everything passes: pass() does, and next() need not be asked.
    bool passes_all() const noexcept { return !closed_ && !dropping_ && !skipping_; }
    // Takes note of bytes of the client that pass. False once there is a length that no message can have.
    bool pass(std::string_view bytes) noexcept {
        return messages_.advance(
            bytes, [this](const Header& header) { asked(header.type); }, [](char) {});
    }
    // What becomes of the beginning of `bytes`, which are some and follow what steps before covered. Never
    // covers anything behind a length that no message can have; then broken().
    Step next(std::string_view bytes) noexcept;
    bool broken() const noexcept { return messages_.broken(); }

    // Messages of PostgreSQL, as the client is given them.
    void on_message(char type) noexcept {
        if (type == 'G' || type == 'W') {
            copy_began();
        } else if (type == 'C' || type == 'E') {
            copying_ = false;
        }
    }
    void on_ready(char status) noexcept;

    // Everything that was asked has been answered, and nothing is half asked.
    bool idle() const noexcept { return unanswered_ == 0 && !batch_begun_ && messages_.at_boundary(); }
    // A Terminate has passed.
    bool terminated() const noexcept { return terminated_; }
    // Of the last ReadyForQuery: `I` idle, `T` in a transaction block, `E` in a failed one.
    char status() const noexcept { return status_; }

private:
    Verdict judge(char type) const noexcept;
    void begin_to_drop(char type) noexcept;
    std::size_t take_one(std::string_view bytes) noexcept;
    Answer dropped() noexcept;
    void asked(char type) noexcept;
    void copy_began() noexcept;

    BoundaryTracker messages_;
    bool closed_ = false;

    std::uint64_t unanswered_ = 0;  // requests: each is answered by one ReadyForQuery
    std::uint64_t queries_ = 0;  // bit n: the last but n-th request was a Query or FunctionCall, and no Sync
    bool batch_begun_ = false;   // messages of the extended protocol that no Sync has followed yet
    bool copying_ = false;       // PostgreSQL takes what the client sends as data of a COPY
    bool copied_ahead_ = false;  // the end of a COPY was sent before PostgreSQL asked for it
    bool terminated_ = false;
    char status_;

    bool dropping_ = false;      // the message that is half sent
    bool skipping_ = false;      // everything up to the next Sync, which is answered
    Answer due_ = Answer::none;  // once the message that is being dropped is over
};

}  // namespace curfew::postgres
