// The inside of a Transcript.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "protocol/postgres/body_part.hpp"
#include "protocol/postgres/result_messages.hpp"
#include "recording/pipeline.hpp"
#include "recording/transcript.hpp"

namespace curfew::recording {

class Transcript::Machine {
public:
    Machine(std::shared_ptr<const Redactor> redactor, BootInstant began, Write write);

    void write(entry::Content content, BootInstant at);
    void started(entry::Started facts);
    void take(From from, const postgres::TappedPiece& piece, BootInstant at);
    void said(std::string_view severity, std::string_view sqlstate, std::string_view message, BootInstant at);
    void missed(std::string what, std::uint64_t bytes, BootInstant at);
    void ended(entry::Ended ending, BootInstant at);
    std::optional<Running> running() const;
    const std::string& last_statement() const noexcept { return *last_; }

private:
    using BodyPart = postgres::BodyPart;
    // A message of which not all pieces have come, one for each direction.
    struct Partial {
        std::string body;
        bool begun = false;
    };
    struct Copy {
        entry::CopyStarted::Direction direction{};
        std::uint64_t bytes = 0;
        std::uint64_t messages = 0;
        std::string failed;
    };

    void count(From from, const postgres::TappedPiece& piece);
    void handle(From from, char type, BodyPart body, BootInstant at);

    // What the client asks for: transcript_requests.cpp.
    void take_request(char type, BodyPart body, BootInstant at);
    void take_query(BodyPart body, BootInstant at);
    void take_parse(BodyPart body, BootInstant at);
    void take_bind(BodyPart body, BootInstant at);
    void take_execute(BodyPart body, BootInstant at);
    void take_close(BodyPart body, BootInstant at);
    void take_function_call(BodyPart body, BootInstant at);
    void take_copy_fail(BodyPart body);
    // One that could not be read; PostgreSQL will say so.
    void malformed(Request::Kind kind, std::string_view name, BodyPart body, BootInstant at);
    void say_what_was_cut(std::string_view what, std::size_t count, std::size_t kept, BodyPart body,
                          BootInstant at);

    // What PostgreSQL answers: transcript_answers.cpp.
    void take_answer(char type, BodyPart body, BootInstant at);
    void take_columns(BodyPart body, BootInstant at);
    void take_row(BodyPart body, BootInstant at);
    void take_complete(BodyPart body, BootInstant at);
    void completed(std::string tag, bool suspended, BootInstant at);
    void take_error(BodyPart body, BootInstant at);
    void take_notice(BodyPart body, BootInstant at);
    void take_notification(BodyPart body, BootInstant at);
    void take_parameter(BodyPart body, BootInstant at);
    void take_ready(BodyPart body, BootInstant at);
    void copy_began(entry::CopyStarted::Direction direction, BootInstant at);
    void copy_ended(BootInstant at);
    void forget_rows();
    Offset since_asked(BootInstant at) const;
    bool answer_is_secret() const;

    // Without what is to be left out.
    std::string clean(std::string_view text) const;
    // The same of a part of `body`, which may have been cut in it.
    std::string clean(std::string_view text, BodyPart body) const;
    Value value_of(const postgres::WireValue& value) const;
    static Value hidden_value();

    std::shared_ptr<const Redactor> redactor_;
    BootInstant began_;
    Write write_;
    std::array<Partial, 2> partial_;
    Pipeline pipeline_;
    ShownText last_;
    bool unsure_ = false;  // there may be requests that are not known

    // Of the statement that is being answered.
    std::uint64_t rows_ = 0;
    std::uint64_t row_bytes_ = 0;
    std::uint64_t rows_kept_ = 0;
    postgres::Formats column_formats_;  // as RowDescription said last
    std::optional<Copy> copy_;
    // CopyData that came before PostgreSQL's answer that it takes it.
    std::uint64_t early_copy_bytes_ = 0;
    std::uint64_t early_copy_messages_ = 0;
};

// SQL as people are shown it: cut at longest_shown.
ShownText shown_text(std::string_view sql);

}  // namespace curfew::recording
