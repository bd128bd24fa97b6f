// HTTP/1.1 on one listening socket: bounded in every direction, over TCP and Unix sockets alike, with TLS or
// without.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ssl/context.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>

#include "api/http_types.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "proxy/listening_socket.hpp"

namespace curfew::api {

using proxy::ListeningSocket;
using proxy::UnixAccess;

struct HttpLimits {
    // To send one whole request (the wait for the next one on an open connection included), and to take one
    // whole response or one piece of a stream. Who is slower is disconnected.
    Duration timeout = std::chrono::seconds{30};
    std::uint32_t header_bytes = 8'192;
    std::uint64_t body_bytes = 65'536;
    // Of a POST to one of these targets a body may be so long, as long as no more than so many such are being
    // received.
    std::set<std::string, std::less<>> large_body_targets = {};
    std::uint64_t large_body_bytes = 0;
    std::uint32_t large_bodies = 8;
    std::size_t connections = 64;  // who comes beyond that gets 503
};

// Runs on one executor, which must be of a single thread; every function here is to be called on it.
class HttpServer {
public:
    // Answers one request. `peer` is who asked, as `identify` tells. What it throws is logged and answered
    // with 500.
    using Handler = std::function<Awaitable<Reply>(Request request, Peer peer)>;
    // Tells who is at the other end of a connected socket.
    using Identify = std::function<Peer(int descriptor)>;

    HttpServer(boost::asio::any_io_executor executor, HttpLimits limits, Handler handler, Identify identify);
    // stop() must have completed, or the executor must not run any more.
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    // From now on clients have to begin with a TLS handshake; connections that are open go on as they are.
    void use_tls(std::shared_ptr<boost::asio::ssl::context> context);

    // Begins to accept on a duplicate of the socket's descriptor. Once only.
    Result<void> start(const ListeningSocket& socket);

    // Stops accepting, closes idle connections and streams, lets requests under way be answered, and returns
    // when the last connection is gone. Does nothing if it was never started.
    Awaitable<void> stop();

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;  // shared with the coroutines that it runs
};

}  // namespace curfew::api
