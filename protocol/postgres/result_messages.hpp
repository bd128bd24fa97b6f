// What PostgreSQL answers: readers of its messages. Names as in PostgreSQL's "Message Formats". Each takes a
// body of which perhaps only the beginning is there, says what that holds, and returns nullopt for whatever
// is malformed. What is returned is valid as long as the body.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "protocol/postgres/body_part.hpp"

namespace curfew::postgres {

struct ColumnDescription {
    std::string_view name;
    std::uint32_t type = 0;    // its object id
    std::uint16_t format = 0;  // 1: binary

    bool operator==(const ColumnDescription&) const = default;
};
// A column of which not all is there is left out.
struct RowDescriptionMessage {
    std::vector<ColumnDescription> columns;
    std::size_t column_count = 0;
};
std::optional<RowDescriptionMessage> parse_row_description(BodyPart body);

// `binary` is not known here, and false.
struct DataRowMessage {
    std::vector<WireValue> values;  // fewer than value_count where the body was cut
    std::size_t value_count = 0;
};
std::optional<DataRowMessage> parse_data_row(BodyPart body);

// The tag: `INSERT 0 1`.
std::optional<std::string_view> parse_command_complete(BodyPart body);

// Of an ErrorResponse or a NoticeResponse, what there is of it.
struct ReportFields {
    std::string_view severity;  // not localized where the server says it so (since 9.6)
    std::string_view sqlstate;
    std::string_view message;
    std::string_view detail;
    std::string_view hint;
};
std::optional<ReportFields> parse_report(BodyPart body);

struct NotificationMessage {
    std::uint32_t process_id = 0;
    std::string_view channel;
    std::string_view payload;
};
std::optional<NotificationMessage> parse_notification(BodyPart body);

struct ParameterStatusMessage {
    std::string_view name;
    std::string_view value;
};
std::optional<ParameterStatusMessage> parse_parameter_status(BodyPart body);

// `I`, `T` or `E`.
std::optional<char> parse_ready_for_query(BodyPart body);

// A CopyInResponse, CopyOutResponse or CopyBothResponse.
struct CopyResponseMessage {
    bool binary = false;  // as a whole
    std::vector<std::uint16_t> column_formats;
};
std::optional<CopyResponseMessage> parse_copy_response(BodyPart body);

}  // namespace curfew::postgres
