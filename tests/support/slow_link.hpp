// A link that takes its time.
#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <thread>

#include "support/network_of_hosts.hpp"

namespace curfew::test {

// A second way from one host to another, by TUN devices: packets arrive as they were sent, but later, and not
// faster than they may. Hosts that stand before a PostgreSQL see it as it is: no address is translated.
class SlowLink {
public:
    struct Pace {
        std::chrono::milliseconds latency{0};  // each way
        std::size_t bytes_per_second = 0;      // each way; 0: as fast as can be
    };

    // `number` tells the links of one network from each other: 1 to 254.
    SlowLink(const NetworkOfHosts& network, const std::string& from, const std::string& to, int number);
    ~SlowLink();
    SlowLink(const SlowLink&) = delete;
    SlowLink& operator=(const SlowLink&) = delete;

    // That `from` reaches `to` by, by this link.
    const std::string& address() const noexcept { return far_address_; }
    // For what comes from here on.
    void set(Pace pace);

private:
    using Device = boost::asio::posix::stream_descriptor;

    boost::asio::awaitable<void> carry(Device& from, Device& to);

    std::atomic<std::int64_t> latency_ms_{0};
    std::atomic<std::size_t> bytes_per_second_{0};
    std::string near_address_;
    std::string far_address_;
    boost::asio::io_context loop_{1};
    Device near_;
    Device far_;
    std::thread thread_;
};

}  // namespace curfew::test
