// OpenSSL contexts made from the configuration.
#pragma once

#include <openssl/types.h>

#include <memory>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "config/config.hpp"
#include "protocol/postgres/channel_binding.hpp"

namespace curfew::proxy {

struct FreeTlsContext {
    void operator()(SSL_CTX* context) const noexcept;
};
using TlsContext = std::unique_ptr<SSL_CTX, FreeTlsContext>;

// For a listener: TLS 1.2 or newer, its certificate and key, ALPN `postgresql` selected where it is offered,
// and with a client CA certificates asked for (not demanded) and verified. Idle connections hold no buffers.
// invalid: a file cannot be used; names it.
Result<TlsContext> make_server_context(const config::ServerTls& tls);

// For connections to a resource's PostgreSQL: verifies as its sslmode says (require with a root certificate
// verifies like verify-ca, as in libpq), shows a client certificate if there is one.
Result<TlsContext> make_client_context(const config::UpstreamTls& tls);

// The ALPN protocol that was agreed on; empty if none.
std::string selected_alpn(const SSL* tls);
// tls-server-end-point of the certificate that *we* presented (as the server), or that the peer did (as the
// client); nullopt where that is undefined.
std::optional<postgres::ChannelBinding> own_channel_binding(const SSL* tls);
std::optional<postgres::ChannelBinding> peer_channel_binding(const SSL* tls);
// The Common Name of the peer's certificate, if one was presented and verified. Refuses (nullopt) a name with
// an embedded NUL and a subject with more than one Common Name.
std::optional<std::string> verified_peer_name(const SSL* tls);

}  // namespace curfew::proxy
