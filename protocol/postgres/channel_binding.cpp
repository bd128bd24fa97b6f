#include "protocol/postgres/channel_binding.hpp"

#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

#include <array>

namespace curfew::postgres {
namespace {

// The hash function of the certificate's signature, those hidden in RSASSA-PSS parameters included.
const EVP_MD* binding_hash(const X509* certificate) {
    int hash = NID_undef;
    // Fills in what the certificate caches of itself, under its own lock, and changes nothing else.
    if (X509_get_signature_info(const_cast<X509*>(certificate), &hash, nullptr, nullptr, nullptr) != 1) {
        return nullptr;
    }
    if (hash == NID_md5 || hash == NID_sha1) return EVP_sha256();
    return EVP_get_digestbynid(hash);
}

}  // namespace

std::optional<ChannelBinding> tls_server_end_point(const X509* certificate) {
    const EVP_MD* hash = certificate == nullptr ? nullptr : binding_hash(certificate);
    if (hash == nullptr) return std::nullopt;
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int length = 0;
    if (X509_digest(certificate, hash, digest.data(), &length) != 1) return std::nullopt;
    return ChannelBinding{std::string{digest.begin(), digest.begin() + length}};
}

}  // namespace curfew::postgres
