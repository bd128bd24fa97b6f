#include "stream_pair.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <boost/asio/ip/tcp.hpp>
#include <cerrno>
#include <system_error>

namespace curfew::test {

namespace asio = boost::asio;
using proxy::Stream;

namespace {

constexpr int small_buffer = 4096;

struct Descriptors {
    FileDescriptor first;
    FileDescriptor second;
};

Descriptors socket_pair() {
    int descriptors[2] = {-1, -1};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, descriptors) != 0)
        throw std::system_error(errno, std::generic_category(), "socketpair");
    for (const int descriptor : descriptors)
        ::setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &small_buffer, sizeof small_buffer);
    return {FileDescriptor{descriptors[0]}, FileDescriptor{descriptors[1]}};
}

Stream unix_stream(Loop& loop, const FileDescriptor& descriptor) {
    return Stream{Stream::Socket{loop.executor(), asio::generic::stream_protocol{AF_UNIX, 0},
                                 ::fcntl(descriptor.get(), F_DUPFD_CLOEXEC, 0)}};
}

template <class T>
T checked(Result<T> result) {
    return std::move(result.value());
}

}  // namespace

StreamPair unix_pair(Loop& loop) {
    const Descriptors both = socket_pair();
    return {unix_stream(loop, both.first), unix_stream(loop, both.second)};
}

HalfPair half_pair(Loop& loop) {
    Descriptors both = socket_pair();
    return {unix_stream(loop, both.first), std::move(both.second)};
}

StreamPair tcp_pair(Loop& loop) {
    const asio::ip::tcp::endpoint loopback{asio::ip::address_v4::loopback(), 0};
    asio::ip::tcp::acceptor acceptor{loop.executor(), loopback};
    asio::ip::tcp::socket client{loop.executor()};
    client.connect(acceptor.local_endpoint());
    asio::ip::tcp::socket server = acceptor.accept();
    return {Stream{Stream::Socket{std::move(server)}}, Stream{Stream::Socket{std::move(client)}}};
}

TestCa& ca() {
    static TestCa authority;
    return authority;
}

const CertificateFiles& server_certificate() {
    static const CertificateFiles files = ca().issue_server();
    return files;
}

config::ServerTls server_tls(const CertificateFiles& certificate) {
    config::ServerTls tls;
    tls.mode = config::ClientTls::require;
    tls.certificate_file = certificate.certificate;
    tls.key_file = certificate.key;
    return tls;
}

config::UpstreamTls client_tls(config::SslMode mode) {
    config::UpstreamTls tls;
    tls.mode = mode;
    if (mode != config::SslMode::prefer) tls.root_certificate_file = ca().certificate();
    return tls;
}

proxy::TlsContext server_context(const config::ServerTls& tls) {
    return checked(proxy::make_server_context(tls));
}

proxy::TlsContext client_context(const config::UpstreamTls& tls) {
    return checked(proxy::make_client_context(tls));
}

Handshake shake_hands(Loop& loop, StreamPair& pair, SSL_CTX* server, SSL_CTX* client,
                      const ExpectedName& name) {
    auto accepting = loop.start(pair.server.accept_tls(server));
    auto connecting = loop.start(pair.client.connect_tls(client, name.host, name.verify));
    Result<void> connected = loop.finish(connecting);
    // In TLS 1.3 the client is done first, and refuses a certificate before the server is.
    if (!connected) pair.client.shutdown_write();
    return {loop.finish(accepting), connected};
}

StreamPair tls_pair(Loop& loop, SSL_CTX* server, SSL_CTX* client) {
    StreamPair pair = tcp_pair(loop);
    const Handshake handshake = shake_hands(loop, pair, server, client);
    handshake.server.value();
    handshake.client.value();
    return pair;
}

std::string pattern(std::size_t size, std::size_t offset) {
    std::string text(size, '\0');
    for (std::size_t i = 0; i < size; ++i)
        text[i] = static_cast<char>((offset + i) * 2654435761U >> 13U);
    return text;
}

}  // namespace curfew::test
