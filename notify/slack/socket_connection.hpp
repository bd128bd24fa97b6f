// A WebSocket (RFC 6455) to Slack, over TLS that is verified.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace curfew::notify::slack {

// Belongs to its executor's thread.
class SocketConnection {
public:
    virtual ~SocketConnection() = default;

    // The next message. unavailable: the connection is over, or nothing came in time.
    virtual boost::asio::awaitable<Result<std::string>> read() = 0;
    // One at a time: who writes while another one does waits for it.
    virtual boost::asio::awaitable<Result<void>> write(std::string message) = 0;
    // What is under way ends with an error, at once.
    virtual void close() noexcept = 0;
};

struct SocketOptions {
    std::optional<std::string> root_certificate_file = std::nullopt;  // PEM; absent: the system's
    std::chrono::milliseconds connect_timeout{10'000};                // handshakes included
    // Whoever says nothing for that long is asked whether they are there (a ping), and is gone if they do not
    // say so within as long again.
    std::chrono::milliseconds quiet{30'000};
    std::size_t most_bytes = 1'048'576;  // of a message
};

// Given a connection that is about to be opened, so that it can be closed before it is there.
using SocketBegun = std::function<void(std::shared_ptr<SocketConnection>)>;

// `url`: `wss://…`; `ws://` for this machine alone, where nobody listens in. invalid: it is none of these.
// unavailable: it cannot be reached in time, is not who it says it is, or was closed.
boost::asio::awaitable<Result<std::shared_ptr<SocketConnection>>> connect_socket(
    boost::asio::any_io_executor executor, std::string url, SocketOptions options, SocketBegun begun);

}  // namespace curfew::notify::slack
