#include "config/certificate.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>

namespace curfew::config {
namespace {

struct Free {
    void operator()(BIO* bio) const noexcept { BIO_free(bio); }
    void operator()(X509* certificate) const noexcept { X509_free(certificate); }
    void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
};
using Bio = std::unique_ptr<BIO, Free>;
using Certificate = std::unique_ptr<X509, Free>;
using Key = std::unique_ptr<EVP_PKEY, Free>;

Bio reading(std::string_view pem) {
    return Bio{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
}

// OpenSSL would ask on the terminal otherwise.
int no_passphrase(char*, int, int, void*) {
    return -1;
}

Certificate next_certificate(BIO* bio) {
    return Certificate{PEM_read_bio_X509(bio, nullptr, no_passphrase, nullptr)};
}

Key read_key(std::string_view pem) {
    return Key{PEM_read_bio_PrivateKey(reading(pem).get(), nullptr, no_passphrase, nullptr)};
}

}  // namespace

std::optional<std::string> wrong_certificates(std::string_view pem) {
    const Bio bio = reading(pem);
    int count = 0;
    ERR_clear_error();
    while (next_certificate(bio.get()))
        ++count;
    const bool reached_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    if (count == 0 && reached_end) return "holds no certificate in PEM form";
    if (!reached_end) return "certificate " + std::to_string(count + 1) + " in it does not parse";
    return std::nullopt;
}

std::optional<std::string> wrong_key(std::string_view pem) {
    ERR_clear_error();
    const Key key = read_key(pem);
    ERR_clear_error();
    if (key) return std::nullopt;
    if (pem.find("ENCRYPTED") != std::string_view::npos) {
        return "is encrypted, and there is nobody to ask for its passphrase; store it decrypted";
    }
    return "holds no private key in PEM form";
}

bool key_matches(std::string_view certificates_pem, std::string_view key_pem) {
    const Certificate certificate = next_certificate(reading(certificates_pem).get());
    const Key key = read_key(key_pem);
    const bool matches = certificate && key && X509_check_private_key(certificate.get(), key.get()) == 1;
    ERR_clear_error();
    return matches;
}

}  // namespace curfew::config
