#include "protocol/postgres/statement_messages.hpp"

#include <utility>

#include "protocol/postgres/body_reader.hpp"

namespace curfew::postgres {
namespace {

Formats read_formats(BodyReader& body) {
    const std::uint16_t count = body.u16();
    std::vector<std::uint16_t> codes;
    for (std::uint16_t i = 0; i < count && body.fine(); ++i)
        codes.push_back(body.u16());
    return Formats{std::move(codes)};
}

// Their number, and as many as there are.
std::size_t read_values(BodyReader& body, const Formats& formats, std::vector<WireValue>& values) {
    const std::size_t count = body.u16();
    for (std::size_t i = 0; i < count && body.fine(); ++i) {
        WireValue value = body.value();
        if (!body.fine() && value.size == 0) break;  // not even its length is there
        value.binary = formats.binary_at(i);
        values.push_back(value);
    }
    return count;
}

}  // namespace

std::optional<QueryMessage> parse_query(BodyPart part) {
    BodyReader body{part};
    const std::string_view sql = body.text();
    if (!body.acceptable()) return std::nullopt;
    return QueryMessage{sql, part.length - 1};
}

std::optional<ParseMessage> parse_parse(BodyPart part) {
    BodyReader body{part};
    ParseMessage message;
    message.statement = body.text();
    message.sql = body.text();
    message.size = message.sql.size() + (body.ended() ? body.remaining() : 0);
    const std::uint16_t types = body.u16();
    for (std::uint16_t i = 0; i < types && body.fine(); ++i) {
        const std::uint32_t type = body.u32();
        if (body.fine()) message.parameter_types.push_back(type);
    }
    if (!body.acceptable()) return std::nullopt;
    return message;
}

std::optional<BindMessage> parse_bind(BodyPart part) {
    BodyReader body{part};
    BindMessage message;
    message.portal = body.text();
    message.statement = body.text();
    const Formats formats = read_formats(body);
    message.parameter_count = read_values(body, formats, message.parameters);
    if (body.fine() && !formats.fit(message.parameter_count)) return std::nullopt;
    message.result_formats = read_formats(body);
    if (!body.acceptable()) return std::nullopt;
    if (body.ended()) message.result_formats = Formats::unknown();
    return message;
}

std::optional<ExecuteMessage> parse_execute(BodyPart part) {
    BodyReader body{part};
    const std::string_view portal = body.text();
    const std::uint32_t max_rows = body.u32();
    if (!body.acceptable()) return std::nullopt;
    return ExecuteMessage{portal, max_rows};
}

std::optional<NamedObject> parse_named_object(BodyPart part) {
    BodyReader body{part};
    const char kind = body.byte();
    const std::string_view name = body.text();
    if (!body.acceptable() || (kind != 'S' && kind != 'P')) return std::nullopt;
    return NamedObject{kind, name};
}

std::optional<FunctionCallMessage> parse_function_call(BodyPart part) {
    BodyReader body{part};
    FunctionCallMessage message;
    message.function = body.u32();
    const Formats formats = read_formats(body);
    message.argument_count = read_values(body, formats, message.arguments);
    if (body.fine() && !formats.fit(message.argument_count)) return std::nullopt;
    body.u16();  // the form that its result is wanted in
    if (!body.acceptable()) return std::nullopt;
    return message;
}

std::optional<std::string_view> parse_copy_fail(BodyPart part) {
    BodyReader body{part};
    const std::string_view reason = body.text();
    if (!body.acceptable()) return std::nullopt;
    return reason;
}

}  // namespace curfew::postgres
