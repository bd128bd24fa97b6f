// What auditors get: the key that it is signed with, heads of the chain of events, and where events are sent.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "config/notifiers.hpp"

namespace curfew::config {

// When and where it is written down how far the chain of events has come.
struct AuditHeads {
    std::optional<std::string> file;  // a line each; absent: in the log alone
    Duration interval = std::chrono::minutes{10};
};

enum class SyslogTransport {
    local,  // the Unix socket of this machine's daemon
    udp,
    tcp,
    tls,
};
std::string_view to_string(SyslogTransport transport);  // `tls`

enum class SyslogFacility : unsigned char {
    user = 1,
    daemon = 3,
    auth = 4,
    authpriv = 10,
    audit = 13,
    local0 = 16,
    local1,
    local2,
    local3,
    local4,
    local5,
    local6,
    local7,
};
inline constexpr std::array all_syslog_facilities{
    SyslogFacility::user,   SyslogFacility::daemon, SyslogFacility::auth,   SyslogFacility::authpriv,
    SyslogFacility::audit,  SyslogFacility::local0, SyslogFacility::local1, SyslogFacility::local2,
    SyslogFacility::local3, SyslogFacility::local4, SyslogFacility::local5, SyslogFacility::local6,
    SyslogFacility::local7};
std::string_view to_string(SyslogFacility facility);  // `authpriv`

struct SyslogReceiver {
    SyslogTransport transport = SyslogTransport::local;
    std::string host;        // a name or an IP address, or the path of a Unix socket
    std::uint16_t port = 0;  // 0: of a Unix socket
    SyslogFacility facility = SyslogFacility::audit;
    std::string app_name = "curfew";
    // PEM, of the authority that the receiver's certificate is verified by; absent: the system's.
    std::optional<std::string> root_certificate_file;

    bool operator==(const SyslogReceiver&) const = default;
};
std::string to_string(const SyslogReceiver& receiver);  // `tls://log.example.com:6514`, `/dev/log`

struct Audit {
    std::optional<std::string> signing_key_file;  // as the file says; see config::signing_key_file()
    AuditHeads heads;
    std::optional<SyslogReceiver> syslog;
    std::optional<WebhookSettings> webhook;
};

}  // namespace curfew::config
