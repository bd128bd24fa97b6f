// The cryptography of SCRAM-SHA-256 (RFC 5802, section 3; RFC 7677). Throws std::runtime_error only where
// OpenSSL itself fails (out of memory).
#pragma once

#include <array>
#include <span>
#include <string_view>

namespace curfew::postgres {

inline constexpr std::size_t scram_key_size = 32;
using Digest = std::array<unsigned char, scram_key_size>;

Digest sha256(std::span<const unsigned char> bytes);
Digest hmac_sha256(std::span<const unsigned char> key, std::string_view message);
Digest exclusive_or(const Digest& a, const Digest& b) noexcept;

// What a password stands for in an exchange. Whoever has the client key can log in: wiped when it goes.
struct ScramKeys {
    Digest client_key{};
    Digest server_key{};

    ~ScramKeys();
};

// Prepares the password by SASLprep and hashes it `iterations` times: slow on purpose (4096 iterations cost
// about a millisecond). `iterations` is at least 1.
ScramKeys derive_scram_keys(std::string_view password, std::string_view salt, int iterations);

// What the server keeps of a client key.
Digest stored_key_of(const Digest& client_key);

}  // namespace curfew::postgres
