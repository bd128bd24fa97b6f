#include "proxy/upstream_connection.hpp"

#include <sys/socket.h>

#include <netinet/tcp.h>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <system_error>
#include <utility>

#include "base/text.hpp"
#include "proxy/address_lookup.hpp"
#include "proxy/time_limit.hpp"

namespace curfew::proxy {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using SteadyClock = asio::steady_timer::clock_type;

namespace {

using config::SslMode;
using Socket = Stream::Socket;
constexpr auto with_error = asio::as_tuple(asio::use_awaitable);

// How often a Unix socket is tried whose queue of connections is full: nothing tells when it no longer is.
constexpr auto full_queue_pause = 5ms;

// What the steps of one opening share.
struct Opening {
    Opening(asio::any_io_executor executor_, config::Resource resource_, SSL_CTX* context_,
            TlsAttempt attempt_)
        : executor{std::move(executor_)},
          resource{std::move(resource_)},
          context{context_},
          attempt{attempt_} {}

    asio::any_io_executor executor;
    config::Resource resource;
    SSL_CTX* context;
    TlsAttempt attempt;
};

Error unavailable(std::string message) {
    return {ErrorCode::unavailable, std::move(message)};
}

Error cancelled() {
    return {ErrorCode::conflict, "the connection was called off"};
}

Error timed_out(std::string_view what) {
    return unavailable(std::string{what} + " took too long");
}

// Why waiting ended before what was waited for came.
Error cut_short(const TimeLimit& limit, std::string_view what) {
    return limit.expired() ? timed_out(what) : cancelled();
}

// A host that vanished without a word shows within two minutes, also where nothing is being sent.
void keep_alive(Socket& socket) {
    const auto set = [&](int level, int name, int value) {
        ::setsockopt(socket.native_handle(), level, name, &value, sizeof value);
    };
    set(SOL_SOCKET, SO_KEEPALIVE, 1);
    set(IPPROTO_TCP, TCP_KEEPIDLE, 60);
    set(IPPROTO_TCP, TCP_KEEPINTVL, 15);
    set(IPPROTO_TCP, TCP_KEEPCNT, 3);
}

// Not by Asio: it takes EAGAIN, by which a Unix socket says that its queue is full, for a connection under
// way, and the socket for connected then.
asio::awaitable<Result<Socket>> connect_unix(asio::any_io_executor executor, Stream::Endpoint endpoint,
                                             SteadyInstant deadline) {
    Socket socket{executor, endpoint.protocol()};
    socket.native_non_blocking(true);
    asio::steady_timer pause{executor};
    while (::connect(socket.native_handle(), endpoint.data(), static_cast<socklen_t>(endpoint.size())) != 0) {
        if (errno != EAGAIN && errno != EINTR) co_return unavailable(std::generic_category().message(errno));
        if (SteadyClock::now() >= deadline)
            co_return timed_out("connecting (its queue of connections is full)");
        pause.expires_after(full_queue_pause);
        const auto [error] = co_await pause.async_wait(with_error);
        if (error) co_return cancelled();
    }
    co_return std::move(socket);
}

asio::awaitable<Result<Socket>> connect_tcp(asio::any_io_executor executor, Stream::Endpoint endpoint,
                                            SteadyInstant deadline) {
    Socket socket{executor, endpoint.protocol()};
    const TimeLimit limit{executor, deadline, [&] { socket.cancel(); }};
    const auto [error] = co_await socket.async_connect(endpoint, with_error);
    if (error == asio::error::operation_aborted) co_return cut_short(limit, "connecting");
    if (error) co_return unavailable(error.message());
    keep_alive(socket);
    co_return std::move(socket);
}

bool verifies_name(const config::UpstreamTls& tls) {
    return tls.mode == SslMode::verify_full;
}

bool begins_with_tls(const Opening& opening) {
    if (opening.resource.upstream.is_unix()) return false;
    switch (opening.resource.tls.mode) {
        case SslMode::disable:
            return false;
        case SslMode::allow:
            return opening.attempt == TlsAttempt::insist;
        default:
            return true;
    }
}

// Where PostgreSQL offers no TLS.
bool goes_on_without_tls(const Opening& opening) {
    const SslMode mode = opening.resource.tls.mode;
    return mode == SslMode::allow || mode == SslMode::prefer;
}

// Where it does, but they cannot come to terms.
bool begins_again_without_tls(const Opening& opening) {
    return opening.resource.tls.mode == SslMode::prefer;
}

// PostgreSQL's one byte in answer to an SSLRequest.
asio::awaitable<Result<char>> ask_for_tls(Stream& stream, const TimeLimit& limit) {
    const std::string request = postgres::build_ssl_request();
    std::array<char, 1> answer{};
    Stream::Status status = co_await stream.write_all(request);
    if (status == Stream::Status::ok) status = co_await stream.read_exactly(answer);
    if (status == Stream::Status::interrupted) co_return cut_short(limit, "the answer to an SSLRequest");
    if (status != Stream::Status::ok)
        co_return unavailable("the connection was closed in answer to an SSLRequest");
    co_return answer[0];
}

// What became of a connection's TLS.
enum class Secured {
    tls,
    plaintext,         // refused, and it will do
    plaintext_afresh,  // the handshake failed, and plaintext will do, on a new connection
};

asio::awaitable<Result<Secured>> secure(const Opening& opening, Stream& stream, SteadyInstant deadline) {
    if (opening.context == nullptr) co_return unavailable("there is no TLS context to connect with");
    const TimeLimit limit{opening.executor, deadline, [&] { stream.interrupt(); }};
    const Result<char> answer = co_await ask_for_tls(stream, limit);
    if (!answer) co_return answer.error();
    const std::string mode{config::to_string(opening.resource.tls.mode)};
    if (*answer == 'N') {
        if (goes_on_without_tls(opening)) co_return Secured::plaintext;
        co_return unavailable("PostgreSQL does not offer TLS, and sslmode is " + mode +
                              "; set ssl = on there, or another sslmode here");
    }
    if (*answer == 'E')
        co_return unavailable("PostgreSQL answered an SSLRequest with an error; its log says why");
    if (*answer != 'S') co_return unavailable("this is no PostgreSQL: it does not know SSLRequest");

    std::string host = opening.resource.upstream.host;
    const Result<void> shaken =
        co_await stream.connect_tls(opening.context, std::move(host), verifies_name(opening.resource.tls));
    if (shaken) co_return Secured::tls;
    if (shaken.error().code == ErrorCode::conflict) co_return cut_short(limit, "the TLS handshake");
    if (begins_again_without_tls(opening)) co_return Secured::plaintext_afresh;
    co_return shaken.error();
}

asio::awaitable<Result<Stream>> connect(const Opening& opening, const Stream::Endpoint& endpoint,
                                        SteadyInstant deadline) {
    Result<Socket> socket = cancelled();
    if (opening.resource.upstream.is_unix()) {
        socket = co_await connect_unix(opening.executor, endpoint, deadline);
    } else {
        socket = co_await connect_tcp(opening.executor, endpoint, deadline);
    }
    if (!socket) co_return socket.error();
    co_return Stream{std::move(*socket)};
}

asio::awaitable<Result<Stream>> open_at(const Opening& opening, const Stream::Endpoint& endpoint,
                                        SteadyInstant deadline) {
    Result<Stream> stream = co_await connect(opening, endpoint, deadline);
    if (!stream || !begins_with_tls(opening)) co_return stream;
    const Result<Secured> secured = co_await secure(opening, *stream, deadline);
    if (!secured) co_return secured.error();
    if (*secured != Secured::plaintext_afresh) {
        stream->resume();  // should its time have run out in the same moment
        co_return stream;
    }
    stream->close();
    co_return co_await connect(opening, endpoint, deadline);
}

// Each address gets its share of the time that is left: one that never answers leaves some for the others.
asio::awaitable<Result<Stream>> open_one_of(const Opening& opening, std::vector<Stream::Endpoint> endpoints,
                                            SteadyInstant deadline) {
    std::string reasons;
    for (std::size_t i = 0; i < endpoints.size(); ++i) {
        const auto now = SteadyClock::now();
        if (i > 0 && now >= deadline) break;
        const auto share = (deadline - now) / static_cast<long>(endpoints.size() - i);
        Result<Stream> stream = co_await open_at(opening, endpoints[i], now + share);
        if (stream || stream.error().code == ErrorCode::conflict) co_return stream;
        reasons += (i == 0 ? "" : "; ") + address_text(endpoints[i]) + ": " + stream.error().message;
    }
    co_return unavailable(std::move(reasons));
}

using Addresses = std::vector<Stream::Endpoint>;

asio::awaitable<Result<Stream>> open(const Opening& opening, Addresses addresses, SteadyInstant deadline) {
    if (addresses.empty()) {
        auto found = co_await look_up(opening.executor, opening.resource.upstream, deadline);
        if (!found) co_return found.error();
        addresses = std::move(*found);
    }
    co_return co_await open_one_of(opening, std::move(addresses), deadline);
}

// open(), with what it throws (a cancelled coroutine, no more descriptors) as an Error that names the
// upstream.
asio::awaitable<Result<Stream>> try_open(const Opening& opening, Addresses addresses,
                                         SteadyInstant deadline) {
    Error error;
    try {
        Result<Stream> stream = co_await open(opening, std::move(addresses), deadline);
        if (stream) co_return stream;
        error = stream.error();
    } catch (const boost::system::system_error& thrown) {
        error = thrown.code() == asio::error::operation_aborted ? cancelled()
                                                                : unavailable(thrown.code().message());
    }
    co_return Error{error.code,
                    printable(config::to_string(opening.resource.upstream)) + ": " + error.message};
}

}  // namespace

asio::awaitable<Result<Stream>> connect_upstream(asio::any_io_executor executor, config::Resource resource,
                                                 SSL_CTX* context, TlsAttempt attempt, Duration at_most,
                                                 Addresses addresses) {
    const auto deadline = SteadyClock::now() + at_most;
    const Opening opening{std::move(executor), std::move(resource), context, attempt};
    co_return co_await try_open(opening, std::move(addresses), deadline);
}

asio::awaitable<bool> send_cancel(asio::any_io_executor executor, config::Resource resource, SSL_CTX* context,
                                  postgres::CancelRequest cancel, Duration at_most,
                                  std::optional<Stream::Endpoint> address) {
    const auto deadline = SteadyClock::now() + at_most;
    const Opening opening{std::move(executor), std::move(resource), context, TlsAttempt::as_configured};
    Addresses addresses;
    if (address) addresses.push_back(*address);
    Result<Stream> stream = co_await try_open(opening, std::move(addresses), deadline);
    if (!stream) co_return false;
    const TimeLimit limit{opening.executor, deadline, [&] { stream->interrupt(); }};
    const std::string request = postgres::build_cancel_request(cancel);
    Stream::Status status = co_await stream->write_all(request);
    std::array<char, 64> ignored{};  // PostgreSQL says nothing, only ends
    while (status == Stream::Status::ok) {
        const Stream::Outcome outcome = co_await stream->read_some(ignored);
        status = outcome.status;
    }
    co_return status == Stream::Status::eof;
}

}  // namespace curfew::proxy
