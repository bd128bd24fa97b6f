#include "notify/slack/socket_connection.hpp"

#include <openssl/ssl.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <charconv>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "config/config.hpp"
#include "proxy/address_lookup.hpp"
#include "proxy/async_mutex.hpp"

namespace curfew::notify::slack {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using boost::system::error_code;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

using Plain = websocket::stream<beast::tcp_stream>;
using Tls = websocket::stream<beast::ssl_stream<beast::tcp_stream>>;

Error no_connection(std::string_view why) {
    return {ErrorCode::unavailable, "the connection of Slack's Socket Mode: " + printable(why)};
}

struct Target {
    bool tls = true;
    std::string host;
    std::uint16_t port = 443;
    std::string path;  // with its query, which is a secret
};

bool is_this_machine(std::string_view host) {
    return host == "localhost" || host == "127.0.0.1" || host == "::1";
}

// Scheme, host and port as libcurl would take them are not needed: nothing but what Slack writes is allowed.
std::optional<Target> parse_target(std::string_view url) {
    Target target;
    if (url.starts_with("wss://")) {
        url.remove_prefix(6);
    } else if (url.starts_with("ws://")) {
        target.tls = false;
        target.port = 80;
        url.remove_prefix(5);
    } else {
        return std::nullopt;
    }
    const auto path = url.find_first_of("/?");
    const auto authority = url.substr(0, path);
    target.path = path == std::string_view::npos ? "/" : std::string{url.substr(path)};
    if (target.path.starts_with('?')) target.path.insert(0, "/");
    const auto colon = authority.rfind(':');
    target.host = authority.substr(0, colon);
    if (colon != std::string_view::npos) {
        const auto port = authority.substr(colon + 1);
        const auto [end, wrong] = std::from_chars(port.data(), port.data() + port.size(), target.port);
        if (wrong != std::errc{} || end != port.data() + port.size() || target.port == 0) return std::nullopt;
    }
    constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.";
    if (target.host.empty() || target.host.size() > 253 ||
        target.host.find_first_not_of(plain) != std::string::npos)
        return std::nullopt;
    for (const char c : target.path) {
        if (c <= ' ' || c == 0x7F || c == '#') return std::nullopt;
    }
    if (!target.tls && !is_this_machine(target.host)) return std::nullopt;
    return target;
}

template <class Stream>
class Connection final : public SocketConnection {
public:
    Connection(const asio::any_io_executor& executor, std::shared_ptr<asio::ssl::context> context,
               Stream stream)
        : context_{std::move(context)}, stream_{std::move(stream)}, writing_{executor} {}

    Stream& stream() noexcept { return stream_; }

    asio::awaitable<Result<std::string>> read() override {
        beast::flat_buffer buffer;
        const auto [error, size] = co_await stream_.async_read(buffer, as_result);
        if (error) co_return no_connection(error.message());
        if (!stream_.got_text()) co_return no_connection("it sent what is no text");
        co_return beast::buffers_to_string(buffer.data());
    }

    asio::awaitable<Result<void>> write(std::string message) override {
        const auto hold = co_await writing_.hold();
        const auto [error, size] = co_await stream_.async_write(asio::buffer(message), as_result);
        if (error) co_return no_connection(error.message());
        co_return Result<void>{};
    }

    // Without the closing handshake: whoever stops does not wait, and Slack sends again what was not
    // acknowledged.
    void close() noexcept override { beast::get_lowest_layer(stream_).close(); }

private:
    std::shared_ptr<asio::ssl::context> context_;  // outlives the stream
    Stream stream_;
    proxy::AsyncMutex writing_;
};

Result<std::shared_ptr<asio::ssl::context>> make_context(const SocketOptions& options) {
    auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
    error_code error;
    context->set_options(asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1, error);
    if (error) return no_connection(error.message());
    if (SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION) != 1)
        return no_connection("TLS 1.2 is not there");
    context->set_verify_mode(asio::ssl::verify_peer, error);
    if (error) return no_connection(error.message());
    if (options.root_certificate_file) {
        context->load_verify_file(*options.root_certificate_file, error);
    } else {
        context->set_default_verify_paths(error);
    }
    if (error) return no_connection("its authorities cannot be read: " + error.message());
    return context;
}

