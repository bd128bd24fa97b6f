#include "protocol/postgres/startup.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "base/text.hpp"
#include "protocol/postgres/framing.hpp"

namespace curfew::postgres {
namespace {

// "Protocol versions" 1234.x stand for requests (PostgreSQL documentation, "Message Formats").
constexpr std::uint32_t cancel_request_code = (1234U << 16U) | 5678U;
constexpr std::uint32_t ssl_request_code = (1234U << 16U) | 5679U;
constexpr std::uint32_t gss_request_code = (1234U << 16U) | 5680U;
constexpr std::size_t prefix_size = 8;  // length word and code
constexpr std::size_t longest_cancel_secret = 256;

StartupError violation(std::string message) {
    return {"08P01", std::move(message)};
}

// Takes one zero-terminated string off the front of `rest`; nullopt if there is no terminator.
std::optional<std::string_view> take_string(std::string_view& rest) {
    const auto end = rest.find('\0');
    if (end == std::string_view::npos) return std::nullopt;
    const auto text = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    return text;
}

// PostgreSQL's parse_bool, and `database` besides (physical or logical replication).
std::optional<Replication> parse_replication(std::string_view value) {
    std::string lower{value};
    std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : static_cast<char>(c);
    });
    if (lower == "database") return Replication::logical;
    for (const std::string_view word : {"true", "yes", "on", "1", "t", "y"}) {
        if (lower == word) return Replication::physical;
    }
    for (const std::string_view word : {"false", "no", "off", "0", "f", "n"}) {
        if (lower == word) return Replication::none;
    }
    return std::nullopt;
}

std::optional<StartupError> store_parameter(StartupMessage& startup, std::string_view name,
                                            std::string_view value) {
    if (name == "user" || name == "database") {
        if (value.size() > longest_name) {
            return violation("the " + std::string{name} +
                             " name is longer than 63 bytes: PostgreSQL would cut it");
        }
        (name == "user" ? startup.user : startup.database) = value;
    } else if (name == "replication") {
        const auto replication = parse_replication(value);
        if (!replication)
            return violation("invalid value for parameter \"replication\": \"" + printable(value, 40) + "\"");
        startup.replication = *replication;
    } else if (name.starts_with("_pq_.")) {
        startup.protocol_options.emplace_back(name);
    } else {
        startup.parameters.emplace_back(name, value);
    }
    return std::nullopt;
}

StartupPacket parse_parameters(std::uint32_t version, std::string_view rest) {
    StartupMessage startup;
    startup.version = version;
    std::set<std::string_view> seen;
    for (;;) {
        const auto name = take_string(rest);
        if (!name) return violation("invalid startup packet layout: expected terminator as last byte");
        if (name->empty()) break;
        const auto value = take_string(rest);
        if (!value) return violation("invalid startup packet layout: a parameter has no value");
        if (!seen.insert(*name).second) {
            return violation("startup parameter \"" + printable(*name, 40) + "\" is given twice");
        }
        if (auto error = store_parameter(startup, *name, *value)) return *error;
    }
    if (!rest.empty()) return violation("invalid startup packet layout: bytes behind the terminator");
    if (startup.user.empty())
        return StartupError{"28000", "no PostgreSQL user name specified in startup packet"};
    return startup;
}

void append_parameter(std::string& out, std::string_view name, std::string_view value) {
    out.append(name).push_back('\0');
    out.append(value).push_back('\0');
}

std::string with_length_word(std::string_view payload) {
    std::string packet;
    append_u32(packet, static_cast<std::uint32_t>(payload.size() + 4));
    return packet.append(payload);
}

}  // namespace

std::string_view StartupMessage::parameter(std::string_view name) const {
    for (const auto& [key, value] : parameters) {
        if (key == name) return value;
    }
    return {};
}

std::size_t startup_packet_length(const char* length_word) noexcept {
    const std::uint32_t length = read_u32(length_word);
    return length >= prefix_size && length <= longest_startup_packet ? length : 0;
}

StartupPacket parse_startup_packet(std::string_view packet) {
    if (packet.size() < prefix_size || startup_packet_length(packet.data()) != packet.size()) {
        return violation("invalid length of startup packet");
    }
    const std::uint32_t code = read_u32(packet.data() + 4);
    const auto rest = packet.substr(prefix_size);
    switch (code) {
        case ssl_request_code:
            return rest.empty() ? StartupPacket{SslRequest{}}
                                : StartupPacket{violation("invalid length of SSLRequest")};
        case gss_request_code:
            return rest.empty() ? StartupPacket{GssEncRequest{}}
                                : StartupPacket{violation("invalid length of GSSENCRequest")};
        case cancel_request_code:
            if (rest.size() < 8 || rest.size() > 4 + longest_cancel_secret) {
                return violation("invalid length of CancelRequest");
            }
            return CancelRequest{static_cast<std::int32_t>(read_u32(rest.data())),
                                 std::string{rest.substr(4)}};
        default:
            break;
    }
    if (code >> 16U != 3) {
        return StartupError{"0A000", "unsupported frontend protocol " + std::to_string(code >> 16U) + "." +
                                         std::to_string(code & 0xFFFFU) + ": server supports 3.0 to 3.2"};
    }
    return parse_parameters(code, rest);
}

std::string build_startup_message(const StartupMessage& startup) {
    std::string payload;
    append_u32(payload, startup.version);
    append_parameter(payload, "user", startup.user);
    if (!startup.database.empty()) append_parameter(payload, "database", startup.database);
    if (startup.replication != Replication::none) {
        append_parameter(payload, "replication",
                         startup.replication == Replication::logical ? "database" : "true");
    }
    for (const auto& [name, value] : startup.parameters)
        append_parameter(payload, name, value);
    payload.push_back('\0');
    return with_length_word(payload);
}

std::string build_ssl_request() {
    std::string payload;
    append_u32(payload, ssl_request_code);
    return with_length_word(payload);
}

std::string build_cancel_request(const CancelRequest& cancel) {
    std::string payload;
    append_u32(payload, cancel_request_code);
    append_u32(payload, static_cast<std::uint32_t>(cancel.process_id));
    return with_length_word(payload.append(cancel.secret));
}

}  // namespace curfew::postgres
