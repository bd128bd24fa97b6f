// What became of the last transaction of a session, as far as the wire tells.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "protocol/postgres/message_tap.hpp"
#include "protocol/postgres/statement_effects.hpp"

namespace curfew::postgres {

enum class TransactionOutcome : std::uint8_t {
    none,         // nothing was ever asked for
    committed,    // PostgreSQL said so
    rolled_back,  // it said so, or it ended before it could have committed
    unknown,      // it may have committed, and had no chance to say so; it was prepared; or it may still run
};

// Fed with what a client sends and what PostgreSQL answers, from the session's first ReadyForQuery on, in
// pieces of any size; a request before PostgreSQL can answer it. Allocates nothing. Where it is in doubt it
// says `unknown`: `committed` and `rolled_back` are promises.
//
// They rest on this. PostgreSQL holds its end back while it commits, and has queued CommandComplete before it
// looks for it again: its FATAL instead of that means that this statement did not commit, unless it is one
// that commits while it runs. It answers in order. What the extended protocol runs outside a transaction
// block is one transaction until Sync.
class OutcomeTracker {
public:
    OutcomeTracker() noexcept;

    void from_client(std::string_view bytes) noexcept;
    // All that it says to its very end, its last FATAL included, even if the client is not told.
    void from_server(std::string_view bytes) noexcept;

    // `backend_gone`: it has ended, so what it had not committed is rolled back. Where it may still run,
    // what is open or under way is `unknown`.
    TransactionOutcome outcome(bool backend_gone) const noexcept;

private:
    // What is answered up to one ReadyForQuery; or several such, of which less is known.
    struct Group {
        std::uint32_t syncs = 0;     // Query, FunctionCall and Sync messages
        std::uint32_t executes = 0;  // what is answered each by CommandComplete or the like
        bool open = false;           // more belongs to it, up to a Sync
        bool simple = false;         // one Query or FunctionCall
        bool several = false;        // executes are not known
        bool running = false;        // the open part of it has an Execute
        bool quiet = false;          // some part of it had none
        bool exact = false;          // of a Query: it has so many statements, not fewer
        Effect first = Effect::plain;
        Effect worst = Effect::plain;

        bool under_way() const noexcept { return syncs > 0 || open; }
        bool runs() const noexcept { return executes > 0 || several; }
    };
    enum class Tag : std::uint8_t { none, begin, commit, rollback, prepare, other };

    void take_request(const TappedPiece& piece) noexcept;
    void add_simple(const StatementScan* scan) noexcept;
    void add_execute() noexcept;
    void add_sync() noexcept;
    Group& last_group() noexcept;

    void take_answer(const TappedPiece& piece) noexcept;
    void collect(const TappedPiece& piece) noexcept;
    void completed(Tag tag) noexcept;
    void take_error() noexcept;
    void take_ready(char status) noexcept;
    void copy_in_began() noexcept;
    static Tag tag_of(std::string_view tag) noexcept;
    static bool ends_block(Tag tag) noexcept;

    bool safely_in_block() const noexcept;
    TransactionOutcome idle_outcome() const noexcept;
    TransactionOutcome outcome_of_simple() const noexcept;
    TransactionOutcome outcome_of_extended() const noexcept;
    TransactionOutcome outcome_of_several() const noexcept;
    TransactionOutcome by_tag() const noexcept;

    MessageTap client_;
    MessageTap server_;
    StatementEffects effects_;
    std::array<char, 64> beginning_{};  // of the body of an answer
    std::uint8_t beginning_length_ = 0;

    Group front_;  // is answered now
    Group later_;
    TransactionOutcome last_ = TransactionOutcome::none;  // of the last that is over
    char status_ = 'I';                                   // of the last ReadyForQuery
    // Since then:
    std::uint32_t answers_ = 0;       // to what `executes` counts
    std::uint32_t transactions_ = 0;  // answers that tell of one
    Tag tag_ = Tag::none;             // of the last of them
    bool in_block_ = false;
    bool block_ended_ = false;  // by what was not the last answer
    bool failed_ = false;
    bool replicating_ = false;
    bool copying_in_ = false;  // in the extended protocol, which ignores Sync until CopyDone
    bool fatal_ = false;       // PostgreSQL said that it ends
};

}  // namespace curfew::postgres
