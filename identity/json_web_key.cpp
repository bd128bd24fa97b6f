#include "identity/json_web_key.hpp"

#include <fmt/format.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <boost/json/value.hpp>
#include <utility>

#include "base/openssl_bytes.hpp"
#include "identity/base64.hpp"
#include "identity/json_members.hpp"

namespace curfew::identity {
namespace {

namespace json = boost::json;

using BigNumber = std::unique_ptr<BIGNUM, void (*)(BIGNUM*)>;
using ParameterBuilder = std::unique_ptr<OSSL_PARAM_BLD, void (*)(OSSL_PARAM_BLD*)>;
using Parameters = std::unique_ptr<OSSL_PARAM, void (*)(OSSL_PARAM*)>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, void (*)(EVP_PKEY_CTX*)>;

constexpr std::size_t coordinate_size = 32;  // of P-256 and Ed25519
constexpr std::size_t most_keys = 100;
constexpr int least_rsa_bits = 2048;
constexpr int most_rsa_bits = 16384;  // OpenSSL's own limit for verification

std::optional<std::string> bytes_member(const json::object& jwk, std::string_view name) {
    const auto text = text_member(jwk, name);
    return text ? decode_base64(*text, Base64::url) : std::nullopt;
}

BigNumber number(std::string_view bytes) {
    return {BN_bin2bn(bytes_of(bytes), static_cast<int>(bytes.size()), nullptr), BN_free};
}

// The public key of `type` that the parameters describe; empty where they describe none.
std::shared_ptr<EVP_PKEY> build_key(const char* type, OSSL_PARAM_BLD* builder) {
    const Parameters parameters{OSSL_PARAM_BLD_to_param(builder), OSSL_PARAM_free};
    const KeyContext context{EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr), EVP_PKEY_CTX_free};
    EVP_PKEY* key = nullptr;
    if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1)
        return nullptr;
    return {key, EVP_PKEY_free};
}

std::shared_ptr<EVP_PKEY> rsa_key(const json::object& jwk) {
    const auto modulus = bytes_member(jwk, "n");
    const auto exponent = bytes_member(jwk, "e");
    if (!modulus || !exponent || modulus->size() > most_rsa_bits / 8 || exponent->size() > 8) return nullptr;
    const BigNumber n = number(*modulus);
    const BigNumber e = number(*exponent);
    if (!n || !e || BN_num_bits(n.get()) < least_rsa_bits || !BN_is_odd(e.get()) || BN_is_one(e.get()))
        return nullptr;
    const ParameterBuilder builder{OSSL_PARAM_BLD_new(), OSSL_PARAM_BLD_free};
    if (!builder || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1)
        return nullptr;
    return build_key("RSA", builder.get());
}

std::shared_ptr<EVP_PKEY> p256_key(const json::object& jwk) {
    const auto x = bytes_member(jwk, "x");
    const auto y = bytes_member(jwk, "y");
    if (text_member(jwk, "crv") != "P-256" || !x || !y || x->size() != coordinate_size ||
        y->size() != coordinate_size)
        return nullptr;
    const std::string point = '\x04' + *x + *y;  // SEC 1, uncompressed
    const ParameterBuilder builder{OSSL_PARAM_BLD_new(), OSSL_PARAM_BLD_free};
    if (!builder ||
        OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) != 1 ||
        OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                         point.size()) != 1)
        return nullptr;
    return build_key("EC", builder.get());
}

std::shared_ptr<EVP_PKEY> ed25519_key(const json::object& jwk) {
    const auto x = bytes_member(jwk, "x");
    if (text_member(jwk, "crv") != "Ed25519" || !x || x->size() != coordinate_size) return nullptr;
    EVP_PKEY* key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(*x), x->size());
    return key == nullptr ? nullptr : std::shared_ptr<EVP_PKEY>{key, EVP_PKEY_free};
}

// ECDSA in a JWS is r and s, 32 bytes each (RFC 7518, section 3.4); OpenSSL wants DER. Empty if it is not
// that.
std::string der_of(std::string_view signature) {
    if (signature.size() != 2 * coordinate_size) return {};
    BigNumber r = number(signature.substr(0, coordinate_size));
    BigNumber s = number(signature.substr(coordinate_size));
    const std::unique_ptr<ECDSA_SIG, void (*)(ECDSA_SIG*)> pair{ECDSA_SIG_new(), ECDSA_SIG_free};
    if (!r || !s || !pair || ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1) return {};
    (void)r.release();  // the pair's now
    (void)s.release();
    unsigned char* bytes = nullptr;
    const int length = i2d_ECDSA_SIG(pair.get(), &bytes);
    if (length <= 0) return {};
    std::string der{reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(length)};
    OPENSSL_free(bytes);
    return der;
}

