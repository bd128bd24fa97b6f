// The cryptography of SCRAM-SHA-256 (RFC 5802, section 3; RFC 7677). Throws std::runtime_error only where
// OpenSSL itself fails (out of memory).
#pragma once

#include <array>
#include <span>
#include <string_view>

namespace curfew::postgres {

inline constexpr std::size_t scram_key_size = 32;
using Digest = std::array<unsigned char, scram_key_size>;

Digest hmac_sha256(std::span<const unsigned char> key, std::string_view message);

// What a password stands for in an exchange. Whoever has the client key can log in: wiped when it goes.
struct ScramKeys {
    Digest client_key{};
    Digest server_key{};

    ~ScramKeys();
};

// Prepares the password by SASLprep and hashes it `iterations` times: slow on purpose (4096 iterations take
// about a millisecond). `iterations` is at least 1.
ScramKeys derive_scram_keys(std::string_view password, std::string_view salt, int iterations);

// What a server keeps of a client key.
Digest stored_key_of(const Digest& client_key);

// `authenticated` is AuthMessage: client-first-message-bare, server-first-message and
// client-final-message-without-proof, with commas between them.
Digest client_proof(const Digest& client_key, std::string_view authenticated);
Digest server_signature(const Digest& server_key, std::string_view authenticated);
// Whether `proof` was made with the client key that `stored_key` was made of. Takes the same time either way.
bool is_client_proof(const Digest& proof, const Digest& stored_key, std::string_view authenticated);

}  // namespace curfew::postgres
