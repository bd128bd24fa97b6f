#include "proxy/relay.hpp"

#include <boost/asio/this_coro.hpp>

#include "proxy/let_others_run.hpp"
#include "proxy/task_group.hpp"

namespace curfew::proxy {

namespace asio = boost::asio;

// False once there is a length that no message can have: nothing of it may reach PostgreSQL.
bool Relay::check_client_bytes(std::string_view bytes) {
    return client_messages_.advance(
        bytes,
        [this](const postgres::Header& header) {
            switch (header.type) {
                case 'X':  // Terminate
                    client_left_ = true;
                    break;
                case 'Q':  // Query, Sync, FunctionCall
                case 'S':
                case 'F':
                    ++requests_;
                    unfinished_request_ = false;
                    break;
                default:
                    unfinished_request_ = true;
            }
        },
        [](char) {});
}

asio::awaitable<void> Relay::client_to_server() {
    int chunks = 0;
    for (;;) {
        const Source::Chunk chunk = co_await from_client_.next();
        if (chunk.status == Stream::Status::interrupted) co_return;
        if (chunk.status != Stream::Status::ok) break;
        if (!check_client_bytes(chunk.bytes)) {
            // The other direction may wait for either: for this client to read what it was sent.
            client_violation_ = true;
            client_.interrupt();
            server_.interrupt();
            co_return;
        }
        bytes_from_client_ += chunk.bytes.size();
        // Where PostgreSQL takes no more, its last words are still to be read: by the other direction.
        if (co_await server_.write_all(chunk.bytes) != Stream::Status::ok) co_return;
        chunks = from_client_.more_expected() ? chunks + 1 : 0;
        if (chunks == chunks_per_turn) {
            chunks = 0;
            co_await let_others_run();
        }
    }
    client_left_ = true;
    server_.shutdown_write();
}

asio::awaitable<RelayEnd> Relay::server_to_client() {
    int chunks = 0;
    for (;;) {
        const Source::Chunk chunk = co_await from_server_.next();
        if (chunk.status == Stream::Status::interrupted) co_return RelayEnd::interrupted;
        if (chunk.status != Stream::Status::ok)
            co_return client_left_ ? RelayEnd::client_left : RelayEnd::server_closed;
        if (!client_gone_) {
            const Stream::Status delivered = co_await writer_.deliver(chunk.bytes);
            if (delivered == Stream::Status::interrupted) co_return RelayEnd::interrupted;
            if (writer_.broken()) co_return RelayEnd::server_violation;
            // A client that is gone does not stop the statement that it sent; its results go nowhere.
            client_gone_ = delivered != Stream::Status::ok;
        }
        chunks = from_server_.more_expected() ? chunks + 1 : 0;
        if (chunks == chunks_per_turn) {
            chunks = 0;
            co_await let_others_run();
        }
    }
}

asio::awaitable<RelayEnd> Relay::run() {
    const auto executor = co_await asio::this_coro::executor;
    TaskGroup other_direction{executor};
    other_direction.spawn(client_to_server());
    RelayEnd end = co_await server_to_client();
    if (end == RelayEnd::interrupted && client_violation_) end = RelayEnd::client_violation;
    client_.interrupt();
    server_.interrupt();
    co_await other_direction.join();
    if (end != RelayEnd::interrupted) {
        client_.resume();
        server_.resume();
    }
    co_return end;
}

}  // namespace curfew::proxy