bool use_pss(EVP_PKEY_CTX* context) {
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

bool is_for_signatures(const json::object& jwk) {
    if (jwk.contains("use") && text_member(jwk, "use") != "sig") return false;
    if (!jwk.contains("key_ops")) return true;
    const auto operations = texts_member(jwk, "key_ops");
    return operations && std::find(operations->begin(), operations->end(), "verify") != operations->end();
}

}  // namespace

std::string_view to_string(SignatureAlgorithm algorithm) {
    switch (algorithm) {
        case SignatureAlgorithm::rs256:
            return "RS256";
        case SignatureAlgorithm::ps256:
            return "PS256";
        case SignatureAlgorithm::es256:
            return "ES256";
        case SignatureAlgorithm::eddsa:
            return "EdDSA";
    }
    return "unknown";
}

std::optional<SignatureAlgorithm> parse_signature_algorithm(std::string_view text) {
    const auto found =
        std::find_if(all_signature_algorithms.begin(), all_signature_algorithms.end(),
                     [&](SignatureAlgorithm algorithm) { return to_string(algorithm) == text; });
    return found == all_signature_algorithms.end() ? std::nullopt : std::optional{*found};
}

std::optional<VerificationKey> VerificationKey::parse(const json::object& jwk) {
    if (!is_for_signatures(jwk)) return std::nullopt;
    VerificationKey key;
    const auto type = text_member(jwk, "kty");
    if (type == "RSA") {
        key.kind_ = Kind::rsa;
        key.key_ = rsa_key(jwk);
    } else if (type == "EC") {
        key.kind_ = Kind::p256;
        key.key_ = p256_key(jwk);
    } else if (type == "OKP") {
        key.kind_ = Kind::ed25519;
        key.key_ = ed25519_key(jwk);
    }
    if (!key.key_) return std::nullopt;
    if (jwk.contains("alg")) {
        key.only_for_ = parse_signature_algorithm(text_member(jwk, "alg").value_or(""));
        if (!key.only_for_) return std::nullopt;
    }
    key.id_ = text_member(jwk, "kid").value_or("");
    return key;
}

bool VerificationKey::fits(SignatureAlgorithm algorithm) const noexcept {
    if (only_for_ && *only_for_ != algorithm) return false;
    switch (algorithm) {
        case SignatureAlgorithm::rs256:
        case SignatureAlgorithm::ps256:
            return kind_ == Kind::rsa;
        case SignatureAlgorithm::es256:
            return kind_ == Kind::p256;
        case SignatureAlgorithm::eddsa:
            return kind_ == Kind::ed25519;
    }
    return false;
}

bool VerificationKey::verifies(SignatureAlgorithm algorithm, std::string_view signed_text,
                               std::string_view signature) const {
    if (!fits(algorithm)) return false;
    const std::string der =
        algorithm == SignatureAlgorithm::es256 ? der_of(signature) : std::string{signature};
    if (der.empty()) return false;
    const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context{EVP_MD_CTX_new(), EVP_MD_CTX_free};
    EVP_PKEY_CTX* key_context = nullptr;  // the context's
    const EVP_MD* digest = algorithm == SignatureAlgorithm::eddsa ? nullptr : EVP_sha256();
    if (!context || EVP_DigestVerifyInit(context.get(), &key_context, digest, nullptr, key_.get()) != 1)
        return false;
    if (algorithm == SignatureAlgorithm::ps256 && !use_pss(key_context)) return false;
    return EVP_DigestVerify(context.get(), bytes_of(der), der.size(), bytes_of(signed_text),
                            signed_text.size()) == 1;
}

Result<KeySet> KeySet::parse(std::string_view json_text) {
    const auto object = parse_object(json_text);
    const json::value* keys = object ? object->if_contains("keys") : nullptr;
    if (keys == nullptr || !keys->is_array())
        return Error{ErrorCode::invalid, "what the provider gave as its keys is no JWK set"};
    KeySet set;
    for (const json::value& item : keys->get_array()) {
        if (set.keys_.size() == most_keys) break;
        if (!item.is_object()) continue;
        if (auto key = VerificationKey::parse(item.get_object())) set.keys_.push_back(std::move(*key));
    }
    if (set.keys_.empty())
        return Error{ErrorCode::invalid,
                     "none of the provider's keys can be used: needed is one of RSA (2048 "
                     "bits at least), EC on P-256 or Ed25519 that is for signatures"};
    return set;
}

const VerificationKey* KeySet::find(std::string_view id, SignatureAlgorithm algorithm) const {
    const VerificationKey* found = nullptr;
    for (const VerificationKey& key : keys_) {
        if (!key.fits(algorithm) || (!id.empty() && key.id() != id)) continue;
        if (!id.empty()) return &key;
        if (found != nullptr) return nullptr;
        found = &key;
    }
    return found;
}

}  // namespace curfew::identity
