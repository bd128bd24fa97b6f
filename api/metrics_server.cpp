#include "api/metrics_server.hpp"

#include <string_view>
#include <utility>

#include "api/problem.hpp"

namespace curfew::api {
namespace {

// Prometheus' text exposition format.
constexpr const char* exposition_type = "text/plain; version=0.0.4; charset=utf-8";
constexpr const char* plain_text = "text/plain; charset=utf-8";

}  // namespace

MetricsServer::MetricsServer(boost::asio::any_io_executor executor, config::Endpoint address,
                             NotReadyBecause not_ready_because, std::function<std::string()> exposition,
                             HttpLimits limits)
    : address_{std::move(address)},
      not_ready_because_{std::move(not_ready_because)},
      exposition_{std::move(exposition)},
      http_{std::move(executor),
            limits,
            [this](Request request, const Peer&) { return handle(std::move(request)); },
            {}} {}

Result<void> MetricsServer::start() {
    UnixAccess everybody;
    everybody.mode = 0666;
    auto socket = address_.is_unix() ? ListeningSocket::listen_unix(address_.host, everybody)
                                     : ListeningSocket::listen_tcp(address_);
    if (!socket) return socket.error();
    if (auto started = http_.start(*socket); !started) return started;
    socket_ = std::move(*socket);
    return {};
}

Awaitable<void> MetricsServer::stop() {
    socket_.reset();
    co_await http_.stop();
}

std::uint16_t MetricsServer::port() const {
    return socket_ ? socket_->port() : 0;
}

Awaitable<Reply> MetricsServer::handle(Request request) {
    const std::string target{request.target()};
    const std::string_view path = std::string_view{target}.substr(0, target.find('?'));
    const bool known = path == "/metrics" || path == "/healthz" || path == "/readyz";
    if (!known) {
        co_return problem(http::status::not_found, "Served here: /metrics, /healthz, /readyz");
    }
    if (request.method() != http::verb::get && request.method() != http::verb::head) {
        auto response = problem(http::status::method_not_allowed, "This takes GET and HEAD");
        response.set(http::field::allow, "GET, HEAD");
        co_return response;
    }
    if (path == "/metrics") co_return make_response(http::status::ok, exposition_type, exposition_());
    // That it is answered at all says that the control thread turns.
    if (path == "/healthz") co_return make_response(http::status::ok, plain_text, "ok\n");
    Response ready = co_await readiness();
    co_return ready;
}

Awaitable<Response> MetricsServer::readiness() {
    auto asking = not_ready_because_();
    const auto reasons = co_await std::move(asking);
    if (reasons.empty()) co_return make_response(http::status::ok, plain_text, "ready\n");
    std::string text = "not ready\n";
    for (const auto& reason : reasons)
        text += "- " + reason + "\n";
    co_return make_response(http::status::service_unavailable, plain_text, std::move(text));
}

}  // namespace curfew::api
