#include "api/http_server.hpp"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/write.hpp>
#include <cerrno>
#include <ctime>
#include <exception>
#include <list>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "api/http_stream.hpp"
#include "api/problem.hpp"
#include "base/log.hpp"
#include "proxy/node_context.hpp"

namespace curfew::api {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;

using Protocol = asio::generic::stream_protocol;
using Acceptor = asio::basic_socket_acceptor<Protocol>;
using Socket = HttpStream::Plain::socket_type;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::milliseconds accept_backoff{100};
constexpr std::size_t most_drained = 262'144;
constexpr std::chrono::seconds longest_drain{1};

struct Connection {
    Connection(Socket socket, std::shared_ptr<HttpStream::Context> context)
        : stream{std::move(socket), std::move(context)} {}

    HttpStream stream;
    Peer peer;
    bool busy = false;  // a whole request is here and its answer is not out yet
};
using ConnectionPtr = std::shared_ptr<Connection>;

// What to answer where a request could not be read; nullopt where there is nobody left to answer.
std::optional<Response> refusal_of(error_code error) {
    if (error == http::error::header_limit || error == http::error::buffer_overflow) {
        return problem(http::status::request_header_fields_too_large, "The request's header is too long");
    }
    if (error == http::error::body_limit) {
        return problem(http::status::payload_too_large, "The request's body is too long");
    }
    const bool unreadable = error.category() == make_error_code(http::error::bad_method).category();
    if (!unreadable || error == http::error::end_of_stream || error == http::error::partial_message) {
        return std::nullopt;
    }
    return problem(http::status::bad_request, "This is not an HTTP/1.1 request: " + error.message());
}

Response too_many_large_bodies() {
    return problem(http::status::service_unavailable, "Too many long requests are being received; try again");
}

bool expects_continue(const http::request_header<>& header) {
    return beast::iequals(header[http::field::expect], "100-continue");
}

void set_unless_there(http::fields& header, std::string_view name, std::string_view value) {
    if (header.find(name) == header.end()) header.set(name, value);
}

// What every answer carries. What says nothing else of itself runs nothing, loads nothing, and belongs into
// no cache; nothing belongs into a frame.
void harden(http::fields& header, const Peer& peer) {
    set_unless_there(header, "Cache-Control", "no-store");
    set_unless_there(header, "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    header.set("X-Content-Type-Options", "nosniff");
    header.set("Referrer-Policy", "no-referrer");
    header.set("Cross-Origin-Resource-Policy", "same-origin");
    if (peer.tls) header.set(http::field::strict_transport_security, "max-age=31536000");
    // The page counts down by this, and not by a clock that may be wrong by more than a grant is long.
    header.set(http::field::date,
               fmt::format("{:%a, %d %b %Y %H:%M:%S GMT}", fmt::gmtime(std::time(nullptr))));
}

// A stream of either kind, on its way to the client.
struct Streamed {
    http::response<http::empty_body> header{http::status::ok, 11};
    std::function<Awaitable<std::string>()> next;
    bool chunked = false;  // RFC 9112, 7.1: then an empty piece is its end
};

Streamed streamed(EventStream events) {
    Streamed stream;
    stream.header.set(http::field::content_type, "text/event-stream");
    stream.next = std::move(events.next);
    return stream;
}

Streamed streamed(ByteStream bytes) {
    Streamed stream;
    stream.header.set(http::field::content_type, bytes.content_type);
    if (!bytes.file_name.empty()) {
        stream.header.set(http::field::content_disposition,
                          fmt::format("attachment; filename=\"{}\"", bytes.file_name));
    }
    stream.header.chunked(true);
    stream.next = std::move(bytes.next);
    stream.chunked = true;
    return stream;
}

// As it goes over the wire. The last piece of chunks is an empty one.
std::string wire_form(const Streamed& stream, std::string piece) {
    if (!stream.chunked) return piece;
    return fmt::format("{:x}\r\n{}\r\n", piece.size(), piece);
}

// The next piece of a stream, or nothing where its source threw.
Awaitable<std::optional<std::string>> next_piece(const Streamed& stream) {
    try {
        auto next = stream.next();
        std::string piece = co_await std::move(next);
        co_return piece;
    } catch (const std::exception& failure) {
        log::debug("api.stream_ended", {{"why", failure.what()}});
        co_return std::nullopt;
    }
}

}  // namespace

struct HttpServer::Impl : std::enable_shared_from_this<Impl> {
    Impl(asio::any_io_executor executor_, HttpLimits limits_, Handler handler_, Identify identify_)
        : executor{std::move(executor_)},
          limits{limits_},
          handler{std::move(handler_)},
          identify{std::move(identify_)},
          acceptor{executor},
          retry{executor},
          all_gone{executor, asio::steady_timer::time_point::max()} {}

