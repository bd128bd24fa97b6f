#include "protocol/postgres/client_greeting.hpp"

#include <utility>

namespace curfew::postgres {

ClientGreeting::Action ClientGreeting::on_packet(StartupPacket packet, bool more_behind) {
    if (std::holds_alternative<SslRequest>(packet)) return on_ssl_request(more_behind);
    if (std::holds_alternative<GssEncRequest>(packet)) return on_gss_request(more_behind);
    if (auto* error = std::get_if<StartupError>(&packet)) return std::move(*error);
    // A CancelRequest is answered by nothing but its effect: libpq 15 sends it in plaintext even where it was
    // told to use TLS, and PostgreSQL takes it so.
    if (auto* cancel = std::get_if<CancelRequest>(&packet)) return Cancel{std::move(*cancel)};
    if (tls_.required && !encrypted_) {
        return StartupError{"28000",
                            "this server takes only TLS connections: connect with sslmode=require or better"};
    }
    return Start{std::move(std::get<StartupMessage>(packet))};
}

ClientGreeting::Action ClientGreeting::on_ssl_request(bool more_behind) {
    if (encrypted_ || ssl_asked_)
        return StartupError{"08P01", "SSLRequest may be sent once, and not inside TLS"};
    ssl_asked_ = true;
    if (!tls_.offered) return Answer{'N'};
    if (more_behind) return StartupError{"08P01", "received unencrypted data after SSL request"};
    encrypted_ = true;
    return Answer{'S'};
}

ClientGreeting::Action ClientGreeting::on_gss_request(bool more_behind) {
    if (encrypted_ || gss_asked_)
        return StartupError{"08P01", "GSSENCRequest may be sent once, and not inside TLS"};
    gss_asked_ = true;
    if (more_behind)
        return StartupError{"08P01", "received unencrypted data after GSSAPI encryption request"};
    return Answer{'N'};
}

ProtocolChoice choose_protocol(const StartupMessage& startup) {
    const std::uint32_t version = startup.version >= protocol_3_2 ? protocol_3_2 : protocol_3_0;
    return {version, version != startup.version || !startup.protocol_options.empty()};
}

}  // namespace curfew::postgres
