#include "identity/crypto.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <array>
#include <memory>
#include <stdexcept>

#include "base/openssl_bytes.hpp"

namespace curfew::identity {
namespace {

constexpr std::size_t digest_size = 32;

// OpenSSL's parameters are not const, though it only reads them.
OSSL_PARAM octets(const char* name, std::string_view text) {
    return OSSL_PARAM_construct_octet_string(name, const_cast<char*>(text.data()), text.size());
}

}  // namespace

std::string random_bytes(std::size_t count) {
    std::string bytes(count, '\0');
    if (RAND_bytes(bytes_of(bytes), static_cast<int>(count)) != 1)
        throw std::runtime_error("OpenSSL has no random bytes");
    return bytes;
}

std::string derive_key(std::string_view secret, std::string_view purpose) {
    const std::unique_ptr<EVP_KDF, void (*)(EVP_KDF*)> kdf{EVP_KDF_fetch(nullptr, "HKDF", nullptr),
                                                           EVP_KDF_free};
    const std::unique_ptr<EVP_KDF_CTX, void (*)(EVP_KDF_CTX*)> context{EVP_KDF_CTX_new(kdf.get()),
                                                                       EVP_KDF_CTX_free};
    std::array<char, 7> digest{"SHA256"};
    const std::array<OSSL_PARAM, 4> parameters{
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), 0),
        octets(OSSL_KDF_PARAM_KEY, secret), octets(OSSL_KDF_PARAM_INFO, purpose), OSSL_PARAM_construct_end()};
    std::string key(digest_size, '\0');
    if (!context || EVP_KDF_derive(context.get(), bytes_of(key), key.size(), parameters.data()) != 1)
        throw std::runtime_error("OpenSSL could not derive a key");
    return key;
}

}  // namespace curfew::identity