template <class Stream>
void set_up(Stream& stream, const SocketOptions& options) {
    websocket::stream_base::timeout timeout{};
    timeout.handshake_timeout = options.connect_timeout;
    timeout.idle_timeout = 2 * options.quiet;  // a ping goes out at half of it
    timeout.keep_alive_pings = true;
    stream.set_option(timeout);
    stream.read_message_max(options.most_bytes);
}

asio::awaitable<error_code> reach(beast::tcp_stream& stream, const std::vector<asio::ip::tcp::endpoint>& at) {
    error_code last = asio::error::host_not_found;
    for (std::size_t i = 0; i < at.size(); ++i) {
        const auto [error] = co_await stream.async_connect(at[i], as_result);
        if (!error) co_return error;
        last = error;
    }
    co_return last;
}

asio::awaitable<error_code> shake_hands(Plain& stream, const Target& target) {
    const auto [error] = co_await stream.async_handshake(target.host, target.path, as_result);
    co_return error;
}

asio::awaitable<error_code> shake_hands(Tls& stream, const Target& target) {
    auto& secure = stream.next_layer();
    if (SSL_set_tlsext_host_name(secure.native_handle(), target.host.c_str()) != 1)
        co_return asio::error::invalid_argument;
    secure.set_verify_callback(asio::ssl::host_name_verification(target.host));
    const auto [agreed] = co_await secure.async_handshake(asio::ssl::stream_base::client, as_result);
    if (agreed) co_return agreed;
    // From here on the WebSocket has time limits of its own.
    beast::get_lowest_layer(stream).expires_never();
    const auto [error] = co_await stream.async_handshake(target.host, target.path, as_result);
    co_return error;
}

using Opened = Result<std::shared_ptr<SocketConnection>>;

template <class Stream>
asio::awaitable<Opened> open(asio::any_io_executor executor, std::shared_ptr<asio::ssl::context> context,
                             Stream made, Target target, SocketOptions options,
                             std::vector<asio::ip::tcp::endpoint> at, SocketBegun begun) {
    auto connection = std::make_shared<Connection<Stream>>(executor, std::move(context), std::move(made));
    begun(connection);
    auto& stream = connection->stream();
    auto& lowest = beast::get_lowest_layer(stream);
    lowest.expires_after(options.connect_timeout);
    auto reaching = reach(lowest, at);
    const auto unreachable = co_await std::move(reaching);
    if (unreachable) co_return no_connection(unreachable.message());
    set_up(stream, options);
    if constexpr (std::is_same_v<Stream, Plain>) lowest.expires_never();
    auto shaking = shake_hands(stream, target);
    const auto failed = co_await std::move(shaking);
    if (failed) co_return no_connection(failed.message());
    co_return std::shared_ptr<SocketConnection>{std::move(connection)};
}

}  // namespace

asio::awaitable<Opened> connect_socket(asio::any_io_executor executor, std::string url, SocketOptions options,
                                       SocketBegun begun) {
    const auto target = parse_target(url);
    if (!target) co_return Error{ErrorCode::invalid, "Slack gave an address for Socket Mode that is none"};
    config::Endpoint endpoint;
    endpoint.host = target->host;
    endpoint.port = target->port;
    const auto deadline = proxy::SteadyInstant::clock::now() + options.connect_timeout;
    auto looking = proxy::look_up(executor, endpoint, deadline);
    const auto found = co_await std::move(looking);
    if (!found) co_return found.error();
    std::vector<asio::ip::tcp::endpoint> at;
    for (const auto& one : *found) {
        asio::ip::tcp::endpoint address;
        if (one.size() > address.capacity()) continue;
        std::copy_n(reinterpret_cast<const char*>(one.data()), one.size(),
                    reinterpret_cast<char*>(address.data()));
        address.resize(one.size());
        at.push_back(address);
    }
    if (!target->tls) {
        auto opening = open(executor, nullptr, Plain{executor}, *target, std::move(options), std::move(at),
                            std::move(begun));
        auto opened = co_await std::move(opening);
        co_return opened;
    }
    auto context = make_context(options);
    if (!context) co_return context.error();
    auto& made = **context;
    auto opening = open(executor, *context, Tls{executor, made}, *target, std::move(options), std::move(at),
                        std::move(begun));
    auto opened = co_await std::move(opening);
    co_return opened;
}

}  // namespace curfew::notify::slack
