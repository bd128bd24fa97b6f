// Any bytes as the bodies of what clients ask and PostgreSQL answers, whole and cut: readers believe no
// length.
#include <string_view>

#include "fuzzing.hpp"
#include "protocol/postgres/result_messages.hpp"
#include "protocol/postgres/statement_messages.hpp"
#include "protocol/postgres/statement_scan.hpp"

namespace {

using namespace curfew;
using namespace curfew::postgres;
using fuzzing::require;

void within(std::string_view part, std::string_view body) {
    require(part.empty() ||
                (part.data() >= body.data() && part.data() + part.size() <= body.data() + body.size()),
            "what is read lies within the body");
}

void check_values(const std::vector<WireValue>& values, std::size_t count, BodyPart body) {
    require(values.size() <= count, "no more values than were announced");
    require(body.cut() || values.size() == count, "all values of a whole body");
    for (const WireValue& value : values) {
        within(value.bytes, body.bytes);
        require(value.bytes.size() <= value.size && value.size <= body.length,
                "no value is longer than its message");
        require(body.cut() || value.bytes.size() == value.size, "values of a whole body are whole");
    }
}

void check_requests(BodyPart body) {
    if (const auto query = parse_query(body)) {
        within(query->sql, body.bytes);
        require(query->size >= query->sql.size() && query->size < body.length, "a length that can be");
        require(query->sql.find('\0') == std::string_view::npos, "SQL ends at its zero");
    }
    if (const auto parse = parse_parse(body)) {
        within(parse->statement, body.bytes);
        within(parse->sql, body.bytes);
        require(parse->parameter_types.size() * 4 <= body.bytes.size(), "types that are there");
    }
    if (const auto bind = parse_bind(body)) {
        within(bind->portal, body.bytes);
        within(bind->statement, body.bytes);
        check_values(bind->parameters, bind->parameter_count, body);
    }
    if (const auto execute = parse_execute(body)) within(execute->portal, body.bytes);
    if (const auto named = parse_named_object(body)) within(named->name, body.bytes);
    if (const auto call = parse_function_call(body))
        check_values(call->arguments, call->argument_count, body);
    if (const auto reason = parse_copy_fail(body)) within(*reason, body.bytes);
}

void check_answers(BodyPart body) {
    if (const auto row = parse_row_description(body)) {
        require(row->columns.size() <= row->column_count, "no more columns than were announced");
        for (const auto& column : row->columns)
            within(column.name, body.bytes);
    }
    if (const auto row = parse_data_row(body)) check_values(row->values, row->value_count, body);
    if (const auto tag = parse_command_complete(body)) within(*tag, body.bytes);
    if (const auto report = parse_report(body)) {
        within(report->message, body.bytes);
        within(report->detail, body.bytes);
    }
    if (const auto notification = parse_notification(body)) within(notification->payload, body.bytes);
    if (const auto parameter = parse_parameter_status(body)) within(parameter->value, body.bytes);
    parse_ready_for_query(body);
    parse_copy_response(body);
}

// Pieces say the same as the whole.
void check_scan(std::string_view sql) {
    StatementScan whole;
    whole.read(sql);
    whole.finish();
    StatementScan bytes;
    for (const char& byte : sql)
        bytes.read({&byte, 1});
    bytes.finish();
    require(whole.first() == bytes.first() && whole.worst() == bytes.worst() &&
                whole.statements() == bytes.statements() && whole.exact() == bytes.exact(),
            "the same in pieces");
    require(whole.first() <= whole.worst(), "no statement is worse than the worst");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const auto body = fuzzing::as_text(data + 1, size - 1);
    for (const BodyPart part :
         {BodyPart::whole(body), BodyPart{body, static_cast<std::uint32_t>(body.size() + data[0] * 16U)}}) {
        check_requests(part);
        check_answers(part);
    }
    check_scan(body);
    return 0;
}
