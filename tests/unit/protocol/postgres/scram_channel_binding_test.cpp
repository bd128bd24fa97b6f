#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <array>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "protocol/postgres/channel_binding.hpp"

namespace curfew::postgres {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

void require(const Key& key) {
    if (!key) throw std::runtime_error("cannot make a key");
}

Certificate unsigned_certificate(EVP_PKEY* key) {
    Certificate certificate{X509_new(), X509_free};
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
    X509_set_pubkey(certificate.get(), key);
    return certificate;
}

// Signed with an elliptic curve key by `hash`; nullptr for Ed25519, which has none to choose.
Certificate signed_by(const EVP_MD* hash) {
    const Key key{hash == nullptr ? EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519") : EVP_EC_gen("P-256"),
                  EVP_PKEY_free};
    require(key);
    Certificate certificate = unsigned_certificate(key.get());
    if (X509_sign(certificate.get(), key.get(), hash) == 0) throw std::runtime_error("cannot sign");
    return certificate;
}

std::string hash_of(const X509* certificate, const EVP_MD* hash) {
    unsigned char* der = nullptr;
    const int length = i2d_X509(certificate, &der);
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int digest_length = 0;
    EVP_Digest(der, static_cast<std::size_t>(length), digest.data(), &digest_length, hash, nullptr);
    OPENSSL_free(der);
    return {digest.begin(), digest.begin() + digest_length};
}

TEST(ChannelBinding, IsTheCertificatesHashByItsSignaturesHashFunction) {
    for (const EVP_MD* hash : {EVP_sha224(), EVP_sha256(), EVP_sha384(), EVP_sha512()}) {
        const Certificate certificate = signed_by(hash);
        const auto binding = tls_server_end_point(certificate.get());
        ASSERT_TRUE(binding) << EVP_MD_get0_name(hash);
        EXPECT_EQ(binding->data, hash_of(certificate.get(), hash)) << EVP_MD_get0_name(hash);
    }
}

TEST(ChannelBinding, UsesSha256InsteadOfSha1) {
    const Certificate certificate = signed_by(EVP_sha1());
    const auto binding = tls_server_end_point(certificate.get());
    ASSERT_TRUE(binding);
    EXPECT_EQ(binding->data, hash_of(certificate.get(), EVP_sha256()));
}

TEST(ChannelBinding, UsesSha256InsteadOfMd5) {
    const Key key{EVP_RSA_gen(2048), EVP_PKEY_free};
    require(key);
    const Certificate certificate = unsigned_certificate(key.get());
    ASSERT_NE(X509_sign(certificate.get(), key.get(), EVP_md5()), 0);
    const auto binding = tls_server_end_point(certificate.get());
    ASSERT_TRUE(binding);
    EXPECT_EQ(binding->data, hash_of(certificate.get(), EVP_sha256()));
}

TEST(ChannelBinding, FindsTheHashFunctionOfRsaPss) {
    const Key key{EVP_RSA_gen(2048), EVP_PKEY_free};
    require(key);
    const Certificate certificate = unsigned_certificate(key.get());
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(), EVP_MD_CTX_free};
    EVP_PKEY_CTX* key_context = nullptr;
    ASSERT_EQ(EVP_DigestSignInit(context.get(), &key_context, EVP_sha384(), nullptr, key.get()), 1);
    ASSERT_EQ(EVP_PKEY_CTX_set_rsa_padding(key_context, RSA_PKCS1_PSS_PADDING), 1);
    ASSERT_NE(X509_sign_ctx(certificate.get(), context.get()), 0);
    const auto binding = tls_server_end_point(certificate.get());
    ASSERT_TRUE(binding);
    EXPECT_EQ(binding->data, hash_of(certificate.get(), EVP_sha384()));
}

TEST(ChannelBinding, IsUndefinedForASignatureWithoutAHashFunction) {
    EXPECT_FALSE(tls_server_end_point(signed_by(nullptr).get()));
}

TEST(ChannelBinding, IsUndefinedWithoutACertificate) {
    EXPECT_FALSE(tls_server_end_point(nullptr));
}

// Independent of this program: `openssl x509 -outform DER | sha384sum` of a certificate signed by
// ecdsa-with-SHA384.
TEST(ChannelBinding, IsWhatOthersCompute) {
    constexpr std::string_view pem =
        "-----BEGIN CERTIFICATE-----\n"
        "MIIBgTCCASegAwIBAgIUD67VUgivhhaWVI5xr9m6nW4X8SgwCgYIKoZIzj0EAwMw\n"
        "FjEUMBIGA1UEAwwLY3VyZmV3LXRlc3QwHhcNMjYxMTI0MTYzOTQ5WhcNMzYxMTIx\n"
        "MTYzOTQ5WjAWMRQwEgYDVQQDDAtjdXJmZXctdGVzdDBZMBMGByqGSM49AgEGCCqG\n"
        "SM49AwEHA0IABH4rvS3mNPNwyFr7q74rZi2NbDCPvDZNFfdmqifgBRZa95zoExIg\n"
        "8ICpQxRHsXBldv2skQpR2xyWR3cIzfXiRpijUzBRMB0GA1UdDgQWBBTCV1eesHiC\n"
        "J6nzwWiUK2EqbujRiDAfBgNVHSMEGDAWgBTCV1eesHiCJ6nzwWiUK2EqbujRiDAP\n"
        "BgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMDA0gAMEUCIDswPF1c0bFoROYE7Hzy\n"
        "aIH2QJDv0P3wzuTk6m+zJ4fOAiEA1cYHC7Zs6Vjbw39xNkyrKgt0DQDQqgBZOJRR\n"
        "1Zqvc+4=\n"
        "-----END CERTIFICATE-----\n";
    const std::unique_ptr<BIO, decltype(&BIO_free)> bio{
        BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free};
    const Certificate certificate{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), X509_free};
    ASSERT_TRUE(certificate);
    const auto binding = tls_server_end_point(certificate.get());
    ASSERT_TRUE(binding);
    std::string hex;
    for (const unsigned char byte : binding->data) {
        hex += "0123456789abcdef"[byte >> 4U];
        hex += "0123456789abcdef"[byte & 0xFU];
    }
    EXPECT_EQ(hex,
              "825f949535aa01e252b4810e08baeba27d55ad03d527ab52"
              "47384f9761ee7d07b21256ac412008ad5223f8bb8c447072");
}

}  // namespace
}  // namespace curfew::postgres
