// A connection as bytes, in plaintext or TLS, where every wait has an end.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "support/file_descriptor.hpp"
#include "support/timing.hpp"

namespace curfew::test {

// The other side took longer than a test is willing to wait.
class TimedOut : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

struct TlsClientOptions {
    std::filesystem::path ca;  // empty: the server's certificate is not verified
    std::filesystem::path certificate;
    std::filesystem::path key;
    std::string alpn;  // the one protocol that is offered; empty: no ALPN
};

class ByteStream {
public:
    struct Options {
        int receive_buffer = 0;             // SO_RCVBUF; 0: the system's own
        const char* address = "127.0.0.1";  // IPv4
    };

    // How the other side ended it.
    enum class End {
        none,   // it did not
        eof,    // in order: everything it sent had arrived before
        reset,  // by RST: what it sent may have been lost
    };

    // Throws std::system_error if refused, or if nobody answers.
    static ByteStream connect_tcp(std::uint16_t port) { return connect_tcp(port, Options{}); }
    static ByteStream connect_tcp(std::uint16_t port, Options options);
    static ByteStream connect_unix(const std::filesystem::path& path);

    // From here on in TLS. Throws std::runtime_error if the handshake fails.
    void start_tls(const TlsClientOptions& options = {});
    bool encrypted() const noexcept { return ssl_ != nullptr; }
    std::string alpn_selected() const;

    // Throws TimedOut, or std::system_error once the other side has gone.
    void write(std::string_view bytes, std::chrono::milliseconds timeout = patience);
    // Sends what is taken at once; 0 if nothing is, nullopt once the other side has gone. Not for TLS.
    std::optional<std::size_t> write_some(std::string_view bytes);
    // At least one byte, or how it ended (then the text is empty). Throws TimedOut.
    std::string read_some(End& end, std::chrono::milliseconds timeout = patience);
    // True if there is something to read, be it the end.
    bool wait_readable(std::chrono::milliseconds timeout);
    // True once something can be written, or the other side has gone.
    bool wait_writable(std::chrono::milliseconds timeout);

    void shutdown_write();
    // Closes with RST.
    void abort();
    void close();
    int descriptor() const noexcept { return socket_.get(); }

private:
    explicit ByteStream(FileDescriptor socket) : socket_{std::move(socket)} {}
    void wait(short events, Instant deadline, const char* what);
    // Waits for what OpenSSL wants next; false where it failed for good.
    bool tls_wants_more(int result, Instant deadline);

    FileDescriptor socket_;
    std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context_{nullptr, SSL_CTX_free};
    std::unique_ptr<SSL, void (*)(SSL*)> ssl_{nullptr, SSL_free};
};

std::string_view to_string(ByteStream::End end);

}  // namespace curfew::test
