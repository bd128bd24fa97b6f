// The administrative API on its Unix socket.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <optional>
#include <string>

#include "api/admin_api.hpp"
#include "api/http_server.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "proxy/control.hpp"
#include "proxy/listening_socket.hpp"

namespace curfew::api {

struct AdminServerOptions {
    std::string socket_path;
    std::string group;  // may use the socket beside its owner; ignored if it does not exist
    HttpLimits limits;
    Duration least_event_interval = std::chrono::milliseconds{100};
};

// Whoever can open the socket may do everything: the file's owner, group and mode (0660) are the access
// control, and the kernel names the actor (SO_PEERCRED). Runs on the control thread's executor; `control` and
// `clock` must outlive it.
class AdminServer {
public:
    AdminServer(const boost::asio::any_io_executor& executor, proxy::Control& control, const Clock& clock,
                AdminServerOptions options);

    // conflict: a live process answers on the socket already, or something else is in its place.
    Result<void> start();
    // Removes the socket, answers what is under way, and returns when the last connection is gone.
    Awaitable<void> stop();

private:
    const AdminServerOptions options_;
    AdminApi api_;
    HttpServer http_;
    std::optional<ListeningSocket> socket_;
};

}  // namespace curfew::api
