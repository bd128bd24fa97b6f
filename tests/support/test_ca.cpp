#include "support/test_ca.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <stdexcept>

namespace curfew::test {
namespace {

using Key = std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)>;
using RevocationList = std::unique_ptr<X509_CRL, void (*)(X509_CRL*)>;
using Certificate = std::unique_ptr<X509, void (*)(X509*)>;

constexpr long day = 24L * 60 * 60;

template <class T>
T checked(T result, const char* what) {
    if (!result) {
        throw std::runtime_error(std::string{what} + ": " + ERR_error_string(ERR_get_error(), nullptr));
    }
    return result;
}

Key make_key(TestCa::KeyType type) {
    EVP_PKEY* key = type == TestCa::KeyType::ec ? EVP_EC_gen("P-256") : EVP_RSA_gen(2048);
    return Key{checked(key, "key generation"), EVP_PKEY_free};
}

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension =
        checked(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()), value.c_str());
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

// A certificate with everything but its issuer, its extensions and its signature.
Certificate make_certificate(std::string_view common_name, EVP_PKEY* key, long serial) {
    Certificate certificate{checked(X509_new(), "X509_new"), X509_free};
    X509_set_version(certificate.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -day);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 30 * day);
    X509_set_pubkey(certificate.get(), key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(common_name.data()),
                               static_cast<int>(common_name.size()), -1, 0);
    return certificate;
}

std::string drain(BIO* bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    std::string text{data, static_cast<std::size_t>(size)};
    BIO_free(bio);
    return text;
}

std::string to_pem(X509* certificate) {
    BIO* bio = checked(BIO_new(BIO_s_mem()), "BIO_new");
    PEM_write_bio_X509(bio, certificate);
    return drain(bio);
}

std::string to_pem(EVP_PKEY* key) {
    BIO* bio = checked(BIO_new(BIO_s_mem()), "BIO_new");
    PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
    return drain(bio);
}

std::string to_pem(X509_CRL* list) {
    BIO* bio = checked(BIO_new(BIO_s_mem()), "BIO_new");
    PEM_write_bio_X509_CRL(bio, list);
    return drain(bio);
}

}  // namespace

TestCa::TestCa(std::string_view common_name)
    : key_{make_key(KeyType::ec)}, own_{make_certificate(common_name, key_.get(), serial_++)} {
    X509_set_issuer_name(own_.get(), X509_get_subject_name(own_.get()));
    add_extension(own_.get(), own_.get(), NID_basic_constraints, "critical,CA:TRUE");
    add_extension(own_.get(), own_.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
    add_extension(own_.get(), own_.get(), NID_subject_key_identifier, "hash");
    checked(X509_sign(own_.get(), key_.get(), EVP_sha256()), "signing the CA certificate");
    certificate_ = directory_.write("ca.crt", to_pem(own_.get()));
}

TestCa::~TestCa() = default;

std::string TestCa::empty_revocation_list() const {
    const RevocationList list{checked(X509_CRL_new(), "X509_CRL_new"), X509_CRL_free};
    const std::unique_ptr<ASN1_TIME, void (*)(ASN1_TIME*)> from{X509_gmtime_adj(nullptr, -day),
                                                                ASN1_TIME_free};
    const std::unique_ptr<ASN1_TIME, void (*)(ASN1_TIME*)> until{X509_gmtime_adj(nullptr, 30 * day),
                                                                 ASN1_TIME_free};
    X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(own_.get()));
    X509_CRL_set1_lastUpdate(list.get(), from.get());
    X509_CRL_set1_nextUpdate(list.get(), until.get());
    checked(X509_CRL_sign(list.get(), key_.get(), EVP_sha256()), "signing a revocation list");
    return to_pem(list.get());
}

CertificateFiles TestCa::issue_server(std::string_view common_name, std::string_view names, KeyType type) {
    return issue(common_name, "serverAuth", names, type);
}

CertificateFiles TestCa::issue_client(std::string_view common_name, KeyType type) {
    return issue(common_name, "clientAuth", "", type);
}

CertificateFiles TestCa::issue(std::string_view common_name, std::string_view usage, std::string_view names,
                               KeyType type) {
    const Key key = make_key(type);
    const long serial = serial_++;
    const Certificate certificate = make_certificate(common_name, key.get(), serial);
    X509_set_issuer_name(certificate.get(), X509_get_subject_name(own_.get()));
    add_extension(certificate.get(), own_.get(), NID_basic_constraints, "critical,CA:FALSE");
    add_extension(certificate.get(), own_.get(), NID_ext_key_usage, std::string{usage});
    if (!names.empty())
        add_extension(certificate.get(), own_.get(), NID_subject_alt_name, std::string{names});
    checked(X509_sign(certificate.get(), key_.get(), EVP_sha256()), "signing a certificate");

    const std::string stem = std::to_string(serial);
    return {directory_.write(stem + ".crt", to_pem(certificate.get())),
            directory_.write(stem + ".key", to_pem(key.get()))};
}

}  // namespace curfew::test
