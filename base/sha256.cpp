#include "base/sha256.hpp"

#include <openssl/evp.h>

#include <stdexcept>

namespace curfew {

Sha256Digest sha256(std::string_view bytes) {
    Sha256Digest digest{};
    if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1)
        throw std::runtime_error("OpenSSL could not compute a SHA-256 digest");
    return digest;
}

}  // namespace curfew
