// Ed25519 signatures (RFC 8032), by OpenSSL: keys that people keep, and what they sign with them.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/secret.hpp"

struct evp_pkey_st;

namespace curfew {

inline constexpr std::size_t ed25519_key_size = 32;        // of a public key, in bytes
inline constexpr std::size_t ed25519_signature_size = 64;  // in bytes

// A private key. Its bytes never leave it but as PEM for the file that keeps it. Functions throw
// std::runtime_error where OpenSSL cannot do its work.
class Ed25519Key {
public:
    // A new one, of the system's random numbers.
    static Ed25519Key generate();
    // From PEM (PKCS #8, not encrypted), as to_pem() and `openssl genpkey -algorithm ed25519` write it.
    // invalid: it is none; nothing of what was read is in the message.
    static Result<Ed25519Key> from_pem(const Secret& pem);

    Secret to_pem() const;
    std::string public_key() const;  // its 32 bytes
    std::string sign(std::string_view message) const;

private:
    struct Free {
        void operator()(evp_pkey_st* key) const noexcept;
    };
    using Handle = std::unique_ptr<evp_pkey_st, Free>;
    explicit Ed25519Key(Handle key) : key_{std::move(key)} {}

    Handle key_;
};

// The 32 bytes of a public key, from their base64 or from PEM (`openssl pkey -pubout`). invalid: it is none.
Result<std::string> parse_ed25519_public_key(std::string_view text);

// A public key of 32 bytes in PEM, as `openssl pkey -pubout` writes it.
std::string ed25519_public_pem(std::string_view public_key);

// True if the owner of `public_key` (32 bytes) signed `message`. False also for keys and signatures of any
// other size.
bool ed25519_verify(std::string_view public_key, std::string_view message, std::string_view signature);

// `SHA256:…`, for people to compare by eye or on the telephone: of the key's 32 bytes, in hex, in groups of
// four, the first 16 bytes.
std::string ed25519_fingerprint(std::string_view public_key);

}  // namespace curfew
