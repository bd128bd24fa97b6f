#include "policy/address_range.hpp"

#include <arpa/inet.h>

namespace curfew::policy {
namespace {

constexpr std::size_t length_v4 = 4;
constexpr std::size_t length_v6 = 16;

// How many bytes `text` is as an address; 0: it is none. A zone (`fe80::1%eth0`) does not count.
std::size_t read_address(const std::string& text, std::array<std::uint8_t, 16>& bytes) {
    const std::string plain = text.substr(0, text.find('%'));
    if (::inet_pton(AF_INET, plain.c_str(), bytes.data()) == 1) return length_v4;
    if (::inet_pton(AF_INET6, plain.c_str(), bytes.data()) == 1) return length_v6;
    return 0;
}

}  // namespace

std::optional<AddressRange> AddressRange::parse(const std::string& address, const std::string& mask) {
    AddressRange range;
    range.length_ = read_address(address, range.address_);
    if (range.length_ == 0) return std::nullopt;
    if (mask.empty()) {
        range.mask_.fill(0xff);
        return range;
    }
    if (read_address(mask, range.mask_) != range.length_) return std::nullopt;
    return range;
}

AddressRange AddressRange::loopback_v4() {
    return *parse("127.0.0.0", "255.0.0.0");
}

AddressRange AddressRange::loopback_v6() {
    return *parse("::1");
}

bool AddressRange::contains(const AddressRange& other) const {
    if (length_ != other.length_) return false;
    for (std::size_t i = 0; i < length_; ++i) {
        // Each bit that we ask for, the other one asks for as well, and of the same value.
        if ((mask_[i] & ~other.mask_[i]) != 0) return false;
        if (((address_[i] ^ other.address_[i]) & mask_[i]) != 0) return false;
    }
    return true;
}

bool AddressRange::overlaps(const AddressRange& other) const {
    if (length_ != other.length_) return false;
    for (std::size_t i = 0; i < length_; ++i) {
        if (((address_[i] ^ other.address_[i]) & mask_[i] & other.mask_[i]) != 0) return false;
    }
    return true;
}

bool AddressRange::is_loopback() const {
    return loopback_v4().contains(*this) || loopback_v6().contains(*this);
}

}  // namespace curfew::policy
