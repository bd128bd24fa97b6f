// Channel binding: what ties an authentication to the TLS connection that it runs in, so that nobody in
// between can pass it on. RFC 5056; type tls-server-end-point of RFC 5929, the one that PostgreSQL knows.
#pragma once

#include <openssl/types.h>

#include <optional>
#include <string>

namespace curfew::postgres {

// The data of one connection's tls-server-end-point binding. Not a secret.
struct ChannelBinding {
    std::string data;
};

// The binding that follows from the certificate that the server presented: its hash, by the hash function of
// its own signature, SHA-256 instead of MD5 and SHA-1 (RFC 5929, section 4.1). nullopt where that is
// undefined: for signatures that name no one hash function, such as Ed25519.
std::optional<ChannelBinding> tls_server_end_point(const X509* certificate);

}  // namespace curfew::postgres