    const asio::any_io_executor executor;
    const HttpLimits limits;
    const Handler handler;
    const Identify identify;

    std::shared_ptr<HttpStream::Context> tls;  // absent: without
    Acceptor acceptor;
    asio::steady_timer retry;
    asio::steady_timer all_gone;  // never expires; cancelled when the last coroutine ends
    std::list<ConnectionPtr> connections;
    bool accepting = false;
    bool stopping = false;
    bool full = false;                           // somebody was turned away since there was last room
    std::atomic<std::uint32_t> large_bodies{0};  // that are being received

    void spawn_acceptor();
    Awaitable<void> accept_all(std::shared_ptr<Impl> self);
    void take(Socket socket);
    void turn_away(Socket socket);
    Awaitable<void> serve(std::shared_ptr<Impl> self, ConnectionPtr connection);
    Awaitable<std::variant<Request, Response, std::monostate>> receive(ConnectionPtr connection,
                                                                       beast::flat_buffer& buffer);
    bool may_be_large(const http::request_header<>& header) const;
    Awaitable<bool> shake_hands(ConnectionPtr connection);
    Awaitable<Reply> answer(Request request, Peer peer);
    Awaitable<bool> send(ConnectionPtr connection, Response response, bool head, bool keep_alive);
    Awaitable<void> send_stream(ConnectionPtr connection, const Streamed& stream, bool head);
    Awaitable<void> close_gently(ConnectionPtr connection);
    void note_end(const std::exception_ptr& failure);
};

void HttpServer::Impl::spawn_acceptor() {
    accepting = true;
    asio::co_spawn(executor, accept_all(shared_from_this()),
                   [self = shared_from_this()](const std::exception_ptr& failure) {
                       self->accepting = false;
                       self->note_end(failure);
                   });
}

Awaitable<void> HttpServer::Impl::accept_all(std::shared_ptr<Impl> self) {
    while (!self->stopping) {
        auto [error, socket] = co_await self->acceptor.async_accept(as_result);
        if (!error) {
            self->take(std::move(socket));
        } else if (!self->stopping) {
            // Out of descriptors or memory, most likely: what is open now may be closed in a moment.
            log::warning("api.accept_failed", {{"error", error.message()}});
            self->retry.expires_after(accept_backoff);
            co_await self->retry.async_wait(as_result);
        }
    }
}

void HttpServer::Impl::take(Socket socket) {
    if (stopping) return;
    if (connections.size() >= limits.connections) return turn_away(std::move(socket));
    full = false;
    auto connection = std::make_shared<Connection>(std::move(socket), tls);
    if (identify) connection->peer = identify(connection->stream.plain().socket().native_handle());
    connection->peer.tls = tls != nullptr;
    const auto place = connections.insert(connections.end(), connection);
    asio::co_spawn(executor, serve(shared_from_this(), connection),
                   [self = shared_from_this(), place](const std::exception_ptr& failure) {
                       self->connections.erase(place);
                       self->note_end(failure);
                   });
}

void HttpServer::Impl::turn_away(Socket socket) {
    static constexpr std::string_view busy =
        "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Type: text/plain\r\n"
        "Content-Length: 29\r\n\r\nToo many connections are open\n";
    error_code ignored;  // best effort: a new socket's buffer is empty, and who does not listen loses nothing
    socket.non_blocking(true, ignored);
    if (!tls) socket.write_some(asio::buffer(busy), ignored);  // without a handshake there is no saying it
    socket.shutdown(Socket::shutdown_send, ignored);
    if (!full) log::warning("api.too_many_connections", {{"limit", limits.connections}});
    full = true;
}

void HttpServer::Impl::note_end(const std::exception_ptr& failure) {
    if (failure) {
        try {
            std::rethrow_exception(failure);
        } catch (const std::exception& error) {
            log::error("api.connection_failed", {{"error", error.what()}});
        }
    }
    if (stopping && !accepting && connections.empty()) all_gone.cancel();
}

Awaitable<void> HttpServer::Impl::serve(std::shared_ptr<Impl> self, ConnectionPtr connection) {
    beast::flat_buffer buffer{static_cast<std::size_t>(self->limits.header_bytes + self->limits.body_bytes)};
    if (connection->stream.tls() != nullptr) {
        const bool agreed = co_await self->shake_hands(connection);
        if (!agreed) co_return;
    }
    while (!self->stopping) {
        connection->stream.plain().expires_after(self->limits.timeout);
        auto received = co_await self->receive(connection, buffer);
        if (std::holds_alternative<std::monostate>(received)) co_return;
        connection->busy = true;
        if (auto* refusal = std::get_if<Response>(&received)) {
            co_await self->send(connection, std::move(*refusal), false, false);
            co_return co_await self->close_gently(connection);
        }
        Request request = std::move(std::get<Request>(received));
        const bool head = request.method() == http::verb::head;
        const bool keep_alive = request.keep_alive();
        auto answering = self->answer(std::move(request), connection->peer);
        Reply reply = co_await std::move(answering);
        if (!std::holds_alternative<Response>(reply)) {
            connection->busy = false;
            auto* events = std::get_if<EventStream>(&reply);
            const Streamed stream = events != nullptr ? streamed(std::move(*events))
                                                      : streamed(std::move(std::get<ByteStream>(reply)));
            auto sending = self->send_stream(connection, stream, head);
            co_return co_await std::move(sending);
        }
        const bool open = keep_alive && !self->stopping;
        const bool sent = co_await self->send(connection, std::move(std::get<Response>(reply)), head, open);
        connection->busy = false;
        if (!sent) co_return;
        if (!open) co_return co_await self->close_gently(connection);
    }
}

Awaitable<bool> HttpServer::Impl::shake_hands(ConnectionPtr connection) {
    connection->stream.plain().expires_after(limits.timeout);
    const auto [error] =
        co_await connection->stream.tls()->async_handshake(asio::ssl::stream_base::server, as_result);
    if (error) {
        log::debug("api.handshake_failed", {{"from", connection->peer.address}, {"error", error.message()}});
    }
    co_return !error;
}

bool HttpServer::Impl::may_be_large(const http::request_header<>& header) const {
    return header.method() == http::verb::post &&
           limits.large_body_targets.contains(view_of(header.target()));
}

Awaitable<std::variant<Request, Response, std::monostate>> HttpServer::Impl::receive(
    ConnectionPtr connection, beast::flat_buffer& buffer) {
    using Received = std::variant<Request, Response, std::monostate>;
    http::request_parser<http::string_body> parser;
    parser.header_limit(limits.header_bytes);
    // Which limit it is the header says.
    parser.body_limit(std::max(limits.body_bytes, limits.large_body_bytes));
    auto [error, length] = co_await http::async_read_header(connection->stream, buffer, parser, as_result);
    proxy::Place large;
    if (!error) {
        const std::uint64_t announced = parser.content_length().value_or(limits.large_body_bytes);
        std::uint64_t longest = limits.body_bytes;
        if (announced > longest && may_be_large(parser.get())) {
            large = proxy::Place{large_bodies, limits.large_bodies};
            if (!large) co_return Received{too_many_large_bodies()};
            longest = limits.large_body_bytes;
        }
        parser.body_limit(longest);
        if (parser.content_length().value_or(0) > longest) error = http::error::body_limit;
    }
    if (!error && expects_continue(parser.get())) {
        static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
        std::tie(error, length) =
            co_await asio::async_write(connection->stream, asio::buffer(go_on), as_result);
    }
    if (!error && !parser.is_done()) {
        std::tie(error, length) = co_await http::async_read(connection->stream, buffer, parser, as_result);
    }
    if (!error) co_return Received{parser.release()};
    if (auto refusal = refusal_of(error)) co_return Received{std::move(*refusal)};
    co_return Received{std::monostate{}};
}

Awaitable<Reply> HttpServer::Impl::answer(Request request, Peer peer) {
    try {
        auto answering = handler(std::move(request), std::move(peer));
        Reply reply = co_await std::move(answering);
        co_return reply;
    } catch (const std::exception& failure) {
        log::error("api.request_failed", {{"error", failure.what()}});
        co_return problem(Error{ErrorCode::internal, "Something went wrong here; curfewd's log says what"});
    }
}

Awaitable<bool> HttpServer::Impl::send(ConnectionPtr connection, Response response, bool head,
                                       bool keep_alive) {
    response.keep_alive(keep_alive);
    harden(response, connection->peer);
    // 204 and 304 have no body, and so no length of one (RFC 9110, 8.6).
    const bool bodiless =
        response.result() == http::status::no_content || response.result() == http::status::not_modified;
    if (!bodiless) response.prepare_payload();
    connection->stream.plain().expires_after(limits.timeout);
    http::response_serializer<http::string_body> serializer{response};
    if (head) {
        // The header that GET would get, its length included, and no body.
        serializer.split(true);
        const auto [error, length] =
            co_await http::async_write_header(connection->stream, serializer, as_result);
        co_return !error;
    }
    const auto [error, length] = co_await http::async_write(connection->stream, serializer, as_result);
    co_return !error;
}

// `stream` outlives it.
Awaitable<void> HttpServer::Impl::send_stream(ConnectionPtr connection, const Streamed& stream, bool head) {
    using namespace asio::experimental::awaitable_operators;
    // Without a length: the connection lasts as long as the stream.
    auto header = stream.header;
    harden(header, connection->peer);
    header.keep_alive(false);
    http::response_serializer<http::empty_body> serializer{header};
    connection->stream.plain().expires_after(limits.timeout);
    const auto [header_error, header_length] =
        co_await http::async_write_header(connection->stream, serializer, as_result);
    if (header_error) co_return;
    if (head) co_return co_await close_gently(connection);
    while (!stopping) {
        connection->stream.plain().expires_never();
        // A client that leaves makes its socket readable; so does stop(), which closes it.
        auto piece_or_nothing = next_piece(stream);
        auto left = connection->stream.plain().socket().async_wait(asio::socket_base::wait_read, as_result);
        auto either = std::move(piece_or_nothing) || std::move(left);
        auto outcome = co_await std::move(either);
        if (outcome.index() == 1 || !std::get<0>(outcome)) co_return;
        std::string piece = std::move(*std::get<0>(outcome));
        const bool over = stream.chunked && piece.empty();
        const std::string sent = wire_form(stream, std::move(piece));
        connection->stream.plain().expires_after(limits.timeout);
        const auto [error, length] =
            co_await asio::async_write(connection->stream, asio::buffer(sent), as_result);
        if (error) co_return;
        if (over) co_return co_await close_gently(connection);
    }
}

// A plain close() while bytes of the client's are unread resets the connection and may lose the answer.
Awaitable<void> HttpServer::Impl::close_gently(ConnectionPtr connection) {
    error_code error;
    connection->stream.plain().expires_after(longest_drain);
    if (auto* tls_stream = connection->stream.tls()) {
        // Tells the client that nothing was cut off; that it says the same is not needed.
        co_await tls_stream->async_shutdown(as_result);
    }
    connection->stream.plain().socket().shutdown(Socket::shutdown_send, error);
    std::array<char, 4096> unread{};
    std::size_t drained = 0;
    while (!error && drained < most_drained && !stopping) {
        std::size_t length = 0;
        std::tie(error, length) =
            co_await connection->stream.plain().async_read_some(asio::buffer(unread), as_result);
        drained += length;
    }
    connection->stream.plain().close();
}

HttpServer::HttpServer(asio::any_io_executor executor, HttpLimits limits, Handler handler, Identify identify)
    : impl_{std::make_shared<Impl>(std::move(executor), limits, std::move(handler), std::move(identify))} {}

HttpServer::~HttpServer() = default;

void HttpServer::use_tls(std::shared_ptr<asio::ssl::context> context) {
    impl_->tls = std::move(context);
}

Result<void> HttpServer::start(const ListeningSocket& socket) {
    const int duplicate = ::fcntl(socket.descriptor(), F_DUPFD_CLOEXEC, 0);
    if (duplicate < 0) {
        return Error{ErrorCode::unavailable, "cannot listen: " + std::generic_category().message(errno)};
    }
    error_code error;
    impl_->acceptor.assign(Protocol{socket.family(), 0}, duplicate, error);
    if (error) {
        ::close(duplicate);
        return Error{ErrorCode::unavailable, "cannot listen: " + error.message()};
    }
    impl_->spawn_acceptor();
    return {};
}

Awaitable<void> HttpServer::stop() {
    const auto impl = impl_;
    impl->stopping = true;
    error_code ignored;  // the socket is gone either way
    impl->acceptor.close(ignored);
    impl->retry.cancel();
    for (const auto& connection : impl->connections) {
        if (!connection->busy) connection->stream.plain().close();
    }
    while (impl->accepting || !impl->connections.empty()) {
        co_await impl->all_gone.async_wait(as_result);
    }
}

}  // namespace curfew::api
