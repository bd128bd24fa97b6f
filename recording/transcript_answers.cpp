// What PostgreSQL answers, as entries.
#include <utility>

#include "protocol/postgres/result_messages.hpp"
#include "recording/transcript_machine.hpp"

namespace curfew::recording {

using CopyDirection = entry::CopyStarted::Direction;

void Transcript::Machine::take_answer(char type, BodyPart body, BootInstant at) {
    switch (type) {
        case '1':
            return pipeline_.answered(Request::Kind::parse);
        case '2':
            return pipeline_.answered(Request::Kind::bind);
        case '3':
            return pipeline_.answered(Request::Kind::close);
        case 'n':
            return pipeline_.answered(Request::Kind::describe);
        case 'T':
            return take_columns(body, at);
        case 'D':
            return take_row(body, at);
        case 'C':
            return take_complete(body, at);
        case 'I':
            return completed({}, false, at);
        case 's':
            return completed({}, true, at);
        case 'V':
            return completed("FUNCTION CALL", false, at);
        case 'E':
            return take_error(body, at);
        case 'N':
            return take_notice(body, at);
        case 'A':
            return take_notification(body, at);
        case 'S':
            return take_parameter(body, at);
        case 'Z':
            return take_ready(body, at);
        case 'G':
            return copy_began(CopyDirection::in, at);
        case 'H':
            return copy_began(CopyDirection::out, at);
        case 'W':
            return copy_began(CopyDirection::both, at);
        case 'c':
            if (copy_ && copy_->direction == CopyDirection::out) copy_ended(at);
            return;
        default:
            return;
    }
}

Offset Transcript::Machine::since_asked(BootInstant at) const {
    const Request* const request = pipeline_.front();
    if (request == nullptr || at < request->at) return Offset::zero();
    return std::chrono::duration_cast<Offset>(at - request->at);
}

bool Transcript::Machine::answer_is_secret() const {
    const Request* const request = pipeline_.front();
    return request != nullptr ? request->secret : unsure_ || pipeline_.lost_a_secret();
}

void Transcript::Machine::take_columns(BodyPart body, BootInstant at) {
    const auto message = postgres::parse_row_description(body);
    if (message && !body.bytes.empty()) {
        entry::Columns columns;
        std::vector<std::uint16_t> formats;
        for (const auto& column : message->columns) {
            columns.names.push_back(answer_is_secret() ? std::string{redacted_mark}
                                                       : clean(column.name, body));
            formats.push_back(column.format);
        }
        column_formats_ = message->columns.size() == message->column_count
                              ? postgres::Formats{std::move(formats)}
                              : postgres::Formats::unknown();
        write(std::move(columns), at);
    }
    pipeline_.answered(Request::Kind::describe);
}

void Transcript::Machine::take_row(BodyPart body, BootInstant at) {
    ++rows_;
    row_bytes_ += body.length;
    const auto message = postgres::parse_data_row(body);
    if (!message) return;
    const Request* const request = pipeline_.front();
    const bool executed = request != nullptr && request->kind == Request::Kind::execute;
    const postgres::Formats unknown = postgres::Formats::unknown();
    const postgres::Formats& formats = !executed         ? column_formats_
                                       : request->portal ? request->portal->result_formats
                                                         : unknown;
    const bool secret = answer_is_secret();
    entry::Row row;
    row.values.reserve(message->values.size());
    for (std::size_t i = 0; i < message->values.size(); ++i) {
        postgres::WireValue value = message->values[i];
        value.binary = formats.binary_at(i);
        row.values.push_back(secret ? hidden_value() : value_of(value));
    }
    ++rows_kept_;
    write(std::move(row), at);
}

void Transcript::Machine::forget_rows() {
    rows_ = row_bytes_ = rows_kept_ = 0;
}

void Transcript::Machine::take_complete(BodyPart body, BootInstant at) {
    const auto tag = postgres::parse_command_complete(body);
    completed(tag ? std::string{*tag} : std::string{}, false, at);
}

void Transcript::Machine::completed(std::string tag, bool suspended, BootInstant at) {
    copy_ended(at);
    entry::Completed completion;
    completion.tag = std::move(tag);
    completion.suspended = suspended;
    completion.rows = rows_;
    completion.row_bytes = row_bytes_;
    completion.rows_kept = rows_kept_;
    completion.took = since_asked(at);
    write(std::move(completion), at);
    forget_rows();
    pipeline_.answered(Request::Kind::execute);
}

void Transcript::Machine::take_error(BodyPart body, BootInstant at) {
    copy_ended(at);
    entry::Failed failure;
    failure.took = since_asked(at);
    if (const auto fields = postgres::parse_report(body)) {
        const bool secret = answer_is_secret();
        const auto kept = [&](std::string_view text) {
            return secret && !text.empty() ? std::string{redacted_mark} : clean(text, body);
        };
        failure.severity = fields->severity;
        failure.sqlstate = fields->sqlstate;
        failure.message = kept(fields->message);
        failure.detail = kept(fields->detail);
        failure.hint = kept(fields->hint);
    }
    write(std::move(failure), at);
    forget_rows();
    pipeline_.failed();
}

void Transcript::Machine::take_notice(BodyPart body, BootInstant at) {
    const auto fields = postgres::parse_report(body);
    if (!fields) return;
    entry::Notice notice;
    notice.severity = fields->severity;
    notice.sqlstate = fields->sqlstate;
    notice.message = answer_is_secret() ? std::string{redacted_mark} : clean(fields->message, body);
    write(std::move(notice), at);
}

void Transcript::Machine::take_notification(BodyPart body, BootInstant at) {
    const auto message = postgres::parse_notification(body);
    if (message) write(entry::Notified{clean(message->channel, body), clean(message->payload, body)}, at);
}

void Transcript::Machine::take_parameter(BodyPart body, BootInstant at) {
    const auto message = postgres::parse_parameter_status(body);
    if (!message) return;
    const bool secret = answer_is_secret();
    write(entry::ParameterChanged{std::string{message->name},
                                  secret ? std::string{redacted_mark} : clean(message->value, body)},
          at);
}

void Transcript::Machine::take_ready(BodyPart body, BootInstant at) {
    copy_ended(at);
    early_copy_bytes_ = early_copy_messages_ = 0;
    forget_rows();
    pipeline_.ready();
    const auto status = postgres::parse_ready_for_query(body);
    if (status) write(entry::Ready{*status}, at);
}

void Transcript::Machine::copy_began(CopyDirection direction, BootInstant at) {
    copy_ended(at);
    Copy copy;
    copy.direction = direction;
    if (direction != CopyDirection::out) {
        copy.bytes = std::exchange(early_copy_bytes_, 0);
        copy.messages = std::exchange(early_copy_messages_, 0);
    }
    copy_ = std::move(copy);
    write(entry::CopyStarted{direction}, at);
    if (direction == CopyDirection::in) pipeline_.copy_in_began();
}

void Transcript::Machine::copy_ended(BootInstant at) {
    if (!copy_) return;
    write(entry::CopyEnded{copy_->direction, copy_->bytes, copy_->messages, std::move(copy_->failed)}, at);
    copy_.reset();
}

}  // namespace curfew::recording
