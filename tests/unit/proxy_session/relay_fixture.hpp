// A relay between a client and a server that both are the test's.
#pragma once

#include <gtest/gtest.h>

#include <future>
#include <string>

#include "proxy/relay.hpp"
#include "sockets.hpp"

namespace curfew::test {

class RelayFixture {
public:
    // What the sockets towards the client and towards the server hold.
    RelayFixture(Transport transport, int client_buffer, int server_buffer)
        : client_{local_pair(loop, transport, client_buffer)},
          server_{local_pair(loop, transport, server_buffer)} {}
    explicit RelayFixture(Transport transport) : RelayFixture{transport, 4096, 4096} {}

    proxy::Stream& client() { return client_.client; }
    proxy::Stream& server() { return server_.server; }

    // Runs all that can go on, until nothing moves between the two any more.
    void settle() { loop.settle(); }
    void interrupt() {
        client_.server.interrupt();
        server_.client.interrupt();
    }
    void resume() {
        client_.server.resume();
        server_.client.resume();
    }
    bool interrupted() const { return client_.server.interrupted() || server_.client.interrupted(); }

    Loop loop;

private:
    StreamPair client_;
    StreamPair server_;
    proxy::BufferPool buffers_;

public:
    proxy::ClientWriter writer{client_.server};
    proxy::Relay relay{client_.server, server_.client, writer, buffers_};
};

}  // namespace curfew::test
