#include "protocol/postgres/session_start.hpp"

#include <algorithm>
#include <utility>

namespace curfew::postgres {
namespace {

// A name and a value, each ended by a zero.
bool is_parameter_status(std::string_view body) {
    return body.size() > 2 && body[0] != '\0' && body.back() == '\0' &&
           std::count(body.begin(), body.end(), '\0') == 2;
}

}  // namespace

SessionStart::Step SessionStart::on_message(const Message& message) {
    // Whatever happens below ends the start, unless it says otherwise.
    if (std::exchange(over_, true)) return server_violation("sent a message after the start of the session");
    switch (message.type) {
        case 'S':
            if (!is_parameter_status(message.body)) {
                return server_violation("sent a ParameterStatus that cannot be understood");
            }
            keep_parameter(message.body);
            break;
        case 'N':
            if (!parse_report_fields(message.body)) {
                return server_violation("sent a notice that cannot be understood");
            }
            break;
        case 'K':
            return on_backend_key(message.body);
        case 'v':
            over_ = false;
            return Hold{};
        case 'Z':
            return on_ready(message.body);
        case 'E':
            if (auto refusal = read_refusal(message)) return std::move(*refusal);
            return server_violation("sent an error that cannot be understood");
        default:
            return server_violation("sent a " + name_of_type(message.type) + " before its ReadyForQuery");
    }
    over_ = false;
    return ToClient{encode(message)};
}

void SessionStart::keep_parameter(std::string_view body) {
    const auto end_of_name = body.find('\0');
    body.remove_suffix(1);
    const std::string_view value = body.substr(end_of_name + 1);
    if (body.substr(0, end_of_name) == "client_encoding") client_encoding_ = value;
    if (body.substr(0, end_of_name) == "standard_conforming_strings") standard_conforming_strings_ = value;
}

SessionStart::Step SessionStart::on_backend_key(std::string_view body) {
    if (backend_key_) return server_violation("sent two cancel keys");
    backend_key_ = parse_backend_key_data(body);
    if (!backend_key_) return server_violation("sent a cancel key that cannot be understood");
    over_ = false;
    return Hold{};
}

SessionStart::Step SessionStart::on_ready(std::string_view body) const {
    if (body != "I" && body != "T" && body != "E") {
        return server_violation("sent a ReadyForQuery that cannot be understood");
    }
    return Ready{body[0]};
}

}  // namespace curfew::postgres
