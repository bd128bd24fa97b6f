// A client and a server, both the test's, that are to log in with each other.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "message_stream.hpp"
#include "proxy/upstream_login_driver.hpp"
#include "sockets.hpp"

namespace curfew::test {

// An ErrorResponse as a server's.
std::string fatal(const std::string& sqlstate, const std::string& text);

// Headers of this type with lengths that no message in a login has.
std::vector<std::string> impossible_headers(char type);

// What became of a step.
struct Outcome {
    bool fine = false;
    std::string refusal;  // what the client is told
    std::string reason;   // of the refusal
    std::string dropped;  // the reason

    std::string sqlstate() const;
    std::string message() const;
};
Outcome outcome_of(const proxy::Unless& failure);
Outcome outcome_of(const proxy::Failure& failure);

class LoginFixture {
public:
    using Status = proxy::Stream::Status;

    explicit LoginFixture(Transport transport) : transport_{transport} {
        resource.name = "db";
        again();
    }

    // New connections; what was going on over the old ones is called off.
    void again() {
        interrupt();
        loop.settle();
        client = local_pair(loop, transport_, 400'000);
        server = local_pair(loop, transport_, 400'000);
    }
    static postgres::StartupMessage startup_message() {
        postgres::StartupMessage startup;
        startup.user = "alice";
        startup.database = "db";
        return startup;
    }

    void say(std::string_view bytes) { write(server.server, bytes); }     // as the server
    void answer(std::string_view bytes) { write(client.client, bytes); }  // as the client
    std::string from_curfew() { return read(server.server); }             // as the server
    std::string to_client() { return read(client.client); }

    void interrupt() {
        client.server.interrupt();
        server.client.interrupt();
    }
    bool interrupted() const { return client.server.interrupted() || server.client.interrupted(); }

    Loop loop;
    StreamPair client = local_pair(loop, Transport::plaintext);
    StreamPair server = local_pair(loop, Transport::plaintext);
    config::Resource resource;

private:
    void write(proxy::Stream& stream, std::string_view bytes) {
        loop.settle();
        EXPECT_EQ(loop.run(stream.write_all(bytes)), Status::ok);
        loop.settle();
    }
    std::string read(proxy::Stream& stream) {
        loop.settle();
        return take(stream);
    }

    Transport transport_;
};

}  // namespace curfew::test
