// The first exchange with a client: which requests may come before its StartupMessage, in which order, and
// what each is answered.
#pragma once

#include <variant>

#include "protocol/postgres/startup.hpp"

namespace curfew::postgres {

// Decides; holds no socket. Feed it each packet as it arrives, do what it says.
//
// SSLRequest and GSSENCRequest may come in either order, each once, each possibly followed by a
// CancelRequest. Nothing may arrive behind a request before it is answered: bytes sent in plaintext must
// never be taken for bytes protected by TLS (CVE-2021-23214).
class ClientGreeting {
public:
    struct Tls {
        bool offered = false;   // a certificate is there
        bool required = false;  // plaintext is refused
    };

    // `encrypted`: the client began with TLS at once (direct TLS, ALPN `postgresql`).
    ClientGreeting(Tls tls, bool encrypted) : tls_{tls}, encrypted_{encrypted} {}

    struct Answer {  // send this byte, then read the next packet; with 'S' the TLS handshake comes first
        char byte;
    };
    struct Start {
        StartupMessage startup;
    };
    struct Cancel {
        CancelRequest request;
    };
    using Action = std::variant<Answer, Start, Cancel, StartupError>;

    // `more_behind`: bytes had already arrived behind this packet.
    Action on_packet(StartupPacket packet, bool more_behind);

    bool encrypted() const noexcept { return encrypted_; }

private:
    Action on_ssl_request(bool more_behind);
    Action on_gss_request(bool more_behind);

    Tls tls_;
    bool encrypted_;
    bool ssl_asked_ = false;
    bool gss_asked_ = false;
};

// What a client that asked for `startup.version` is told before authentication: nullopt if nothing need be,
// else NegotiateProtocolVersion. Clients that asked for plain 3.0 must not be told (libpq 15 dies of it). 3.1
// is reserved and treated as 3.0; above 3.2 is answered with 3.2.
struct ProtocolChoice {
    std::uint32_t version;  // protocol_3_0 or protocol_3_2
    bool must_negotiate;
};
ProtocolChoice choose_protocol(const StartupMessage& startup);

}  // namespace curfew::postgres
