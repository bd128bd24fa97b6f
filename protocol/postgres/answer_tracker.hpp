// What PostgreSQL has answered, and has still to answer, to units that it was given one after the other.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/postgres/body_part.hpp"
#include "protocol/postgres/held_unit.hpp"
#include "protocol/postgres/message_tap.hpp"
#include "protocol/postgres/prepared_objects.hpp"
#include "protocol/postgres/unit_reader.hpp"

namespace curfew::postgres {

// Fed with all that PostgreSQL says, in pieces of any size. Each answer must be one that is due; where it is
// not, nothing that is believed of the session holds any more, and lost() says so.
//
// PostgreSQL ignores a Sync that it reads while it takes COPY data, and does not where the COPY has failed by
// then. So ReadyForQuery may come for such a one, or not; up to the next answer that tells, either is right.
class AnswerTracker {
public:
    // `status`: of the first ReadyForQuery.
    explicit AnswerTracker(char status);

    // A unit has gone to PostgreSQL. `decided`: somebody wants its outcome; it may change prepared statements
    // in SQL if `changes_prepared`.
    void passed(std::vector<AwaitedAnswer> awaited, bool decided, bool changes_prepared);
    // CopyDone or CopyFail has.
    void copy_ended() noexcept;
    // A Sync has, while PostgreSQL takes COPY data. False: too many have already.
    bool sync_in_copy() noexcept;

    // Throws what MessageTap's sink may: nothing but for want of memory.
    void from_server(std::string_view bytes);

    // All that was asked has been answered.
    bool all_in() const noexcept { return awaited_.empty(); }
    // PostgreSQL takes what the client sends as data of a COPY.
    bool copying() const noexcept { return copying_; }
    // It has all of the data, and says what came of it once a Sync or Flush follows.
    bool wants_sync() const noexcept { return wants_sync_; }
    // There are messages that no Sync has followed.
    bool batch_open() const noexcept { return batch_open_; }
    // One of them has failed: PostgreSQL ignores all up to a Sync.
    bool skipping() const noexcept { return skipping_; }
    // Units that were decided have been executed since the last ReadyForQuery.
    bool executed() const noexcept { return executed_; }
    // Of the last ReadyForQuery.
    char status() const noexcept { return status_; }
    bool lost() const noexcept { return lost_; }

    // Of the last unit that was decided, once it is answered, and once.
    std::optional<UnitOutcome> take_outcome();
    // The same as far as it is known, at the end of the session.
    std::optional<UnitOutcome> take_what_is_known();

    const PreparedObjects& objects() const noexcept { return objects_; }
    PreparedObjects& objects() noexcept { return objects_; }
    // As PostgreSQL reported it last, or as it was seeded; empty: not known.
    const std::string& client_encoding() const noexcept { return client_encoding_; }
    const std::string& standard_conforming_strings() const noexcept { return standard_conforming_strings_; }
    void set_parameter(std::string_view name, std::string_view value);

private:
    using To = AwaitedAnswer::To;

    bool take(const TappedPiece& piece);
    void answered(char type, BodyPart body);
    void confirmed(char type);
    void described();
    void completed(char type, BodyPart body);
    void copy_began();
    void failed(BodyPart body);
    void ready(BodyPart body);
    void parameter(BodyPart body);
    void pop();
    bool front_is(To to) const noexcept { return !awaited_.empty() && awaited_.front().to == to; }
    bool simple_front() const noexcept { return front_is(To::query) || front_is(To::function); }
    void note_if_over();

    MessageTap tap_;
    std::string body_;  // of the message that is coming in, as far as it is wanted

    PreparedObjects objects_;
    std::deque<AwaitedAnswer> awaited_;
    std::uint32_t maybe_ready_ = 0;  // so many ReadyForQuery may come or not
    bool front_answered_ = false;    // a Query: something has come
    bool batch_open_ = false;
    bool skipping_ = false;
    bool copying_ = false;
    bool wants_sync_ = false;
    bool executed_ = false;
    bool lost_ = false;
    char status_;

    std::optional<UnitOutcome> outcome_;  // of the unit under way, or over
    bool changes_prepared_ = false;       // so may it
    std::uint64_t rows_ = 0;

    std::string client_encoding_;
    std::string standard_conforming_strings_;
};

}  // namespace curfew::postgres
