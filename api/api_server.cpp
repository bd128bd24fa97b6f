#include "api/api_server.hpp"

#include <openssl/ssl.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <thread>
#include <utility>

#include "api/operations.hpp"
#include "api/peer_identity.hpp"
#include "base/log.hpp"
#include "policy/command.hpp"
#include "proxy/run_on.hpp"
#include "proxy/tls_context.hpp"

namespace curfew::api {
namespace {

namespace asio = boost::asio;
using TlsContext = std::shared_ptr<asio::ssl::context>;

// HTTP/1.1, where the client asks what is to be spoken (RFC 7301).
int select_http(SSL*, const unsigned char** selected, unsigned char* size, const unsigned char* offered,
                unsigned offered_size, void*) {
    static constexpr unsigned char http_1_1[] = "\x08http/1.1";
    unsigned char* found = nullptr;
    if (SSL_select_next_proto(&found, size, http_1_1, sizeof http_1_1 - 1, offered, offered_size) !=
        OPENSSL_NPN_NEGOTIATED) {
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    }
    *selected = found;
    return SSL_TLSEXT_ERR_OK;
}

Result<TlsContext> make_http_context(const config::ServerTls& tls) {
    auto context = proxy::make_server_context(tls);
    if (!context) return context.error();
    SSL_CTX_set_alpn_select_cb(context->get(), select_http, nullptr);
    return std::make_shared<asio::ssl::context>(context->release());
}

// A script comes as text of JSON, of which a byte may take two, and a longer character six where it is
// written in ASCII.
HttpLimits with_scripts(HttpLimits limits) {
    limits.large_body_targets = {std::string{api_prefix} + "/requests"};
    limits.large_body_bytes = 3 * policy::longest_command + limits.body_bytes;
    return limits;
}

}  // namespace

struct ApiServer::Impl {
    Impl(const asio::any_io_executor& control_executor, const ApiParts& parts, ApiServerOptions options_)
        : options{std::move(options_)},
          guard{context.get_executor()},
          api{context.get_executor(), control_executor, parts, options.api},
          local{context.get_executor(), with_scripts(options.socket_limits), handler(), unix_peer},
          network{context.get_executor(), with_scripts(options.network_limits), handler(), tcp_peer} {}

    HttpServer::Handler handler() {
        return [this](Request request, Peer peer) { return api.handle(std::move(request), std::move(peer)); };
    }
    Result<void> open_local();
    Result<void> open_network();
    // On the own thread.
    Awaitable<void> stop_serving();

    const ApiServerOptions options;
    asio::io_context context{1};
    asio::executor_work_guard<asio::io_context::executor_type> guard;
    Api api;
    HttpServer local;
    HttpServer network;
    std::optional<ListeningSocket> local_socket;
    std::optional<ListeningSocket> network_socket;
    std::thread thread;
};

Result<void> ApiServer::Impl::open_local() {
    UnixAccess access;
    access.mode = 0660;
    access.group = options.group;
    auto socket = ListeningSocket::listen_unix(options.socket_path, access);
    if (!socket) return socket.error();
    if (auto started = local.start(*socket); !started) return started;
    local_socket = std::move(*socket);
    log::info("admin.listening", {{"socket", options.socket_path}});
    return {};
}

Result<void> ApiServer::Impl::open_network() {
    if (!options.network) return {};
    const auto& [address, tls] = *options.network;
    if (tls) {
        auto made = make_http_context(*tls);
        if (!made) return made.error();
        network.use_tls(std::move(*made));
    }
    // As open as a port of the loopback interface would be: people prove who they are by what they send.
    UnixAccess everybody;
    everybody.mode = 0666;
    auto socket = address.is_unix() ? ListeningSocket::listen_unix(address.host, everybody)
                                    : ListeningSocket::listen_tcp(address);
    if (!socket) return socket.error();
    if (auto started = network.start(*socket); !started) return started;
    network_socket = std::move(*socket);
    log::info("api.listening",
              {{"address", config::to_string(network_socket->address())}, {"tls", tls.has_value()}});
    return {};
}

Awaitable<void> ApiServer::Impl::stop_serving() {
    co_await local.stop();
    co_await network.stop();
    co_await api.stop();
}

ApiServer::ApiServer(const asio::any_io_executor& control_executor, const ApiParts& parts,
                     ApiServerOptions options)
    : impl_{std::make_unique<Impl>(control_executor, parts, std::move(options))} {}

ApiServer::~ApiServer() {
    if (!impl_->thread.joinable()) return;
    impl_->context.stop();
    impl_->thread.join();
}

Result<void> ApiServer::start() {
    if (auto opened = impl_->open_local(); !opened) return opened;
    if (auto opened = impl_->open_network(); !opened) return opened;
    impl_->api.start();
    impl_->thread = std::thread{[this] { impl_->context.run(); }};
    return {};
}

Awaitable<void> ApiServer::stop() {
    impl_->local_socket.reset();
    impl_->network_socket.reset();
    if (!impl_->thread.joinable()) co_return;
    auto stopping = impl_->stop_serving();
    co_await proxy::run_on(impl_->context.get_executor(), std::move(stopping));
    impl_->guard.reset();
    impl_->thread.join();
}

Result<void> ApiServer::use_certificate(const config::ServerTls& tls) {
    auto made = make_http_context(tls);
    if (!made) return made.error();
    asio::post(impl_->context, [this, context = std::move(*made)] { impl_->network.use_tls(context); });
    return {};
}

void ApiServer::use_notifiers(std::vector<config::Notifier> notifiers) {
    asio::post(impl_->context, [this, used = std::move(notifiers)] { impl_->api.use_notifiers(used); });
}

std::optional<config::Endpoint> ApiServer::address() const {
    if (!impl_->network_socket) return std::nullopt;
    return impl_->network_socket->address();
}

std::vector<Route> ApiServer::routes() const {
    return impl_->api.routes();
}

}  // namespace curfew::api
