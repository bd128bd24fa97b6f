#include "recording/transcript.hpp"

#include <algorithm>
#include <utility>

#include "base/utf8.hpp"
#include "recording/transcript_machine.hpp"

namespace curfew::recording {
namespace {

// A buffer that grew beyond this for one message is given back.
constexpr std::size_t kept_buffer = std::size_t{16} << 10U;

}  // namespace

ShownText shown_text(std::string_view sql) {
    return std::make_shared<const std::string>(whole_characters(sql, Transcript::longest_shown));
}

Transcript::Machine::Machine(std::shared_ptr<const Redactor> redactor, BootInstant began, Write write)
    : redactor_{std::move(redactor)}, began_{began}, write_{std::move(write)}, last_{shown_text({})} {}

void Transcript::Machine::write(entry::Content content, BootInstant at) {
    Entry entry;
    entry.at = std::chrono::duration_cast<Offset>(std::max(at, began_) - began_);
    entry.content = std::move(content);
    write_(std::move(entry));
}

void Transcript::Machine::take(From from, const postgres::TappedPiece& piece, BootInstant at) {
    if (piece.counts()) {
        count(from, piece);
        return;
    }
    if (piece.first() && piece.last()) {
        handle(from, piece.type, {piece.bytes, piece.body_length}, at);
        return;
    }
    Partial& partial = partial_[from == From::client ? 0 : 1];
    if (piece.first()) {
        partial.body.clear();
        partial.begun = true;
    }
    // One whose beginning was not seen.
    if (!partial.begun || partial.body.size() != piece.offset) {
        partial.begun = false;
        return;
    }
    partial.body.append(piece.bytes);
    if (!piece.last()) return;
    partial.begun = false;
    handle(from, piece.type, {partial.body, piece.body_length}, at);
    if (partial.body.capacity() > kept_buffer) std::string{}.swap(partial.body);
}

void Transcript::Machine::count(From from, const postgres::TappedPiece& piece) {
    if (piece.type == 'D') {
        rows_ += piece.messages;
        row_bytes_ += piece.counted_bytes;
        return;
    }
    const bool to_the_other =
        copy_ && (copy_->direction == entry::CopyStarted::Direction::both ||
                  (copy_->direction == entry::CopyStarted::Direction::in) == (from == From::client));
    if (to_the_other) {
        copy_->bytes += piece.counted_bytes;
        copy_->messages += piece.messages;
    } else if (from == From::client) {
        early_copy_bytes_ += piece.counted_bytes;
        early_copy_messages_ += piece.messages;
    }
}

void Transcript::Machine::handle(From from, char type, BodyPart body, BootInstant at) {
    if (from == From::client) {
        take_request(type, body, at);
    } else {
        take_answer(type, body, at);
    }
}

void Transcript::Machine::started(entry::Started facts) {
    for (auto& [name, value] : facts.parameters)
        value = clean(value);
    write(std::move(facts), began_);
}

void Transcript::Machine::said(std::string_view severity, std::string_view sqlstate, std::string_view message,
                               BootInstant at) {
    entry::Notice notice;
    notice.severity = severity;
    notice.sqlstate = sqlstate;
    notice.message = message;
    notice.by_curfew = true;
    write(std::move(notice), at);
}

void Transcript::Machine::missed(std::string what, std::uint64_t bytes, BootInstant at) {
    pipeline_.forget();
    for (Partial& partial : partial_)
        partial.begun = false;
    unsure_ = true;
    write(entry::Gap{std::move(what), bytes}, at);
}

void Transcript::Machine::ended(entry::Ended ending, BootInstant at) {
    copy_ended(at);
    if (ending.last_statement.empty()) ending.last_statement = *last_;
    write(std::move(ending), at);
}

std::optional<Transcript::Running> Transcript::Machine::running() const {
    const Request* const request = pipeline_.running();
    if (request == nullptr) return std::nullopt;
    return Running{*request->shown, request->at};
}

std::string Transcript::Machine::clean(std::string_view text) const {
    auto cleaned = redactor_->text(text);
    return cleaned ? *std::move(cleaned) : std::string{text};
}

std::string Transcript::Machine::clean(std::string_view text, BodyPart body) const {
    const bool reaches_the_end = text.data() + text.size() == body.bytes.data() + body.bytes.size();
    if (!body.cut() || !reaches_the_end) return clean(text);
    return redactor_->beginning_of_text(text).text;
}

Value Transcript::Machine::hidden_value() {
    Value value;
    value.form = Value::Form::redacted;
    return value;
}

Value Transcript::Machine::value_of(const postgres::WireValue& value) const {
    Value out;
    if (value.null) return out;
    out.size = value.size;
    if (value.binary) {
        out.form = Value::Form::binary;
        out.bytes = value.bytes;
        return out;
    }
    out.form = Value::Form::text;
    if (value.bytes.size() < value.size) {
        auto beginning = redactor_->beginning_of_text(value.bytes);
        out.size = beginning.text.size() + (value.size - beginning.of);
        out.bytes = std::move(beginning.text);
        return out;
    }
    auto cleaned = redactor_->text(value.bytes);
    if (!cleaned) {
        out.bytes = value.bytes;
        return out;
    }
    if (*cleaned == redacted_mark) return hidden_value();
    // How long it was would tell how long what was taken out is.
    out.size = cleaned->size();
    out.bytes = *std::move(cleaned);
    return out;
}

Transcript::Transcript(std::shared_ptr<const Redactor> redactor, BootInstant began, Write write)
    : machine_{std::make_unique<Machine>(std::move(redactor), began, std::move(write))} {}
Transcript::~Transcript() = default;
Transcript::Transcript(Transcript&&) noexcept = default;

void Transcript::started(entry::Started facts) {
    machine_->started(std::move(facts));
}

void Transcript::take(From from, const postgres::TappedPiece& piece, BootInstant at) {
    machine_->take(from, piece, at);
}

void Transcript::said(std::string_view severity, std::string_view sqlstate, std::string_view message,
                      BootInstant at) {
    machine_->said(severity, sqlstate, message, at);
}

void Transcript::cancel_asked(BootInstant at) {
    machine_->write(entry::CancelAsked{}, at);
}

void Transcript::missed(std::string what, std::uint64_t bytes, BootInstant at) {
    machine_->missed(std::move(what), bytes, at);
}

void Transcript::unwritten(std::string what, BootInstant at) {
    machine_->write(entry::Gap{std::move(what), 0}, at);
}

void Transcript::ended(entry::Ended ending, BootInstant at) {
    machine_->ended(std::move(ending), at);
}

std::optional<Transcript::Running> Transcript::running() const {
    return machine_->running();
}

const std::string& Transcript::last_statement() const noexcept {
    return machine_->last_statement();
}

}  // namespace curfew::recording
