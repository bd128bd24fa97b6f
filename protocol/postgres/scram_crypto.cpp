#include "protocol/postgres/scram_crypto.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <cstddef>
#include <stdexcept>

#include "base/secret.hpp"
#include "protocol/postgres/saslprep.hpp"

namespace curfew::postgres {
namespace {

const unsigned char* as_bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

void require(bool succeeded) {
    if (!succeeded) throw std::runtime_error("OpenSSL could not compute a SCRAM hash");
}

Digest exclusive_or(const Digest& a, const Digest& b) noexcept {
    Digest result;
    for (std::size_t i = 0; i < result.size(); ++i)
        result[i] = a[i] ^ b[i];
    return result;
}

}  // namespace

Digest hmac_sha256(std::span<const unsigned char> key, std::string_view message) {
    Digest digest;
    require(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), as_bytes(message), message.size(),
                 digest.data(), nullptr) != nullptr);
    return digest;
}

ScramKeys::~ScramKeys() {
    OPENSSL_cleanse(client_key.data(), client_key.size());
    OPENSSL_cleanse(server_key.data(), server_key.size());
}

ScramKeys derive_scram_keys(std::string_view password, std::string_view salt, int iterations) {
    const Secret prepared = saslprep(password);
    const std::string_view bytes = prepared.reveal();  // to be hashed
    Digest salted;
    require(PKCS5_PBKDF2_HMAC(bytes.data(), static_cast<int>(bytes.size()), as_bytes(salt),
                              static_cast<int>(salt.size()), iterations, EVP_sha256(),
                              static_cast<int>(salted.size()), salted.data()) == 1);
    ScramKeys keys;
    keys.client_key = hmac_sha256(salted, "Client Key");
    keys.server_key = hmac_sha256(salted, "Server Key");
    OPENSSL_cleanse(salted.data(), salted.size());
    return keys;
}

Digest stored_key_of(const Digest& client_key) {
    Digest digest;
    require(EVP_Digest(client_key.data(), client_key.size(), digest.data(), nullptr, EVP_sha256(), nullptr) ==
            1);
    return digest;
}

Digest client_proof(const Digest& client_key, std::string_view authenticated) {
    return exclusive_or(client_key, hmac_sha256(stored_key_of(client_key), authenticated));
}

Digest server_signature(const Digest& server_key, std::string_view authenticated) {
    return hmac_sha256(server_key, authenticated);
}

bool is_client_proof(const Digest& proof, const Digest& stored_key, std::string_view authenticated) {
    Digest client_key = exclusive_or(proof, hmac_sha256(stored_key, authenticated));
    const bool right = equal_constant_time(stored_key_of(client_key), stored_key);
    OPENSSL_cleanse(client_key.data(), client_key.size());
    return right;
}

}  // namespace curfew::postgres
