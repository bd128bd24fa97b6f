#include "audit/syslog_message.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"

namespace curfew::audit {
namespace {

constexpr unsigned severity_notice = 5;
constexpr std::size_t longest_hostname = 255;
constexpr std::size_t longest_message_id = 32;
constexpr std::size_t longest_parameter = 500;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
// 32473 is the number that stands for an organisation in examples (RFC 5612).
constexpr std::string_view structured_data_id = "curfew@32473";

// A field of the header: printable ASCII, `-` where there is nothing.
std::string header_field(std::string_view text, std::size_t most) {
    std::string field;
    for (const unsigned char byte : text) {
        if (field.size() == most) break;
        field += byte > ' ' && byte < 0x7f ? static_cast<char>(byte) : '_';
    }
    return field.empty() ? "-" : field;
}

std::string parameter(std::string_view name, std::string_view value) {
    std::string text = fmt::format(" {}=\"", name);
    for (const char c : printable(value, longest_parameter)) {
        if (c == '"' || c == '\\' || c == ']') text += '\\';
        text += c;
    }
    return text + '"';
}

std::string structured_data(const store::ListedEvent& listed) {
    const store::Event& event = listed.event;
    std::string data = fmt::format("[{}", structured_data_id);
    data += parameter("number", std::to_string(event.number));
    data += parameter("kind", event.kind);
    data += parameter("id", event.id);
    if (!event.actor.empty()) data += parameter("actor", event.actor);
    data += parameter("hash", to_hex(listed.hash));
    return data + ']';
}

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](unsigned char byte) { return byte < 0x80; });
}

// As much as fits, no character cut in two.
std::string_view beginning_of_text(std::string_view text, std::size_t most) {
    if (text.size() <= most) return text;
    std::size_t end = most;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
        --end;
    return text.substr(0, end);
}

}  // namespace

std::string syslog_message(const config::SyslogReceiver& receiver, std::string_view node,
                           const store::ListedEvent& listed, std::size_t most_bytes) {
    const unsigned priority = static_cast<unsigned>(receiver.facility) * 8 + severity_notice;
    std::string message =
        fmt::format("<{}>1 {} {} {} - {} {}", priority, format_utc(listed.event.at),
                    header_field(node, longest_hostname), header_field(receiver.app_name, longest_hostname),
                    header_field(listed.event.kind, longest_message_id), structured_data(listed));
    // JSON has no bytes below a blank but in escapes; what somebody else wrote may.
    const std::string summary = printable(listed.event.summary, listed.event.summary.size());
    const std::string_view mark = is_ascii(summary) ? std::string_view{} : byte_order_mark;
    const std::size_t around = message.size() + 1 + mark.size();
    if (summary.empty() || around >= most_bytes) return message;
    message += ' ';
    message += mark;
    message += beginning_of_text(summary, most_bytes - around);
    return message;
}

std::string syslog_frame(std::string_view message) {
    return fmt::format("{} {}", message.size(), message);
}

}  // namespace curfew::audit
