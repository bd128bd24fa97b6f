// What auditors get: audit.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>
#include <utility>

#include "base/text.hpp"
#include "config/address.hpp"
#include "config/files.hpp"
#include "config/sections.hpp"
#include "config/values.hpp"

namespace curfew::config {
namespace {

using namespace std::chrono_literals;

// As RFC 5424 has it.
constexpr std::size_t longest_app_name = 48;
constexpr std::size_t longest_receiver = 300;
constexpr std::string_view what_receivers_are =
    "udp://HOST:PORT, tcp://HOST:PORT, tls://HOST:PORT or the path of a Unix socket (/dev/log)";

struct Scheme {
    std::string_view prefix;
    SyslogTransport transport;
    std::uint16_t port;
};
constexpr std::array schemes{Scheme{"udp://", SyslogTransport::udp, 514},
                             Scheme{"tcp://", SyslogTransport::tcp, 601},
                             Scheme{"tls://", SyslogTransport::tls, 6514}};

// HOST, HOST:PORT or [IPV6]:PORT; false if it is none.
bool read_host_and_port(std::string_view text, SyslogReceiver& receiver) {
    const bool bracketed = text.starts_with('[');
    const auto end = bracketed ? text.find(']') : std::min(text.find(':'), text.size());
    if (end == std::string_view::npos) return false;
    const auto host = bracketed ? text.substr(1, end - 1) : text.substr(0, end);
    const auto rest = text.substr(bracketed ? end + 1 : end);
    constexpr std::string_view name_characters =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
    constexpr std::string_view ipv6_characters = "0123456789abcdefABCDEF:.";
    if (host.empty() ||
        host.find_first_not_of(bracketed ? ipv6_characters : name_characters) != std::string_view::npos)
        return false;
    receiver.host = host;
    if (rest.empty()) return true;
    const auto digits = rest.substr(1);
    const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), receiver.port);
    return rest.front() == ':' && error == std::errc{} && stop == digits.data() + digits.size() &&
           receiver.port > 0;
}

void read_receiver(const Value& value, SyslogReceiver& receiver) {
    const auto text = value.text(longest_receiver, what_receivers_are);
    if (!text) return;
    if (text->starts_with('/')) {
        receiver.host = read_socket_path(value).value_or("");
        return;
    }
    for (const Scheme& scheme : schemes) {
        if (!text->starts_with(scheme.prefix)) continue;
        receiver.transport = scheme.transport;
        receiver.port = scheme.port;
        if (!read_host_and_port(std::string_view{*text}.substr(scheme.prefix.size()), receiver))
            value.expected(what_receivers_are);
        return;
    }
    value.expected(what_receivers_are);
}

void read_app_name(const Value& value, SyslogReceiver& receiver) {
    const auto text = value.text(longest_app_name, "a program's name");
    if (!text) return;
    const auto is_printable = [](unsigned char byte) { return byte > ' ' && byte < 0x7f; };
    if (std::all_of(text->begin(), text->end(), is_printable)) {
        receiver.app_name = *text;
    } else {
        value.problem("expected printable ASCII without blanks");
    }
}

SyslogReceiver read_syslog(const Value& value) {
    const Section section{value, known::audit_syslog};
    SyslogReceiver receiver;
    if (const auto address = section.require("address")) read_receiver(*address, receiver);
    if (const auto facility = section.find("facility"))
        receiver.facility = facility->choice(all_syslog_facilities).value_or(receiver.facility);
    if (const auto app_name = section.find("app_name")) read_app_name(*app_name, receiver);
    receiver.root_certificate_file = read_authorities(section, "root_certificate");
    const auto authorities = section.find("root_certificate");
    if (authorities && receiver.transport != SyslogTransport::tls)
        authorities->problem("is for an 'address' of tls://; nothing is verified by it otherwise");
    return receiver;
}

void read_heads(const Value& value, AuditHeads& heads) {
    const Section section{value, known::audit_heads};
    if (const auto file = section.find("file")) heads.file = read_path(*file);
    if (const auto interval = section.find("interval"))
        heads.interval = interval->duration(1s, 24h).value_or(heads.interval);
}

}  // namespace

void read_audit(const Section& top, Config& config) {
    const auto value = top.find("audit");
    if (!value || value->is_nothing()) return;
    const Section section{*value, known::audit};
    if (const auto key = section.find("signing_key_file")) config.audit.signing_key_file = read_path(*key);
    if (const auto heads = section.find("heads")) read_heads(*heads, config.audit.heads);
    if (const auto syslog = section.find("syslog")) config.audit.syslog = read_syslog(*syslog);
    if (const auto webhook = section.find("webhook"))
        config.audit.webhook = read_webhook(Section{*webhook, known::audit_webhook});
}

}  // namespace curfew::config
