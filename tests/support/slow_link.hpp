// A link that takes its time.
#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <thread>

namespace curfew::test {

// A TCP relay on the loopback that passes everything on later, each way, and not faster than it may. Both of
// its sides belong to the network that it was made in.
class SlowLink {
public:
    struct Pace {
        std::chrono::milliseconds latency{0};  // each way
        std::size_t bytes_per_second = 0;      // each way; 0: as fast as can be
    };

    // To `port` at `address`, an IP address.
    SlowLink(const std::string& address, std::uint16_t port, Pace pace);
    ~SlowLink();
    SlowLink(const SlowLink&) = delete;
    SlowLink& operator=(const SlowLink&) = delete;

    // Where it listens, on 127.0.0.1.
    std::uint16_t port() const noexcept { return port_; }
    // For what comes from here on.
    void set(Pace pace);

private:
    using Socket = boost::asio::ip::tcp::socket;
    struct Passage;

    boost::asio::awaitable<void> accept();
    boost::asio::awaitable<void> carry(Socket client);
    boost::asio::awaitable<void> take(Passage& passage);
    boost::asio::awaitable<void> give(Passage& passage);

    std::atomic<std::int64_t> latency_ms_;
    std::atomic<std::size_t> bytes_per_second_;
    boost::asio::io_context loop_{1};
    boost::asio::ip::tcp::endpoint target_;
    boost::asio::ip::tcp::acceptor acceptor_;
    std::uint16_t port_;
    std::thread thread_;
};

}  // namespace curfew::test
