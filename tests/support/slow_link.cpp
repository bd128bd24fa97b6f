#include "support/slow_link.hpp"

#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sys/ioctl.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstring>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "support/file_descriptor.hpp"
#include "support/process.hpp"
#include "support/timing.hpp"

namespace curfew::test {

namespace asio = boost::asio;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t longest_packet = 65'536;

// In this thread's network. Gone with its descriptor.
FileDescriptor open_device(const std::string& name, const std::string& address, const std::string& peer) {
    FileDescriptor device{::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC)};
    if (!device) throw std::system_error(errno, std::generic_category(), "open /dev/net/tun");
    ifreq request{};
    request.ifr_flags = IFF_TUN | IFF_NO_PI;
    std::strncpy(request.ifr_name, name.c_str(), IFNAMSIZ - 1);
    if (::ioctl(device.get(), TUNSETIFF, &request) != 0)
        throw std::system_error(errno, std::generic_category(), "TUNSETIFF " + name);
    Process::Options options;
    options.input = "addr add " + address + " peer " + peer + " dev " + name + "\nlink set " + name + " up\n";
    const CommandResult result = run({"ip", "-batch", "-"}, std::move(options));
    if (!result.status.success()) throw std::runtime_error("ip -batch: " + result.err);
    return device;
}

}  // namespace

// 198.18.0.0/15 is set aside for tests of networks.
SlowLink::SlowLink(const NetworkOfHosts& network, const std::string& from, const std::string& to, int number)
    : near_address_{"198.19." + std::to_string(number) + ".1"},
      far_address_{"198.19." + std::to_string(number) + ".2"},
      near_{loop_},
      far_{loop_} {
    const std::string name = "slow" + std::to_string(number);
    near_.assign(
        network.inside(from, [&] { return open_device(name, near_address_, far_address_); }).release());
    far_.assign(network.inside(to, [&] { return open_device(name, far_address_, near_address_); }).release());
    asio::co_spawn(loop_, carry(near_, far_), asio::detached);
    asio::co_spawn(loop_, carry(far_, near_), asio::detached);
    thread_ = std::thread{[this] { loop_.run(); }};
}

SlowLink::~SlowLink() {
    loop_.stop();
    thread_.join();
}

void SlowLink::set(Pace pace) {
    latency_ms_ = pace.latency.count();
    bytes_per_second_ = pace.bytes_per_second;
}

// A packet that the other side does not take is lost, as on any link.
asio::awaitable<void> SlowLink::carry(Device& from, Device& to) {
    std::array<char, longest_packet> buffer{};
    Instant free_at{};  // when what was taken so far has passed at the link's rate
    for (;;) {
        const auto [error, size] = co_await from.async_read_some(asio::buffer(buffer), as_result);
        if (error) co_return;
        free_at = std::max(now(), free_at);
        const std::size_t rate = bytes_per_second_;
        if (rate > 0) free_at += std::chrono::microseconds{size * 1'000'000 / rate};
        const auto arrival = std::make_shared<asio::steady_timer>(
            loop_, free_at + std::chrono::milliseconds{latency_ms_.load()});
        arrival->async_wait([arrival, &to, packet = std::string(buffer.data(), size)](
                                const boost::system::error_code& stopped) {
            boost::system::error_code ignored;
            if (!stopped) to.write_some(asio::buffer(packet), ignored);
        });
    }
}

}  // namespace curfew::test
