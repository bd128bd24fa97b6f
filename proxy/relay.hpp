// The data path: passes a live session's bytes both ways.
#pragma once

#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <string_view>

#include "protocol/postgres/boundary_tracker.hpp"
#include "proxy/buffer_pool.hpp"
#include "proxy/client_writer.hpp"
#include "proxy/source.hpp"
#include "proxy/stream.hpp"

namespace curfew::proxy {

enum class RelayEnd {
    client_left,       // the client ended the session, and PostgreSQL has closed after it
    server_closed,     // PostgreSQL ended it; all that it said has been delivered
    client_violation,  // the client sent a length that no message can have
    server_violation,  // PostgreSQL did, or broke TLS
    interrupted,       // Stream::interrupt on both streams
};

// Knows where messages begin and end, looks at nothing else, allocates nothing per message and holds no large
// buffer while nothing moves. When the client leaves, PostgreSQL is told by the end of its stream and may
// finish what it is doing, as without a proxy in between.
class Relay {
public:
    Relay(Stream& client, Stream& server, ClientWriter& writer, BufferPool& buffers)
        : client_{client},
          server_{server},
          writer_{writer},
          from_client_{client, buffers, client_bytes_},
          from_server_{server, buffers, server_bytes_} {}

    // Returns when the session is over on both sides, or with `interrupted`, which both streams are then;
    // what was being delivered to the client is still in the writer's hand, and valid until the relay is
    // destroyed.
    boost::asio::awaitable<RelayEnd> run();

    // The client said Terminate or closed its connection.
    bool client_left() const noexcept { return client_left_; }
    std::uint64_t bytes_from_client() const noexcept { return bytes_from_client_; }
    // Whatever the client asked for has been answered, as far as message types tell: PostgreSQL waits for the
    // next request. Says false where in doubt.
    bool idle() const noexcept { return !unfinished_request_ && requests_ == writer_.readies(); }

private:
    boost::asio::awaitable<void> client_to_server();
    boost::asio::awaitable<RelayEnd> server_to_client();
    bool check_client_bytes(std::string_view bytes);

    Stream& client_;
    Stream& server_;
    ClientWriter& writer_;
    // Most messages are short; these are all that a session holds while it is idle.
    std::array<char, 256> client_bytes_;
    std::array<char, 512> server_bytes_;
    Source from_client_;
    Source from_server_;
    postgres::BoundaryTracker client_messages_;
    std::uint64_t bytes_from_client_ = 0;
    std::uint64_t requests_ = 0;       // each is answered by one ReadyForQuery
    bool unfinished_request_ = false;  // more is to come until it will be
    bool client_left_ = false;
    bool client_gone_ = false;  // takes no more bytes
    bool client_violation_ = false;
};

}  // namespace curfew::proxy
