#include "support/byte_stream.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace curfew::test {
namespace {

[[noreturn]] void fail_stream(const std::string& what) {
    throw std::system_error(errno, std::generic_category(), what);
}

[[noreturn]] void fail_tls(const std::string& what) {
    const unsigned long code = ERR_get_error();
    throw std::runtime_error(what + ": " + (code == 0 ? "closed" : ERR_error_string(code, nullptr)));
}

bool would_block() {
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

template <class Address>
FileDescriptor connected(FileDescriptor socket, const Address& address, const std::string& what) {
    // Beyond the loopback there may be nobody who answers.
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(patience).count();
    const timeval at_most{seconds, 0};
    ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &at_most, sizeof at_most);
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        fail_stream(what);
    ::fcntl(socket.get(), F_SETFL, ::fcntl(socket.get(), F_GETFL) | O_NONBLOCK);
    return socket;
}

}  // namespace

std::string_view to_string(ByteStream::End end) {
    switch (end) {
        case ByteStream::End::none:
            return "none";
        case ByteStream::End::eof:
            return "eof";
        case ByteStream::End::reset:
            return "reset";
    }
    return "?";
}

ByteStream ByteStream::connect_tcp(std::uint16_t port, Options options) {
    FileDescriptor socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (!socket) fail_stream("socket");
    if (options.receive_buffer > 0) {
        ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUF, &options.receive_buffer,
                     sizeof options.receive_buffer);
    }
    const int on = 1;
    ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    if (::inet_pton(AF_INET, options.address, &address.sin_addr) != 1)
        throw std::runtime_error(std::string{"no IPv4 address: "} + options.address);
    return ByteStream{connected(std::move(socket), address,
                                std::string{"connect to "} + options.address + ":" + std::to_string(port))};
}

ByteStream ByteStream::connect_unix(const std::filesystem::path& path) {
    FileDescriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (!socket) fail_stream("socket");
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.string().size() >= sizeof address.sun_path)
        throw std::runtime_error("socket path too long: " + path.string());
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    return ByteStream{connected(std::move(socket), address, "connect to " + path.string())};
}

void ByteStream::wait(short events, Instant deadline, const char* what) {
    pollfd watched{socket_.get(), events, 0};
    while (true) {
        const int ready = ::poll(&watched, 1, poll_timeout(deadline));
        if (ready > 0) return;
        if (ready == 0) throw TimedOut(std::string{"the other side did not "} + what + " in time");
        if (errno != EINTR) fail_stream("poll");
    }
}

bool ByteStream::tls_wants_more(int result, Instant deadline) {
    switch (SSL_get_error(ssl_.get(), result)) {
        case SSL_ERROR_WANT_READ:
            wait(POLLIN, deadline, "send");
            return true;
        case SSL_ERROR_WANT_WRITE:
            wait(POLLOUT, deadline, "take what was sent");
            return true;
        default:
            return false;
    }
}

void ByteStream::start_tls(const TlsClientOptions& options) {
    ERR_clear_error();
    context_.reset(SSL_CTX_new(TLS_client_method()));
    if (!context_) fail_tls("SSL_CTX_new");
    if (!options.ca.empty()) {
        SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
        if (SSL_CTX_load_verify_locations(context_.get(), options.ca.c_str(), nullptr) != 1)
            fail_tls("CA file");
    }
    if (!options.certificate.empty() &&
        (SSL_CTX_use_certificate_chain_file(context_.get(), options.certificate.c_str()) != 1 ||
         SSL_CTX_use_PrivateKey_file(context_.get(), options.key.c_str(), SSL_FILETYPE_PEM) != 1))
        fail_tls("client certificate");
    ssl_.reset(SSL_new(context_.get()));
    if (!options.alpn.empty()) {
        const std::string wire = static_cast<char>(options.alpn.size()) + options.alpn;
        SSL_set_alpn_protos(ssl_.get(), reinterpret_cast<const unsigned char*>(wire.data()),
                            static_cast<unsigned>(wire.size()));
    }
    SSL_set_tlsext_host_name(ssl_.get(), "localhost");
    SSL_set_fd(ssl_.get(), socket_.get());
    const Instant deadline = now() + patience;
    int result = 0;
    while ((result = SSL_connect(ssl_.get())) != 1) {
        if (!tls_wants_more(result, deadline)) fail_tls("TLS handshake");
    }
}

std::string ByteStream::alpn_selected() const {
    const unsigned char* data = nullptr;
    unsigned size = 0;
    if (ssl_) SSL_get0_alpn_selected(ssl_.get(), &data, &size);
    return {reinterpret_cast<const char*>(data), size};
}

void ByteStream::write(std::string_view bytes, std::chrono::milliseconds timeout) {
    const Instant deadline = now() + timeout;
    while (!bytes.empty()) {
        if (ssl_) {
            ERR_clear_error();
            const int n = SSL_write(ssl_.get(), bytes.data(),
                                    static_cast<int>(std::min(bytes.size(), std::size_t{1} << 20U)));
            if (n > 0) {
                bytes.remove_prefix(static_cast<std::size_t>(n));
            } else if (!tls_wants_more(n, deadline)) {
                throw std::system_error(EPIPE, std::generic_category(), "write over TLS");
            }
            continue;
        }
        const auto n = write_some(bytes);
        if (!n) fail_stream("write");
        bytes.remove_prefix(*n);
        if (*n == 0) wait(POLLOUT, deadline, "take what was sent");
    }
}

std::optional<std::size_t> ByteStream::write_some(std::string_view bytes) {
    const ssize_t n = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n >= 0) return static_cast<std::size_t>(n);
    if (would_block()) return 0;
    return std::nullopt;
}

std::string ByteStream::read_some(End& end, std::chrono::milliseconds timeout) {
    const Instant deadline = now() + timeout;
    std::string buffer(65536, '\0');
    end = End::none;
    while (true) {
        if (ssl_) {
            ERR_clear_error();
            errno = 0;
            const int n = SSL_read(ssl_.get(), buffer.data(), static_cast<int>(buffer.size()));
            if (n > 0) {
                buffer.resize(static_cast<std::size_t>(n));
                return buffer;
            }
            const int system_error = errno;
            if (tls_wants_more(n, deadline)) continue;
            end = system_error == ECONNRESET ? End::reset : End::eof;
            return {};
        }
        const ssize_t n = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
        if (n > 0) {
            buffer.resize(static_cast<std::size_t>(n));
            return buffer;
        }
        if (n < 0 && would_block()) {
            wait(POLLIN, deadline, "send");
            continue;
        }
        end = n == 0 ? End::eof : End::reset;
        return {};
    }
}

bool ByteStream::wait_readable(std::chrono::milliseconds timeout) {
    if (ssl_ && SSL_pending(ssl_.get()) > 0) return true;
    pollfd watched{socket_.get(), POLLIN, 0};
    return ::poll(&watched, 1, static_cast<int>(timeout.count())) > 0;
}

bool ByteStream::wait_writable(std::chrono::milliseconds timeout) {
    pollfd watched{socket_.get(), POLLOUT, 0};
    return ::poll(&watched, 1, static_cast<int>(timeout.count())) > 0;
}

void ByteStream::shutdown_write() {
    ::shutdown(socket_.get(), SHUT_WR);
}

void ByteStream::abort() {
    const linger at_once{1, 0};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close();
}

void ByteStream::close() {
    ssl_.reset();
    socket_.reset();
}

}  // namespace curfew::test
