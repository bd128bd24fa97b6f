// Ranges of IP addresses, as pg_hba.conf writes them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace curfew::policy {

// All addresses of one family that agree with one in the bits of a mask.
class AddressRange {
public:
    // `192.0.2.0` and `255.255.255.0`; without a mask one address. nullopt: these are no addresses.
    static std::optional<AddressRange> parse(const std::string& address, const std::string& mask = "");
    static AddressRange loopback_v4();
    static AddressRange loopback_v6();

    bool contains(const AddressRange& other) const;
    bool overlaps(const AddressRange& other) const;
    // Nothing but this machine itself.
    bool is_loopback() const;

private:
    using Bytes = std::array<std::uint8_t, 16>;

    std::size_t length_ = 0;  // of addresses of this family, in bytes
    Bytes address_{};
    Bytes mask_{};
};

}  // namespace curfew::policy
