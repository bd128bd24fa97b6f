#include "protocol/postgres/messages.hpp"

#include <utility>

namespace curfew::postgres {
namespace {

void append_field(std::string& out, char letter, std::string_view value) {
    if (value.empty()) return;
    out.push_back(letter);
    // A zero inside would end the field early and turn the rest into fields of its own.
    for (const char c : value)
        out.push_back(c == '\0' ? '?' : c);
    out.push_back('\0');
}

std::string report(char type, const Report& what) {
    std::string out;
    append_message(out, type, [&](std::string& body) {
        append_field(body, 'S', what.severity);
        append_field(body, 'V', what.severity);
        append_field(body, 'C', what.sqlstate);
        append_field(body, 'M', what.message);
        append_field(body, 'D', what.detail);
        append_field(body, 'H', what.hint);
        body.push_back('\0');
    });
    return out;
}

std::string message_of(char type, std::string_view content) {
    std::string out;
    append_message(out, type, [&](std::string& body) { body.append(content); });
    return out;
}

}  // namespace

std::string error_response(const Report& what) {
    return report('E', what);
}

std::string notice_response(const Report& what) {
    return report('N', what);
}

std::optional<std::map<char, std::string>> parse_report_fields(std::string_view body) {
    std::map<char, std::string> fields;
    while (!body.empty() && body[0] != '\0') {
        const char letter = body[0];
        const auto end = body.find('\0', 1);
        if (end == std::string_view::npos) return std::nullopt;
        fields.emplace(letter, body.substr(1, end - 1));
        body.remove_prefix(end + 1);
    }
    if (body.size() != 1) return std::nullopt;
    return fields;
}

std::optional<AuthenticationCode> authentication_code(std::string_view body) {
    if (body.size() < 4) return std::nullopt;
    return static_cast<AuthenticationCode>(read_u32(body.data()));
}

std::string authentication(AuthenticationCode code, std::string_view rest) {
    std::string out;
    append_message(out, 'R', [&](std::string& body) {
        append_u32(body, static_cast<std::uint32_t>(code));
        body.append(rest);
    });
    return out;
}

std::string authentication_sasl(const std::vector<std::string_view>& mechanisms) {
    std::string list;
    for (const auto mechanism : mechanisms)
        list.append(mechanism).push_back('\0');
    list.push_back('\0');
    return authentication(AuthenticationCode::sasl, list);
}

std::string backend_key_data(std::int32_t process_id, std::string_view secret) {
    std::string out;
    append_message(out, 'K', [&](std::string& body) {
        append_u32(body, static_cast<std::uint32_t>(process_id));
        body.append(secret);
    });
    return out;
}

std::string ready_for_query(char status) {
    return message_of('Z', {&status, 1});
}

std::string negotiate_protocol_version(std::uint32_t newest,
                                       const std::vector<std::string>& unknown_options) {
    std::string out;
    append_message(out, 'v', [&](std::string& body) {
        append_u32(body, newest);
        append_u32(body, static_cast<std::uint32_t>(unknown_options.size()));
        for (const auto& option : unknown_options)
            body.append(option).push_back('\0');
    });
    return out;
}

std::string password_message(std::string_view password) {
    std::string out;
    append_message(out, 'p', [&](std::string& body) {
        body.append(password);
        body.push_back('\0');
    });
    return out;
}

std::string sasl_initial_response(std::string_view mechanism, std::string_view data) {
    std::string out;
    append_message(out, 'p', [&](std::string& body) {
        body.append(mechanism).push_back('\0');
        append_u32(body, static_cast<std::uint32_t>(data.size()));
        body.append(data);
    });
    return out;
}

std::string sasl_response(std::string_view data) {
    return message_of('p', data);
}

std::string terminate() {
    return message_of('X', {});
}

std::string copy_fail(std::string_view reason) {
    std::string out;
    append_message(out, 'f', [&](std::string& body) {
        body.append(reason);
        body.push_back('\0');
    });
    return out;
}

std::optional<BackendKey> parse_backend_key_data(std::string_view body) {
    constexpr std::size_t shortest = 4 + 4;
    constexpr std::size_t longest = 4 + 256;
    if (body.size() < shortest || body.size() > longest) return std::nullopt;
    return BackendKey{static_cast<std::int32_t>(read_u32(body.data())), std::string{body.substr(4)}};
}

}  // namespace curfew::postgres
