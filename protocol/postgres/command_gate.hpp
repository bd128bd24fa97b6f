// Holds what a client sends until it is decided, unit by unit, so that PostgreSQL executes nothing else.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/postgres/answer_tracker.hpp"
#include "protocol/postgres/framing.hpp"
#include "protocol/postgres/held_unit.hpp"
#include "protocol/postgres/unit_reader.hpp"

namespace curfew::postgres {

// Pure: is given what a client sends and what PostgreSQL answers, and says what goes where. A unit is decided
// once all that was asked before has been answered; then it passes byte for byte, or is refused and
// PostgreSQL sees none of it. What executes nothing (Parse, Describe, Close, Sync, Flush; an Execute of a
// portal whose Bind has passed) needs no decision. COPY data passes as it comes, but only while PostgreSQL
// asks for it.
//
// A refusal is an ErrorResponse, and leaves the transaction as it is: what passed behind a Flush before it is
// ended by its Sync as if the refused unit had not been sent.
class CommandGate {
public:
    struct Step {
        enum class Kind {
            more,    // nothing to do before more of the client's bytes come
            pass,    // `bytes` go to PostgreSQL
            answer,  // `bytes` go to the client, in PostgreSQL's place
            judge,   // unit() is to be decided: then pass_unit() or refuse_unit()
            wait,    // nothing to do before PostgreSQL has said more
        };
        Kind kind = Kind::more;
        std::size_t taken = 0;   // of the bytes that were given, from their beginning on
        std::string_view bytes;  // valid until the next call, and as long as those that were given
    };

    // `status`: of the first ReadyForQuery.
    explicit CommandGate(const CommandLimits& limits = {}, char status = 'I')
        : limits_{limits}, answers_{status} {}

    // What becomes of `bytes`, which follow those that steps before have taken. To be called again and again,
    // until it says `more` with all of them taken, or `wait`.
    Step next(std::string_view bytes);
    // The client has sent a length that no message can have, or what no client sends: nothing passes any
    // more.
    bool broken() const noexcept { return broken_; }

    // After `judge`.
    HeldUnit unit();
    // What goes to PostgreSQL; valid until the next call. `changes_prepared`: it may make, replace or drop
    // prepared statements in SQL; once it is answered, what was prepared is forgotten.
    std::string_view pass_unit(bool changes_prepared);
    // What goes to the client. `error`: an ErrorResponse.
    std::string_view refuse_unit(std::string_view error);

    // From now on what would begin a transaction is answered with `error`, an ErrorResponse, undecided.
    void refuse_transactions(std::string error);
    void allow_transactions() { no_transactions_.reset(); }

    // All that PostgreSQL says, once the client has been given it.
    void from_server(std::string_view bytes) { answers_.from_server(bytes); }
    // PostgreSQL has said what answers nothing that was asked: what is remembered may be wrong, and the
    // session must end.
    bool lost() const noexcept { return answers_.lost(); }

    // Of the last unit that was decided and passed: once it is answered; or what is known, at the end.
    std::optional<UnitOutcome> take_outcome() { return answers_.take_outcome(); }
    std::optional<UnitOutcome> take_what_is_known() { return answers_.take_what_is_known(); }

    // Prepared statements and portals may not be what they were: who uses one has to prepare it again.
    void forget_prepared();

    // As PostgreSQL reported them last; empty: not known. set_parameter() says what they were before.
    const std::string& client_encoding() const noexcept { return answers_.client_encoding(); }
    const std::string& standard_conforming_strings() const noexcept {
        return answers_.standard_conforming_strings();
    }
    void set_parameter(std::string_view name, std::string_view value) { answers_.set_parameter(name, value); }

private:
    // Of the message that is coming in.
    enum class Course : std::uint8_t { header, undecided, passing, held, dropped };

    std::size_t take_header(std::string_view bytes);
    Course choose_course();
    Course course_of_copy_data();
    Course hold();
    std::size_t take_body(std::string_view bytes);
    bool message_over() noexcept;

    bool passes_along(std::string_view bytes) const noexcept;
    Step pass_on(std::string_view bytes);
    void message_passed() noexcept;

    Step settle();
    Step settle_skipped();
    bool skipping() const noexcept { return refusing_ || answers_.skipping(); }
    bool only_control() const noexcept;
    bool begins_transaction() const noexcept;
    void read_held();
    void spoil(const Report& why);
    void leave_only_sync();
    void reset_unit();

    CommandLimits limits_;
    AnswerTracker answers_;
    std::optional<std::string> no_transactions_;

    Course course_ = Course::header;
    std::array<char, header_size> header_{};
    std::size_t header_have_ = 0;
    std::uint32_t body_left_ = 0;
    char type_ = 0;
    bool broken_ = false;
    bool terminated_ = false;

    std::string unit_;      // its messages, so far
    bool begun_ = false;    // there are some, be they kept or not
    bool of_unit_ = false;  // so is the message that is coming in
    char end_ = 0;          // the type of its last message, once it is whole
    std::string spoiled_;   // it cannot pass: the ErrorResponse
    std::optional<ReadUnit> read_;
    bool to_decide_ = false;
    bool refusing_ = false;  // was refused behind a Flush: so is all up to the next Sync
    std::string out_;        // what the last step was about
};

}  // namespace curfew::postgres
