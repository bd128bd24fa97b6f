#include "protocol/postgres/result_messages.hpp"

#include "protocol/postgres/body_reader.hpp"

namespace curfew::postgres {
namespace {

// Where a field of a report goes; null for those that nobody asked for.
std::string_view* place_of(char letter, ReportFields& fields) {
    switch (letter) {
        case 'S':
        case 'V':
            return &fields.severity;
        case 'C':
            return &fields.sqlstate;
        case 'M':
            return &fields.message;
        case 'D':
            return &fields.detail;
        case 'H':
            return &fields.hint;
        default:
            return nullptr;
    }
}

}  // namespace

std::optional<RowDescriptionMessage> parse_row_description(BodyPart part) {
    BodyReader body{part};
    RowDescriptionMessage message;
    message.column_count = body.u16();
    for (std::size_t i = 0; i < message.column_count && body.fine(); ++i) {
        ColumnDescription column;
        column.name = body.text();
        body.u32();  // the table, and the column in it
        body.u16();
        column.type = body.u32();
        body.u16();  // size and modifier of the type
        body.u32();
        column.format = body.u16();
        if (body.fine()) message.columns.push_back(column);
    }
    if (!body.acceptable()) return std::nullopt;
    return message;
}

std::optional<DataRowMessage> parse_data_row(BodyPart part) {
    BodyReader body{part};
    DataRowMessage message;
    message.value_count = body.u16();
    for (std::size_t i = 0; i < message.value_count && body.fine(); ++i) {
        const WireValue value = body.value();
        if (body.fine() || (body.ended() && value.size > 0)) message.values.push_back(value);
    }
    if (!body.acceptable()) return std::nullopt;
    return message;
}

std::optional<std::string_view> parse_command_complete(BodyPart part) {
    BodyReader body{part};
    const std::string_view tag = body.text();
    if (!body.acceptable()) return std::nullopt;
    return tag;
}

std::optional<ReportFields> parse_report(BodyPart part) {
    BodyReader body{part};
    ReportFields fields;
    for (;;) {
        const char letter = body.byte();
        if (letter == '\0') break;
        const std::string_view value = body.text();
        // `V` comes after `S` and says the same in English.
        std::string_view* const place = place_of(letter, fields);
        if (place != nullptr && (letter != 'V' || !value.empty())) *place = value;
    }
    if (!body.acceptable()) return std::nullopt;
    return fields;
}

std::optional<NotificationMessage> parse_notification(BodyPart part) {
    BodyReader body{part};
    NotificationMessage message;
    message.process_id = body.u32();
    message.channel = body.text();
    message.payload = body.text();
    if (!body.acceptable()) return std::nullopt;
    return message;
}

std::optional<ParameterStatusMessage> parse_parameter_status(BodyPart part) {
    BodyReader body{part};
    ParameterStatusMessage message;
    message.name = body.text();
    message.value = body.text();
    if (!body.acceptable()) return std::nullopt;
    return message;
}

std::optional<char> parse_ready_for_query(BodyPart part) {
    BodyReader body{part};
    const char status = body.byte();
    if (!body.done() || (status != 'I' && status != 'T' && status != 'E')) return std::nullopt;
    return status;
}

std::optional<CopyResponseMessage> parse_copy_response(BodyPart part) {
    BodyReader body{part};
    CopyResponseMessage message;
    message.binary = body.byte() != '\0';
    const std::uint16_t columns = body.u16();
    for (std::uint16_t i = 0; i < columns && body.fine(); ++i) {
        const std::uint16_t format = body.u16();
        if (body.fine()) message.column_formats.push_back(format);
    }
    if (!body.acceptable()) return std::nullopt;
    return message;
}

}  // namespace curfew::postgres
