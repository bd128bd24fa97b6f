#include "base/hmac.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <stdexcept>

namespace curfew {

Sha256Digest hmac_sha256(const Secret& key, std::string_view message) {
    Sha256Digest digest{};
    unsigned int length = 0;
    const std::string_view bytes = key.reveal();  // to be mixed into the digest, which does not give it away
    const auto* text = reinterpret_cast<const unsigned char*>(message.data());
    if (HMAC(EVP_sha256(), bytes.data(), static_cast<int>(bytes.size()), text, message.size(), digest.data(),
             &length) == nullptr ||
        length != digest.size())
        throw std::runtime_error("OpenSSL cannot compute HMAC-SHA256");
    return digest;
}

}  // namespace curfew
