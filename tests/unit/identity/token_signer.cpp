#include "token_signer.hpp"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <stdexcept>
#include <utility>
#include <vector>

#include "identity/base64.hpp"

namespace curfew::identity {
namespace {

namespace json = boost::json;

EVP_PKEY* generate(SignatureAlgorithm algorithm) {
    switch (algorithm) {
        case SignatureAlgorithm::rs256:
        case SignatureAlgorithm::ps256:
            return EVP_RSA_gen(2048);
        case SignatureAlgorithm::es256:
            return EVP_EC_gen("P-256");
        case SignatureAlgorithm::eddsa:
            return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
    }
    return nullptr;
}

void require(bool succeeded) {
    if (!succeeded) throw std::runtime_error("OpenSSL refuses");
}

std::string number_of(EVP_PKEY* key, const char* name, std::size_t size = 0) {
    BIGNUM* number = nullptr;
    require(EVP_PKEY_get_bn_param(key, name, &number) == 1);
    std::string bytes(size != 0 ? size : static_cast<std::size_t>(BN_num_bytes(number)), '\0');
    BN_bn2binpad(number, reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
    BN_free(number);
    return encode_base64(bytes, Base64::url);
}

// r and s, 32 bytes each, of what OpenSSL wrote as DER.
std::string pair_of(std::string_view der) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
    ECDSA_SIG* signature = d2i_ECDSA_SIG(nullptr, &bytes, static_cast<long>(der.size()));
    require(signature != nullptr);
    std::string pair(64, '\0');
    auto* out = reinterpret_cast<unsigned char*>(pair.data());
    BN_bn2binpad(ECDSA_SIG_get0_r(signature), out, 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(signature), out + 32, 32);
    ECDSA_SIG_free(signature);
    return pair;
}

}  // namespace

std::string compact(const json::object& header, std::string_view payload, std::string_view signature) {
    return encode_base64(json::serialize(header), Base64::url) + '.' + encode_base64(payload, Base64::url) +
           '.' + encode_base64(signature, Base64::url);
}

TokenSigner::TokenSigner(SignatureAlgorithm algorithm, std::string key_id)
    : algorithm_{algorithm}, key_id_{std::move(key_id)}, key_{generate(algorithm), EVP_PKEY_free} {
    require(key_ != nullptr);
}

json::object TokenSigner::jwk() const {
    json::object jwk{{"kid", key_id_}, {"use", "sig"}};
    switch (algorithm_) {
        case SignatureAlgorithm::rs256:
        case SignatureAlgorithm::ps256:
            jwk["kty"] = "RSA";
            jwk["n"] = number_of(key_.get(), OSSL_PKEY_PARAM_RSA_N);
            jwk["e"] = number_of(key_.get(), OSSL_PKEY_PARAM_RSA_E);
            break;
        case SignatureAlgorithm::es256:
            jwk["kty"] = "EC";
            jwk["crv"] = "P-256";
            jwk["x"] = number_of(key_.get(), OSSL_PKEY_PARAM_EC_PUB_X, 32);
            jwk["y"] = number_of(key_.get(), OSSL_PKEY_PARAM_EC_PUB_Y, 32);
            break;
        case SignatureAlgorithm::eddsa: {
            std::string bytes(32, '\0');
            std::size_t size = bytes.size();
            require(EVP_PKEY_get_raw_public_key(key_.get(), reinterpret_cast<unsigned char*>(bytes.data()),
                                                &size) == 1);
            jwk["kty"] = "OKP";
            jwk["crv"] = "Ed25519";
            jwk["x"] = encode_base64(bytes, Base64::url);
        }
    }
    return jwk;
}

std::string TokenSigner::key_set() const {
    return json::serialize(json::object{{"keys", json::array{jwk()}}});
}

json::object TokenSigner::header() const {
    return {{"alg", to_string(algorithm_)}, {"kid", key_id_}, {"typ", "JWT"}};
}

std::string TokenSigner::sign(const json::object& claims) const {
    return sign(header(), claims);
}

std::string TokenSigner::sign(const json::object& header, const json::object& claims) const {
    const std::string payload = json::serialize(claims);
    std::string text =
        encode_base64(json::serialize(header), Base64::url) + '.' + encode_base64(payload, Base64::url);
    const std::string signature = signature_on(text);
    return text + '.' + encode_base64(signature, Base64::url);
}

std::string TokenSigner::signature_on(std::string_view text) const {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    EVP_PKEY_CTX* key_context = nullptr;
    const EVP_MD* digest = algorithm_ == SignatureAlgorithm::eddsa ? nullptr : EVP_sha256();
    require(EVP_DigestSignInit(context, &key_context, digest, nullptr, key_.get()) == 1);
    if (algorithm_ == SignatureAlgorithm::ps256) {
        EVP_PKEY_CTX_set_rsa_padding(key_context, RSA_PKCS1_PSS_PADDING);
        EVP_PKEY_CTX_set_rsa_pss_saltlen(key_context, RSA_PSS_SALTLEN_DIGEST);
    }
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    std::size_t size = 0;
    require(EVP_DigestSign(context, nullptr, &size, bytes, text.size()) == 1);
    std::string signature(size, '\0');
    require(EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size, bytes,
                           text.size()) == 1);
    EVP_MD_CTX_free(context);
    signature.resize(size);
    return algorithm_ == SignatureAlgorithm::es256 ? pair_of(signature) : signature;
}

}  // namespace curfew::identity
