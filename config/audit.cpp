#include "config/audit.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "config/config.hpp"

namespace curfew::config {

std::string_view to_string(SyslogTransport transport) {
    switch (transport) {
        case SyslogTransport::local:
            return "local";
        case SyslogTransport::udp:
            return "udp";
        case SyslogTransport::tcp:
            return "tcp";
        case SyslogTransport::tls:
            return "tls";
    }
    return "unknown";
}

std::string_view to_string(SyslogFacility facility) {
    switch (facility) {
        case SyslogFacility::user:
            return "user";
        case SyslogFacility::daemon:
            return "daemon";
        case SyslogFacility::auth:
            return "auth";
        case SyslogFacility::authpriv:
            return "authpriv";
        case SyslogFacility::audit:
            return "audit";
        case SyslogFacility::local0:
            return "local0";
        case SyslogFacility::local1:
            return "local1";
        case SyslogFacility::local2:
            return "local2";
        case SyslogFacility::local3:
            return "local3";
        case SyslogFacility::local4:
            return "local4";
        case SyslogFacility::local5:
            return "local5";
        case SyslogFacility::local6:
            return "local6";
        case SyslogFacility::local7:
            return "local7";
    }
    return "unknown";
}

std::string to_string(const SyslogReceiver& receiver) {
    if (receiver.transport == SyslogTransport::local) return receiver.host;
    return fmt::format("{}://{}", to_string(receiver.transport),
                       to_string(Endpoint{receiver.host, receiver.port}));
}

std::optional<std::string> signing_key_file(const Config& config) {
    if (config.audit.signing_key_file) return config.audit.signing_key_file;
    if (config.store.path.empty()) return std::nullopt;
    return (std::filesystem::path{config.store.path}.parent_path() / "signing.key").string();
}

}  // namespace curfew::config
