// A connected byte stream, in plaintext or TLS, that never blocks its thread: to a client or to PostgreSQL.
#pragma once

#include <openssl/types.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>

#include "base/result.hpp"

namespace curfew::proxy {

// Belongs to one thread, the one that runs its socket's executor. At most one coroutine reads and one writes
// at a time. Nothing here throws for what the other side does.
class Stream {
public:
    template <class T>
    using Awaitable = boost::asio::awaitable<T>;
    using Socket = boost::asio::generic::stream_protocol::socket;
    using Endpoint = boost::asio::generic::stream_protocol::endpoint;

    // How an attempt to read or write went.
    enum class Status {
        ok,           // bytes > 0
        want_read,    // nothing now; wait until the socket can be read (TLS may want that to write, too)
        want_write,   // nothing now; wait until the socket can be written
        eof,          // the other side will send no more
        failed,       // reset, or a violation of TLS: of no more use
        interrupted,  // by interrupt()
    };
    struct Outcome {
        Status status = Status::failed;
        std::size_t bytes = 0;
    };

    // Takes a connected socket. Sets it non-blocking, and TCP_NODELAY on TCP.
    explicit Stream(Socket socket);
    ~Stream();
    Stream(Stream&&) noexcept;
    Stream& operator=(Stream&&) noexcept;

    // One attempt that does not wait. With TLS, more may be held by OpenSSL after ok: ask again until it is
    // want_read before waiting for the socket. That answer costs no system call where the attempt before took
    // all there was.
    Outcome try_read(std::span<char> buffer) noexcept;
    // May take but a part. After want_* the next attempt must begin with the same bytes and have no fewer of
    // them (OpenSSL's rule), wherever they are.
    Outcome try_write(std::string_view bytes) noexcept;

    // Returns ok once the socket can be read (or written), or interrupted, or failed. `status` is what an
    // attempt gave; what is not want_* is returned as it is. Beside each other at most one coroutine waits to
    // read and one to write.
    Awaitable<Status> wait(Status status);

    // Returns ok once a byte can be read, or the end: for certain, where with TLS a socket that can be read
    // may hold nothing yet. Takes nothing. Counts as reading.
    Awaitable<Status> wait_for_input();
    // Returns ok once the other side will send no more, or is gone, though what it sent before is still to be
    // read; interrupted, also by call_back_hang_up(); or failed, where the system has no room for the watch.
    // Beside all that reads and writes; one at a time.
    Awaitable<Status> wait_for_hang_up();
    void call_back_hang_up() noexcept;
    // Whatever waits comes back at once with `interrupted`; what will wait does so.
    void call_back() noexcept;

    // At least one byte; waits as long as it takes. An interruption never takes bytes along: they are either
    // returned or still to be read. In plaintext this is cheaper than wait() and try_read().
    Awaitable<Outcome> read_some(std::span<char> buffer);
    // The same for plaintext without a coroutine of its own: every idle session waits here, twice. Await it,
    // and give what it returned to read_outcome(). Not after interrupt().
    Awaitable<std::tuple<boost::system::error_code, std::size_t>> read_plaintext(std::span<char> buffer);
    Outcome read_outcome(const std::tuple<boost::system::error_code, std::size_t>& read,
                         std::span<char> buffer) noexcept;
    // All of `buffer`; anything but ok: its content means nothing.
    Awaitable<Status> read_exactly(std::span<char> buffer);
    Awaitable<Status> write_all(std::string_view bytes);

    // TLS from here on, as the server or as the client. What was read in plaintext before is the caller's to
    // worry about: nothing is buffered here. `context` outlives the stream. unavailable: the handshake failed
    // (OpenSSL's reason, for the log); conflict: interrupted. After either, no plaintext can pass any more.
    Awaitable<Result<void>> accept_tls(SSL_CTX* context);
    // `host`: sent as SNI if it is a name; verified against the certificate if `verify_name`.
    Awaitable<Result<void>> connect_tls(SSL_CTX* context, std::string host, bool verify_name);
    // Since TLS was begun, until close().
    bool encrypted() const noexcept { return ssl_ != nullptr; }
    // nullptr in plaintext.
    const SSL* tls() const noexcept { return ssl_.get(); }

    // The first byte that waits to be read, without taking it; nullopt if nothing is there. Plaintext only.
    std::optional<char> peek() noexcept;

    // Whatever waits, and whatever will, comes back at once with `interrupted`, until resume().
    void interrupt() noexcept;
    void resume() noexcept { interrupted_ = false; }
    bool interrupted() const noexcept { return interrupted_; }

    // Says that no more will be written (TLS: close_notify too, without waiting); reading goes on.
    void shutdown_write() noexcept;
    // Closes at once; unread data makes the kernel send RST.
    void close() noexcept;
    // Whether something that was written has not come to the other side's machine yet, as far as is known.
    // False for a Unix socket.
    bool has_undelivered() noexcept;
    // Closes with RST: what has not been delivered never is.
    void reset() noexcept;
    // close(), and sees to it that what has not been delivered is not delivered much later, when a cut
    // network heals or a client reads again: not at all where the other side's machine has stopped
    // taking it, else for about `at_most` more.
    void close_for_good(std::chrono::milliseconds at_most) noexcept;
    // The connection failed because nothing came back from the other side, which may live on.
    bool lost() const noexcept { return lost_; }
    bool is_open() const noexcept { return socket_.is_open(); }
    Socket::executor_type executor() noexcept { return socket_.get_executor(); }

    // Our own port on TCP; nullopt on a Unix socket.
    std::optional<std::uint16_t> local_port() const;
    // What the socket is connected to; nullopt once the other side has reset the connection.
    std::optional<Endpoint> peer() const;
    // peer() by address_text(), or `unknown`.
    std::string peer_address() const;

private:
    struct FreeSsl {
        void operator()(SSL* ssl) const noexcept;
    };
    using Watch = boost::asio::posix::stream_descriptor;
    bool watch_hang_up(Watch& watch) noexcept;
    void note_failure(int error) noexcept;
    int queued_bytes(unsigned long which) noexcept;
    Status status_of(const boost::system::error_code& error) noexcept;
    Status status_of_tls(int result) noexcept;
    Result<void> begin_tls(SSL_CTX* context);
    Awaitable<Result<void>> handshake();
    Outcome try_read_tls(std::span<char> buffer) noexcept;
    Outcome try_write_tls(std::string_view bytes) noexcept;
    Status try_peek_tls() noexcept;
    void say_goodbye() noexcept;

    Socket socket_;
    std::unique_ptr<SSL, FreeSsl> ssl_;
    std::unique_ptr<Watch> hang_up_;  // while somebody waits for it
    bool interrupted_ = false;
    bool drained_ = false;   // the last attempt to read took all there was; the next need not look
    bool may_hold_ = false;  // OpenSSL may hold a record that the socket will not tell of
    bool lost_ = false;
    bool tls_failed_ = false;  // OpenSSL may not be asked to say goodbye
};

// `192.0.2.7:51234`, `[2001:db8::1]:51234` or `unix`.
std::string address_text(const Stream::Endpoint& endpoint);

}  // namespace curfew::proxy
