// IP addresses and networks of them, as people write them.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace curfew {

// An address of either family. One of IPv4 is held as IPv6 maps it (::ffff:192.0.2.1), so that it is the same
// address however it was written.
class IpAddress {
public:
    using Bytes = std::array<std::uint8_t, 16>;

    static IpAddress of_v6(const Bytes& bytes) { return IpAddress{bytes}; }
    static IpAddress of_v4(const std::array<std::uint8_t, 4>& bytes);
    // `192.0.2.1`, `2001:db8::1`; no zone, no brackets. nullopt: it is none.
    static std::optional<IpAddress> parse(std::string_view text);

    const Bytes& bytes() const noexcept { return bytes_; }
    bool is_v4() const noexcept;
    std::string text() const;

    bool operator==(const IpAddress&) const = default;

private:
    explicit IpAddress(const Bytes& bytes) : bytes_{bytes} {}
    Bytes bytes_{};
};

// All addresses that begin with the same bits.
class IpNetwork {
public:
    // `10.0.0.0/8`, `2001:db8::/32`, or an address alone. nullopt: it is none, or has bits set behind its
    // length.
    static std::optional<IpNetwork> parse(std::string_view text);

    bool contains(const IpAddress& address) const noexcept;
    std::string text() const;

    bool operator==(const IpNetwork&) const = default;

private:
    IpNetwork(const IpAddress& first, std::size_t bits) : first_{first}, bits_{bits} {}
    IpAddress first_;
    std::size_t bits_;  // of the 128
};

}  // namespace curfew
