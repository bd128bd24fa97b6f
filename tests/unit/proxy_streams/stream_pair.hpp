// Two Streams connected with each other, and certificates for those that speak TLS.
#pragma once

#include <openssl/ssl.h>

#include <future>
#include <string>

#include "base/result.hpp"
#include "config/config.hpp"
#include "loop.hpp"
#include "proxy/stream.hpp"
#include "proxy/tls_context.hpp"
#include "support/file_descriptor.hpp"
#include "support/test_ca.hpp"

namespace curfew::test {

struct StreamPair {
    proxy::Stream server;
    proxy::Stream client;
};
// Unix sockets that hold little: a few kilobytes fill them.
StreamPair unix_pair(Loop& loop);
StreamPair tcp_pair(Loop& loop);

// Connected sockets of their own; the second is blocking and not a Stream.
struct HalfPair {
    proxy::Stream stream;
    FileDescriptor other;
};
HalfPair half_pair(Loop& loop);

// One for the program.
TestCa& ca();
// For `localhost` and 127.0.0.1, signed by ca().
const CertificateFiles& server_certificate();
config::ServerTls server_tls(const CertificateFiles& certificate = server_certificate());
// Verifies against ca() but for mode prefer.
config::UpstreamTls client_tls(config::SslMode mode = config::SslMode::prefer);

proxy::TlsContext server_context(const config::ServerTls& tls = server_tls());
proxy::TlsContext client_context(const config::UpstreamTls& tls = client_tls());

// What a handshake was for each side.
struct Handshake {
    Result<void> server;
    Result<void> client;

    bool ok() const { return server.has_value() && client.has_value(); }
    std::string server_error() const { return server ? "" : server.error().message; }
    std::string client_error() const { return client ? "" : client.error().message; }
};
struct ExpectedName {
    std::string host = "localhost";
    bool verify = false;
};
Handshake shake_hands(Loop& loop, StreamPair& pair, SSL_CTX* server, SSL_CTX* client,
                      const ExpectedName& name = {});
// A TCP pair after a handshake. Throws if that fails.
StreamPair tls_pair(Loop& loop, SSL_CTX* server, SSL_CTX* client);

// `size` bytes in which each tells where it belongs.
std::string pattern(std::size_t size, std::size_t offset = 0);

}  // namespace curfew::test
