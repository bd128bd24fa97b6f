#include "http/destinations.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

namespace curfew::http {
namespace {

// IANA's special-purpose registry of IPv4 (RFC 6890), multicast, and what else no client connects to.
constexpr std::array<std::string_view, 18> not_public_v4{
    "0.0.0.0/8",         // this host
    "10.0.0.0/8",        // private
    "100.64.0.0/10",     // shared by carriers; a cloud's metadata
    "127.0.0.0/8",       // loopback
    "168.63.129.16/32",  // Azure's own, towards its machines
    "169.254.0.0/16",    // link-local; the metadata of most clouds
    "172.16.0.0/12",     // private
    "192.0.0.0/24",      // protocol assignments; a cloud's metadata
    "192.0.2.0/24",      // documentation
    "192.31.196.0/24",   // AS112
    "192.52.193.0/24",   // AMT
    "192.88.99.0/24",    // 6to4 relays
    "192.168.0.0/16",    // private
    "192.175.48.0/24",   // AS112
    "198.18.0.0/15",     // benchmarks
    "198.51.100.0/24",   // documentation
    "203.0.113.0/24",    // documentation
    "224.0.0.0/3",       // multicast, reserved, broadcast
};

// Of IPv6 only 2000::/3 is given out to the internet; these parts of it are not.
constexpr std::array<std::string_view, 5> not_public_v6{
    "2001::/23",          // protocol assignments, Teredo among them
    "2001:db8::/32",      // documentation
    "2620:4f:8000::/48",  // AS112
    "3fff::/20",          // documentation
    "2002::/16",          // 6to4, where it does not stand for a public address: see embedded_v4
};

template <std::size_t Count>
bool any_contains(const std::array<std::string_view, Count>& networks, const IpAddress& address) {
    return std::any_of(networks.begin(), networks.end(), [&](std::string_view text) {
        const auto network = IpNetwork::parse(text);
        return network && network->contains(address);
    });
}

bool is_in(std::string_view network, const IpAddress& address) {
    const auto parsed = IpNetwork::parse(network);
    return parsed && parsed->contains(address);
}

IpAddress v4_at(const IpAddress& address, std::size_t offset) {
    std::array<std::uint8_t, 4> bytes{};
    std::copy_n(address.bytes().begin() + static_cast<std::ptrdiff_t>(offset), bytes.size(), bytes.begin());
    return IpAddress::of_v4(bytes);
}

// The address of IPv4 that a translator on the way would connect to.
std::optional<IpAddress> embedded_v4(const IpAddress& address) {
    if (is_in("64:ff9b::/96", address)) return v4_at(address, 12);  // NAT64 (RFC 6052)
    if (is_in("2002::/16", address)) return v4_at(address, 2);      // 6to4 (RFC 3056)
    return std::nullopt;
}

std::optional<IpAddress> address_in(const sockaddr* address) {
    // Copied: what is pointed at need not be aligned as what it is.
    if (address->sa_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, address, sizeof v4);
        std::array<std::uint8_t, 4> bytes{};
        std::memcpy(bytes.data(), &v4.sin_addr, bytes.size());
        return IpAddress::of_v4(bytes);
    }
    if (address->sa_family == AF_INET6) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, address, sizeof v6);
        IpAddress::Bytes bytes{};
        std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
        return IpAddress::of_v6(bytes);
    }
    return std::nullopt;
}

}  // namespace

bool is_public(const IpAddress& address) {
    if (address.is_v4()) return !any_contains(not_public_v4, address);
    if (const auto v4 = embedded_v4(address)) return is_public(*v4);
    return is_in("2000::/3", address) && !any_contains(not_public_v6, address);
}

Destinations Destinations::public_and(std::vector<IpNetwork> allowed) {
    Destinations destinations;
    destinations.limited_ = true;
    destinations.allowed_ = std::move(allowed);
    return destinations;
}

bool Destinations::allow(const IpAddress& address) const {
    if (!limited_ || is_public(address)) return true;
    return std::any_of(allowed_.begin(), allowed_.end(),
                       [&](const IpNetwork& network) { return network.contains(address); });
}

bool Destinations::allow(const sockaddr* address) const {
    if (!limited_) return true;
    const auto read = address_in(address);
    return read && allow(*read);
}

}  // namespace curfew::http
