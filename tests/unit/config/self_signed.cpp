#include "self_signed.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>
#include <stdexcept>

namespace curfew::config::test {
namespace {

constexpr long day = 24L * 60 * 60;

template <class Write>
std::string to_pem(Write write) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> bio{BIO_new(BIO_s_mem()), BIO_free};
    if (write(bio.get()) != 1) throw std::runtime_error("cannot write PEM");
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

}  // namespace

SelfSigned make_self_signed(Validity validity) {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key{EVP_EC_gen("P-256"), EVP_PKEY_free};
    const std::unique_ptr<X509, decltype(&X509_free)> certificate{X509_new(), X509_free};
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -2 * day);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), validity == Validity::expired ? -day : day);
    X509_set_pubkey(certificate.get(), key.get());
    if (X509_sign(certificate.get(), key.get(), EVP_sha256()) == 0) throw std::runtime_error("cannot sign");

    SelfSigned pem;
    pem.certificate = to_pem([&](BIO* bio) { return PEM_write_bio_X509(bio, certificate.get()); });
    pem.key = to_pem([&](BIO* bio) {
        return PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
    pem.encrypted_key = to_pem([&](BIO* bio) {
        const unsigned char passphrase[] = "passphrase";
        return PEM_write_bio_PrivateKey(bio, key.get(), EVP_aes_128_cbc(), passphrase, 10, nullptr, nullptr);
    });
    return pem;
}

}  // namespace curfew::config::test
