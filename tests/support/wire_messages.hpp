// Messages of clients and servers, written for tests. Names as in PostgreSQL's "Message Formats".
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/postgres/framing.hpp"

namespace curfew::wire {

inline std::string message(char type, std::string_view body = {}) {
    std::string out;
    postgres::append_message(out, type, [&](std::string& to) { to.append(body); });
    return out;
}

inline std::string u16(std::uint16_t value) {
    return {static_cast<char>(value >> 8U), static_cast<char>(value & 0xFFU)};
}
inline std::string u32(std::uint32_t value) {
    std::string out;
    postgres::append_u32(out, value);
    return out;
}
// With its zero.
inline std::string text(std::string_view value) {
    return std::string{value} + '\0';
}

using Nullable = std::optional<std::string_view>;
inline std::string values(const std::vector<Nullable>& all) {
    std::string out = u16(static_cast<std::uint16_t>(all.size()));
    for (const auto& value : all) {
        out += value ? u32(static_cast<std::uint32_t>(value->size())) : u32(0xFFFFFFFFU);
        if (value) out += *value;
    }
    return out;
}
inline std::string formats(const std::vector<std::uint16_t>& codes) {
    std::string out = u16(static_cast<std::uint16_t>(codes.size()));
    for (const auto code : codes)
        out += u16(code);
    return out;
}

// --- Of a client

inline std::string query(std::string_view sql) {
    return message('Q', text(sql));
}
inline std::string parse(std::string_view statement, std::string_view sql,
                         const std::vector<std::uint32_t>& types = {}) {
    std::string body = text(statement) + text(sql) + u16(static_cast<std::uint16_t>(types.size()));
    for (const auto type : types)
        body += u32(type);
    return message('P', body);
}
inline std::string bind(std::string_view portal, std::string_view statement,
                        const std::vector<Nullable>& parameters = {},
                        const std::vector<std::uint16_t>& parameter_formats = {},
                        const std::vector<std::uint16_t>& result_formats = {}) {
    return message('B', text(portal) + text(statement) + formats(parameter_formats) + values(parameters) +
                            formats(result_formats));
}
inline std::string describe(char kind, std::string_view name) {
    return message('D', std::string(1, kind) + text(name));
}
inline std::string execute(std::string_view portal = {}, std::uint32_t max_rows = 0) {
    return message('E', text(portal) + u32(max_rows));
}
inline std::string close(char kind, std::string_view name) {
    return message('C', std::string(1, kind) + text(name));
}
inline std::string sync() {
    return message('S');
}
inline std::string flush() {
    return message('H');
}
inline std::string function_call(std::uint32_t function, const std::vector<Nullable>& arguments) {
    return message('F', u32(function) + formats({}) + values(arguments) + u16(0));
}
inline std::string copy_data(std::string_view data) {
    return message('d', data);
}
inline std::string copy_done() {
    return message('c');
}
inline std::string copy_fail(std::string_view reason) {
    return message('f', text(reason));
}

// --- Of a server

inline std::string parse_complete() {
    return message('1');
}
inline std::string bind_complete() {
    return message('2');
}
inline std::string close_complete() {
    return message('3');
}
inline std::string no_data() {
    return message('n');
}
inline std::string row_description(const std::vector<std::string_view>& names, std::uint16_t format = 0) {
    std::string body = u16(static_cast<std::uint16_t>(names.size()));
    for (const auto name : names)
        body += text(name) + u32(0) + u16(0) + u32(25) + u16(0xFFFF) + u32(0xFFFFFFFFU) + u16(format);
    return message('T', body);
}
inline std::string data_row(const std::vector<Nullable>& row) {
    return message('D', values(row));
}
inline std::string complete(std::string_view tag) {
    return message('C', text(tag));
}
inline std::string ready(char status) {
    return message('Z', {&status, 1});
}
// Severity, SQLSTATE, message and, where there is one, detail.
inline std::string report(char type, std::string_view severity, std::string_view sqlstate,
                          std::string_view said, std::string_view detail = {}) {
    std::string body = 'S' + text(severity) + 'V' + text(severity) + 'C' + text(sqlstate) + 'M' + text(said);
    if (!detail.empty()) body += 'D' + text(detail);
    return message(type, body + '\0');
}
inline std::string error(std::string_view sqlstate, std::string_view said, std::string_view detail = {}) {
    return report('E', "ERROR", sqlstate, said, detail);
}
inline std::string fatal(std::string_view sqlstate) {
    return report('E', "FATAL", sqlstate, "terminating connection due to administrator command");
}
inline std::string copy_response(char type) {
    return message(type, std::string(1, '\0') + formats({0}));
}

}  // namespace curfew::wire
