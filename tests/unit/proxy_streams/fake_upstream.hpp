// A server that answers as no decent PostgreSQL would.
#pragma once

#include <openssl/types.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "loop.hpp"
#include "proxy/stream.hpp"

namespace curfew::test {

// Listens on the loopback and accepts on the loop, once a call. Its connections stay open as long as it.
class FakeUpstream {
public:
    // `address`: `127.0.0.1`, `127.0.0.2`, …; port 0: any that is free.
    explicit FakeUpstream(Loop& loop, const char* address = "127.0.0.1", std::uint16_t port = 0);

    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

    // Reads one start-up packet and answers with these bytes.
    boost::asio::awaitable<void> answer(std::string bytes);
    // Answers an SSLRequest with S and shakes hands; what that was to the server.
    boost::asio::awaitable<Result<void>> speak_tls(SSL_CTX* context);
    boost::asio::awaitable<void> hang_up();

    // Start-up packets read so far, whole.
    const std::vector<std::string>& packets() const noexcept { return packets_; }
    std::vector<proxy::Stream>& connections() noexcept { return connections_; }

private:
    boost::asio::awaitable<proxy::Stream> accept();
    boost::asio::awaitable<void> read_packet(proxy::Stream& stream);

    boost::asio::ip::tcp::acceptor acceptor_;
    std::vector<std::string> packets_;
    std::vector<proxy::Stream> connections_;
};

}  // namespace curfew::test
