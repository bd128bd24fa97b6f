// What a client asks for, as entries.
#include <fmt/format.h>

#include <utility>

#include "protocol/postgres/statement_messages.hpp"
#include "recording/transcript_machine.hpp"

namespace curfew::recording {
namespace {

struct KeptSql {
    std::string sql;
    std::uint64_t size = 0;
    bool redacted = false;
    bool in_doubt = false;  // there may have been more to be left out in what was cut off

    bool secret() const noexcept { return redacted || in_doubt; }
};

KeptSql keep_beginning(const Redactor& redactor, std::string_view sql, std::uint64_t size) {
    auto beginning = redactor.beginning_of_sql(sql);
    const std::uint64_t new_size = beginning.text.size() + (size - beginning.of);
    return {std::move(beginning.text), new_size, beginning.redacted, redactor.has_patterns()};
}

KeptSql keep_sql(const Redactor& redactor, std::string_view sql, std::uint64_t size) {
    if (sql.size() < size) return keep_beginning(redactor, sql, size);
    auto cleaned = redactor.sql(sql);
    if (!cleaned) return {std::string{sql}, size};
    // How long it was would tell how long what was taken out is.
    const std::uint64_t new_size = cleaned->size();
    return {*std::move(cleaned), new_size, true};
}

Request request_of(Request::Kind kind, BootInstant at) {
    Request request;
    request.kind = kind;
    request.at = at;
    return request;
}

}  // namespace

void Transcript::Machine::take_request(char type, BodyPart body, BootInstant at) {
    switch (type) {
        case 'Q':
            return take_query(body, at);
        case 'P':
            return take_parse(body, at);
        case 'B':
            return take_bind(body, at);
        case 'E':
            return take_execute(body, at);
        case 'D':
            return pipeline_.ask(request_of(Request::Kind::describe, at));
        case 'C':
            return take_close(body, at);
        case 'F':
            return take_function_call(body, at);
        case 'S':
            return pipeline_.ask(request_of(Request::Kind::sync, at));
        case 'c':
            return pipeline_.copy_in_over();
        case 'f':
            return take_copy_fail(body);
        default:  // Terminate, and what is none of PostgreSQL's
            return;
    }
}

void Transcript::Machine::malformed(Request::Kind kind, std::string_view name, BodyPart body,
                                    BootInstant at) {
    write(entry::Gap{fmt::format("a {} message that is not well-formed", name), body.length}, at);
    Request request = request_of(kind, at);
    request.shown = shown_text(fmt::format("(a {} that is not well-formed)", name));
    request.secret = true;  // what PostgreSQL quotes of it was not looked at
    pipeline_.ask(std::move(request));
}

void Transcript::Machine::say_what_was_cut(std::string_view what, std::size_t count, std::size_t kept,
                                           BodyPart body, BootInstant at) {
    if (kept >= count) return;
    write(entry::Gap{fmt::format("{} of {} values of a {}, beyond the bound on what is kept of one message",
                                 count - kept, count, what),
                     body.length - body.bytes.size()},
          at);
}

void Transcript::Machine::take_query(BodyPart body, BootInstant at) {
    const auto message = postgres::parse_query(body);
    if (!message) return malformed(Request::Kind::query, "Query", body, at);
    KeptSql kept = keep_sql(*redactor_, message->sql, message->size);
    Request request = request_of(Request::Kind::query, at);
    request.shown = last_ = shown_text(kept.sql);
    request.secret = kept.secret();
    write(entry::Query{std::move(kept.sql), kept.size, kept.redacted}, at);
    pipeline_.ask(std::move(request));
}

void Transcript::Machine::take_parse(BodyPart body, BootInstant at) {
    auto message = postgres::parse_parse(body);
    if (!message) return malformed(Request::Kind::parse, "Parse", body, at);
    KeptSql kept = keep_sql(*redactor_, message->sql, message->size);
    auto prepared = std::make_shared<PreparedStatement>();
    prepared->shown = shown_text(kept.sql);
    const bool whole = message->sql.size() == message->size;
    prepared->hidden = whole ? redactor_->parameters_of(message->sql) : redactor_->parameters_of_unknown();
    prepared->secret = kept.secret();
    Request request = request_of(Request::Kind::parse, at);
    request.secret = kept.secret();
    write(entry::Parse{std::string{message->statement}, std::move(kept.sql), kept.size, kept.redacted,
                       std::move(message->parameter_types)},
          at);
    pipeline_.parse(std::move(request), message->statement, std::move(prepared));
}

void Transcript::Machine::take_bind(BodyPart body, BootInstant at) {
    const auto message = postgres::parse_bind(body);
    if (!message) return malformed(Request::Kind::bind, "Bind", body, at);
    auto bound = std::make_shared<BoundPortal>();
    bound->statement = message->statement.substr(0, Pipeline::longest_name);
    bound->prepared = pipeline_.statement(message->statement);
    bound->result_formats = message->result_formats;
    bound->secret = bound->prepared && bound->prepared->secret;
    const RedactedParameters hidden =
        bound->prepared ? bound->prepared->hidden : redactor_->parameters_of_unknown();

    entry::Bind bind;
    bind.portal = message->portal;
    bind.statement = message->statement;
    bind.parameters.reserve(message->parameters.size());
    for (std::size_t i = 0; i < message->parameters.size(); ++i) {
        bind.parameters.push_back(hidden.contains(i + 1) ? hidden_value() : value_of(message->parameters[i]));
    }
    bound->secret = bound->secret || (message->parameter_count > 0 && !hidden.empty());
    Request request = request_of(Request::Kind::bind, at);
    request.secret = bound->secret;
    write(std::move(bind), at);
    say_what_was_cut("Bind", message->parameter_count, message->parameters.size(), body, at);
    pipeline_.bind(std::move(request), message->portal, std::move(bound));
}

void Transcript::Machine::take_execute(BodyPart body, BootInstant at) {
    const auto message = postgres::parse_execute(body);
    if (!message) return malformed(Request::Kind::execute, "Execute", body, at);
    Request request = request_of(Request::Kind::execute, at);
    request.portal = pipeline_.portal(message->portal);
    const bool known = request.portal && request.portal->prepared;
    // Of a portal that is not known nobody knows what it was bound to.
    request.secret = request.portal ? request.portal->secret : !redactor_->parameters_of_unknown().empty();
    request.shown = last_ =
        known ? request.portal->prepared->shown
              : shown_text(fmt::format("(portal \"{}\", of a statement that is not known)",
                                       clean(message->portal.substr(0, Pipeline::longest_name))));
    write(entry::Execute{std::string{message->portal},
                         request.portal ? request.portal->statement : std::string{}, message->max_rows},
          at);
    pipeline_.ask(std::move(request));
}

void Transcript::Machine::take_close(BodyPart body, BootInstant at) {
    const auto message = postgres::parse_named_object(body);
    if (!message) return malformed(Request::Kind::close, "Close", body, at);
    pipeline_.close(request_of(Request::Kind::close, at), *message);
}

void Transcript::Machine::take_function_call(BodyPart body, BootInstant at) {
    const auto message = postgres::parse_function_call(body);
    if (!message) return malformed(Request::Kind::function_call, "FunctionCall", body, at);
    entry::FunctionCall call;
    call.function = message->function;
    for (const auto& argument : message->arguments)
        call.arguments.push_back(value_of(argument));
    Request request = request_of(Request::Kind::function_call, at);
    request.shown = last_ = shown_text(fmt::format("(function {})", message->function));
    write(std::move(call), at);
    say_what_was_cut("FunctionCall", message->argument_count, message->arguments.size(), body, at);
    pipeline_.ask(std::move(request));
}

void Transcript::Machine::take_copy_fail(BodyPart body) {
    pipeline_.copy_in_over();
    const auto reason = postgres::parse_copy_fail(body);
    if (!copy_) return;
    copy_->failed = reason ? clean(*reason, body) : std::string{};
    // That it failed is told by its having a reason.
    if (copy_->failed.empty()) copy_->failed = "no reason given";
}

}  // namespace curfew::recording
