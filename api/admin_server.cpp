#include "api/admin_server.hpp"

#include <utility>

#include "api/peer_identity.hpp"
#include "base/log.hpp"

namespace curfew::api {

AdminServer::AdminServer(const boost::asio::any_io_executor& executor, proxy::Control& control,
                         const Clock& clock, AdminServerOptions options)
    : options_{std::move(options)},
      api_{executor, control, clock, options_.least_event_interval},
      http_{executor, options_.limits,
            [this](Request request, std::string actor) {
                return api_.handle(std::move(request), std::move(actor));
            },
            peer_actor} {}

Result<void> AdminServer::start() {
    UnixAccess access;
    access.mode = 0660;
    access.group = options_.group;
    auto socket = ListeningSocket::listen_unix(options_.socket_path, access);
    if (!socket) return socket.error();
    if (auto started = http_.start(*socket); !started) return started;
    socket_ = std::move(*socket);
    log::info("admin.listening", {{"socket", options_.socket_path}});
    return {};
}

Awaitable<void> AdminServer::stop() {
    socket_.reset();
    co_await http_.stop();
}

}  // namespace curfew::api
