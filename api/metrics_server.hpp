// /metrics for Prometheus, /healthz and /readyz for whoever restarts and routes.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "api/http_server.hpp"
#include "base/result.hpp"
#include "config/config.hpp"
#include "proxy/listening_socket.hpp"

namespace curfew::api {

// Read-only, for GET and HEAD, over TCP or a Unix socket (open to every local user, as a port would be). Runs
// on the control thread's executor.
class MetricsServer {
public:
    // Gives why no new sessions are taken, for people; empty: they are.
    using NotReadyBecause = std::function<Awaitable<std::vector<std::string>>()>;

    // `exposition` gives the text of /metrics. Both are called on the executor, once for each request.
    MetricsServer(boost::asio::any_io_executor executor, config::Endpoint address,
                  NotReadyBecause not_ready_because, std::function<std::string()> exposition,
                  HttpLimits limits = {});

    Result<void> start();
    Awaitable<void> stop();
    // The port that is listened on, once started: of use where the address names port 0.
    std::uint16_t port() const;

private:
    Awaitable<Reply> handle(Request request);
    Awaitable<Response> readiness();

    const config::Endpoint address_;
    const NotReadyBecause not_ready_because_;
    const std::function<std::string()> exposition_;
    HttpServer http_;
    std::optional<ListeningSocket> socket_;
};

}  // namespace curfew::api
