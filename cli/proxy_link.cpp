#include "cli/proxy_link.hpp"

#include <fmt/format.h>
#include <openssl/ssl.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <utility>
#include <vector>

#include "protocol/postgres/startup.hpp"

namespace curfew::cli {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

using Endpoint = asio::generic::stream_protocol::endpoint;

constexpr auto as_values = asio::as_tuple(asio::use_awaitable);
constexpr auto connect_within = 30s;

std::string name_of(const ProxyTarget& target) {
    return target.is_unix() ? fmt::format("{}/.s.PGSQL.{}", target.host, target.port)
                            : fmt::format("{}:{}", target.host, target.port);
}

Error unavailable(const ProxyTarget& target, std::string_view why) {
    return {ErrorCode::unavailable,
            fmt::format("Curfew's proxy at {} cannot be reached: {}", name_of(target), why)};
}

asio::awaitable<Result<std::vector<Endpoint>>> look_up(asio::any_io_executor executor, ProxyTarget target) {
    std::vector<Endpoint> endpoints;
    if (target.is_unix()) {
        endpoints.emplace_back(asio::local::stream_protocol::endpoint{name_of(target)});
        co_return endpoints;
    }
    asio::ip::tcp::resolver resolver{executor};
    const auto [error, found] = co_await resolver.async_resolve(target.host, target.port, as_values);
    if (error) co_return unavailable(target, error.message());
    for (const auto& entry : found)
        endpoints.emplace_back(entry.endpoint());
    co_return endpoints;
}

}  // namespace

Outcome<asio::ssl::context> make_proxy_tls(const ProxyTarget& target) {
    asio::ssl::context context{asio::ssl::context::tls_client};
    ::SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
    const bool verifies = target.tls == ProxyTls::verify_ca || target.tls == ProxyTls::verify_full;
    context.set_verify_mode(verifies ? asio::ssl::verify_peer : asio::ssl::verify_none);
    if (!verifies) return context;
    boost::system::error_code error;
    if (target.root_certificate == "system") {
        (void)context.set_default_verify_paths(error);
    } else {
        (void)context.load_verify_file(target.root_certificate, error);
    }
    if (error) {
        return Failure{ExitCode::failed, fmt::format("The root certificate {} cannot be used: {}",
                                                     target.root_certificate, error.message())};
    }
    return context;
}

asio::awaitable<Result<void>> ProxyLink::connect(const ProxyTarget& target) {
    asio::steady_timer limit{stream_.get_executor(), connect_within};
    limit.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
        const auto self = weak.lock();
        if (error || !self || self->connected_) return;
        self->gave_up_ = true;
        self->close();
    });
    auto done = co_await reach(target);
    if (done && target.tls != ProxyTls::disable && !target.is_unix()) done = co_await start_tls(target);
    connected_ = true;
    co_return done;
}

asio::awaitable<Result<void>> ProxyLink::reach(const ProxyTarget& target) {
    const auto endpoints = co_await look_up(stream_.get_executor(), target);
    if (!endpoints) co_return endpoints.error();
    boost::system::error_code error = asio::error::host_not_found;
    for (const auto& endpoint : *endpoints) {
        // Each attempt with a socket of its own; the address may be of another family.
        socket() = StreamSocket{stream_.get_executor()};
        const auto [failed] = co_await socket().async_connect(endpoint, as_values);
        error = failed;
        if (!error || gave_up_) break;
    }
    if (gave_up_) co_return unavailable(target, fmt::format("no answer within {} s", connect_within.count()));
    if (error) co_return unavailable(target, error.message());
    if (!target.is_unix()) {
        boost::system::error_code ignored;
        (void)socket().set_option(asio::ip::tcp::no_delay{true}, ignored);
        (void)socket().set_option(asio::socket_base::keep_alive{true}, ignored);
    }
    co_return Result<void>{};
}

asio::awaitable<Result<void>> ProxyLink::start_tls(const ProxyTarget& target) {
    const auto [unsent, written] = co_await write(postgres::build_ssl_request());
    if (unsent) co_return unavailable(target, unsent.message());
    // Exactly one byte, so that nothing that came in plaintext is taken for something that TLS protected.
    std::array<char, 1> answer{};
    const auto [unread, length] = co_await read_exactly(answer);
    if (unread) co_return unavailable(target, unread.message());
    if (answer[0] == 'N' && target.tls == ProxyTls::prefer) co_return Result<void>{};
    if (answer[0] != 'S') co_return unavailable(target, "it does not offer TLS, which is asked for");
    boost::system::error_code ignored;
    const bool is_address = !asio::ip::make_address(target.host, ignored).is_unspecified();
    if (!is_address) ::SSL_set_tlsext_host_name(stream_.native_handle(), target.host.c_str());
    if (target.tls == ProxyTls::verify_full) {
        stream_.set_verify_callback(asio::ssl::host_name_verification{target.host});
    }
    const auto [failed] = co_await stream_.async_handshake(asio::ssl::stream_base::client, as_values);
    if (failed) co_return unavailable(target, failed.message());
    encrypted_ = true;
    co_return Result<void>{};
}

asio::awaitable<Moved> ProxyLink::read_some(std::span<char> buffer) {
    const auto into = asio::buffer(buffer.data(), buffer.size());
    if (encrypted_) co_return co_await stream_.async_read_some(into, as_values);
    co_return co_await socket().async_read_some(into, as_values);
}

asio::awaitable<Moved> ProxyLink::write(std::string_view bytes) {
    const auto from = asio::buffer(bytes);
    if (encrypted_) co_return co_await asio::async_write(stream_, from, as_values);
    co_return co_await asio::async_write(socket(), from, as_values);
}

asio::awaitable<Moved> ProxyLink::read_exactly(std::span<char> buffer) {
    const auto into = asio::buffer(buffer.data(), buffer.size());
    if (encrypted_) co_return co_await asio::async_read(stream_, into, as_values);
    co_return co_await asio::async_read(socket(), into, as_values);
}

asio::awaitable<std::optional<postgres::Message>> ProxyLink::read_message(std::string& memory) {
    std::array<char, postgres::header_size> bytes{};
    const auto [no_header, header_length] = co_await read_exactly(bytes);
    postgres::Header header;
    if (no_header || !postgres::read_header(bytes.data(), header)) co_return std::nullopt;
    if (header.body_length > postgres::longest_login_message) co_return std::nullopt;
    memory.resize(header.body_length);
    const auto [no_body, body_length] = co_await read_exactly(memory);
    if (no_body) co_return std::nullopt;
    co_return postgres::Message{header.type, memory};
}

void ProxyLink::shutdown_write() {
    boost::system::error_code ignored;
    (void)socket().shutdown(asio::socket_base::shutdown_send, ignored);
}

void ProxyLink::close() {
    boost::system::error_code ignored;
    (void)socket().close(ignored);
}

postgres::Privacy ProxyLink::privacy(const ProxyTarget& target) const {
    if (target.is_unix()) return postgres::Privacy::verified;
    if (!encrypted_) return postgres::Privacy::none;
    const bool verified = target.tls == ProxyTls::verify_ca || target.tls == ProxyTls::verify_full;
    return verified ? postgres::Privacy::verified : postgres::Privacy::encrypted;
}

std::optional<postgres::ChannelBinding> ProxyLink::channel_binding() {
    if (!encrypted_) return std::nullopt;
    const std::unique_ptr<X509, decltype(&::X509_free)> certificate{
        ::SSL_get1_peer_certificate(stream_.native_handle()), ::X509_free};
    return certificate ? postgres::tls_server_end_point(certificate.get()) : std::nullopt;
}

}  // namespace curfew::cli
