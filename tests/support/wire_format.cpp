#include "support/wire_format.hpp"

#include <stdexcept>

namespace curfew::test::wire {

std::string int16(std::uint16_t value) {
    return {static_cast<char>(value >> 8U), static_cast<char>(value)};
}

std::string int32(std::uint32_t value) {
    return int16(static_cast<std::uint16_t>(value >> 16U)) + int16(static_cast<std::uint16_t>(value));
}

std::string cstring(std::string_view text) {
    return std::string{text} + '\0';
}

std::uint32_t read_int32(std::string_view bytes) {
    std::uint32_t value = 0;
    for (const char byte : bytes.substr(0, 4))
        value = (value << 8U) | static_cast<unsigned char>(byte);
    return value;
}

std::string packet(std::string_view body) {
    return int32(static_cast<std::uint32_t>(body.size() + 4)).append(body);
}

std::string message(char type, std::string_view body) {
    return type + packet(body);
}

std::string startup(const Parameters& parameters, std::uint32_t version) {
    std::string body = int32(version);
    for (const auto& [name, value] : parameters)
        body += cstring(name) + cstring(value);
    return packet(body + '\0');
}

std::string ssl_request() {
    return packet(int32(80877103));
}

std::string gssenc_request() {
    return packet(int32(80877104));
}

std::string cancel_request(std::uint32_t process_id, std::string_view key) {
    return packet(int32(80877102) + int32(process_id) + std::string{key});
}

std::string password(std::string_view text) {
    return message('p', cstring(text));
}

std::string sasl_initial_response(std::string_view mechanism, std::string_view data) {
    return message('p',
                   cstring(mechanism) + int32(static_cast<std::uint32_t>(data.size())) + std::string{data});
}

std::string query(std::string_view sql) {
    return message('Q', cstring(sql));
}

std::string parse(std::string_view statement, std::string_view sql) {
    return message('P', cstring(statement) + cstring(sql) + int16(0));
}

std::string bind(std::string_view portal, std::string_view statement,
                 const std::vector<std::string>& parameters) {
    std::string body = cstring(portal) + cstring(statement) + int16(0);
    body += int16(static_cast<std::uint16_t>(parameters.size()));
    for (const std::string& parameter : parameters)
        body += int32(static_cast<std::uint32_t>(parameter.size())) + parameter;
    return message('B', body + int16(0));
}

std::string describe_portal(std::string_view portal) {
    return message('D', 'P' + cstring(portal));
}

std::string execute(std::string_view portal, std::uint32_t limit) {
    return message('E', cstring(portal) + int32(limit));
}

std::string sync() {
    return message('S');
}

std::string flush() {
    return message('H');
}

std::string copy_data(std::string_view bytes) {
    return message('d', bytes);
}

std::string copy_done() {
    return message('c');
}

std::string terminate() {
    return message('X');
}

std::string endless_rows(std::size_t size) {
    return "SELECT repeat('x', " + std::to_string(size) +
           ") FROM generate_series(1, 10000) a, generate_series(1, 10000) b";
}

std::string endless_copy(std::size_t size) {
    return "COPY (" + endless_rows(size) + ") TO STDOUT";
}

std::map<char, std::string> report_fields(const Message& report) {
    std::map<char, std::string> fields;
    std::string_view left{report.body};
    while (!left.empty() && left[0] != '\0') {
        const std::size_t end = left.find('\0', 1);
        if (end == std::string_view::npos) throw std::runtime_error("a report field without an end");
        fields[left[0]] = left.substr(1, end - 1);
        left.remove_prefix(end + 1);
    }
    if (left.size() != 1) throw std::runtime_error("a report without its final zero, or with more behind it");
    return fields;
}

std::vector<std::optional<std::string>> row(const Message& data_row) {
    std::vector<std::optional<std::string>> columns;
    std::string_view left{data_row.body};
    left.remove_prefix(2);
    while (!left.empty()) {
        const std::uint32_t size = read_int32(left);
        left.remove_prefix(4);
        if (size == 0xFFFFFFFF) {
            columns.emplace_back(std::nullopt);
            continue;
        }
        columns.emplace_back(std::string{left.substr(0, size)});
        left.remove_prefix(size);
    }
    return columns;
}

}  // namespace curfew::test::wire
