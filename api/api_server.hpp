// The API on its Unix socket and, if it is configured, on TCP: on a thread of its own, so that nothing that
// is asked of it holds up a session.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/api.hpp"
#include "api/http_server.hpp"
#include "base/result.hpp"
#include "config/config.hpp"

namespace curfew::api {

// Where the API is served over the network.
struct NetworkListener {
    config::Endpoint address;
    std::optional<config::ServerTls> tls;  // absent: plain HTTP, which is for loopback and Unix sockets
};

struct ApiServerOptions {
    // Whoever can open it is an administrator: owner, group and mode (0660) of its file are the access
    // control, and the kernel names the actor (SO_PEERCRED).
    std::string socket_path;
    std::string group;  // may use the socket beside its owner; ignored if it does not exist
    HttpLimits socket_limits;

    std::optional<NetworkListener> network;
    HttpLimits network_limits = {.connections = 256};

    ApiSettings api;
};

// Constructed, called and destroyed on the control thread, whose executor it is given; `parts` outlive it.
class ApiServer {
public:
    ApiServer(const boost::asio::any_io_executor& control_executor, const ApiParts& parts,
              ApiServerOptions options);
    // Waits for the thread, and drops what is under way if stop() was not awaited.
    ~ApiServer();
    ApiServer(const ApiServer&) = delete;
    ApiServer& operator=(const ApiServer&) = delete;

    // Opens the sockets and starts the thread. conflict: a live process answers on the Unix socket already,
    // or something else is in its place. unavailable: cannot listen. invalid: the certificate cannot be used.
    Result<void> start();
    // Removes the sockets, answers what is under way, and returns when the last connection is gone.
    Awaitable<void> stop();

    // Reads certificate and key again; for connections from now on. invalid: they cannot be used, and those
    // in force stay.
    Result<void> use_certificate(const config::ServerTls& tls);

    // Who is told from now on.
    void use_notifiers(std::vector<config::Notifier> notifiers);

    // Where the network listener really listens; nullopt: there is none.
    std::optional<config::Endpoint> address() const;
    std::vector<Route> routes() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace curfew::api
