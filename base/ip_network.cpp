#include "base/ip_network.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace curfew {
namespace {

constexpr std::array<std::uint8_t, 12> v4_mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr std::size_t all_bits = 128;
constexpr std::size_t mapped_bits = 96;

// True if the two agree in the first `bits` bits.
bool agree(const IpAddress::Bytes& one, const IpAddress::Bytes& other, std::size_t bits) {
    const std::size_t whole = bits / 8;
    if (!std::equal(one.begin(), one.begin() + static_cast<std::ptrdiff_t>(whole), other.begin()))
        return false;
    if (bits % 8 == 0) return true;
    const auto mask = static_cast<std::uint8_t>(0xffU << (8 - bits % 8));
    return (one[whole] & mask) == (other[whole] & mask);
}

// True if none of the bits from `bits` on is set.
bool ends_in_zeroes(const IpAddress::Bytes& bytes, std::size_t bits) {
    for (std::size_t bit = bits; bit < all_bits; ++bit) {
        if ((bytes[bit / 8] & (0x80U >> (bit % 8))) != 0) return false;
    }
    return true;
}

}  // namespace

IpAddress IpAddress::of_v4(const std::array<std::uint8_t, 4>& bytes) {
    Bytes all{};
    std::copy(v4_mapped.begin(), v4_mapped.end(), all.begin());
    std::copy(bytes.begin(), bytes.end(), all.begin() + v4_mapped.size());
    return IpAddress{all};
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
    const std::string terminated{text};
    if (terminated.find('\0') != std::string::npos) return std::nullopt;
    std::array<std::uint8_t, 4> v4{};
    if (::inet_pton(AF_INET, terminated.c_str(), v4.data()) == 1) return of_v4(v4);
    Bytes v6{};
    if (::inet_pton(AF_INET6, terminated.c_str(), v6.data()) == 1) return of_v6(v6);
    return std::nullopt;
}

bool IpAddress::is_v4() const noexcept {
    return std::equal(v4_mapped.begin(), v4_mapped.end(), bytes_.begin());
}

std::string IpAddress::text() const {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (is_v4()) {
        ::inet_ntop(AF_INET, bytes_.data() + v4_mapped.size(), text.data(), text.size());
    } else {
        ::inet_ntop(AF_INET6, bytes_.data(), text.data(), text.size());
    }
    return text.data();
}

std::optional<IpNetwork> IpNetwork::parse(std::string_view text) {
    const auto slash = text.find('/');
    const auto first = IpAddress::parse(text.substr(0, slash));
    if (!first) return std::nullopt;
    // Of the family that it was written in: ::ffff:10.0.0.0/104 is one of IPv6.
    const std::size_t before = text.find(':') == std::string_view::npos ? mapped_bits : 0;
    std::size_t length = all_bits - before;
    if (slash != std::string_view::npos) {
        const std::string_view digits = text.substr(slash + 1);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
        if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
        if (length > all_bits - before) return std::nullopt;
    }
    if (!ends_in_zeroes(first->bytes(), before + length)) return std::nullopt;
    return IpNetwork{*first, before + length};
}

bool IpNetwork::contains(const IpAddress& address) const noexcept {
    return agree(first_.bytes(), address.bytes(), bits_);
}

std::string IpNetwork::text() const {
    const bool is_v4 = first_.is_v4() && bits_ >= mapped_bits;
    return first_.text() + "/" + std::to_string(is_v4 ? bits_ - mapped_bits : bits_);
}

}  // namespace curfew
