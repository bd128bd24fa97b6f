// Digests by SHA-256 (FIPS 180-4), by OpenSSL. In text they are what to_hex() gives, as sha256sum(1) writes
// them.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/hex.hpp"

namespace curfew {

using Sha256Digest = std::array<unsigned char, 32>;

// Throws std::runtime_error where OpenSSL cannot compute one: there is no going on without.
Sha256Digest sha256(std::string_view bytes);

// The same as text is passed; lives as long as `digest`.
inline std::string_view digest_bytes(const Sha256Digest& digest) noexcept {
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace curfew
