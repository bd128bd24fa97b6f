// A provider's public keys (RFC 7517), and signatures checked with them (RFC 7515, RFC 7518).
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "base/result.hpp"

struct evp_pkey_st;

namespace curfew::identity {

// The algorithms that a signature is accepted with. What is not here is refused: `none`, which is no
// signature, and HS256 and its kind, where who can check a signature can also make one.
enum class SignatureAlgorithm { rs256, ps256, es256, eddsa };
inline constexpr std::array all_signature_algorithms{SignatureAlgorithm::rs256, SignatureAlgorithm::ps256,
                                                     SignatureAlgorithm::es256, SignatureAlgorithm::eddsa};
std::string_view to_string(SignatureAlgorithm algorithm);  // `RS256`
std::optional<SignatureAlgorithm> parse_signature_algorithm(std::string_view text);

// RSA of 2048 bits and more, EC on P-256, or Ed25519. Immutable, so thread-safe.
class VerificationKey {
public:
    // nullopt for a key of another kind, for another use, or that is broken.
    static std::optional<VerificationKey> parse(const boost::json::object& jwk);

    const std::string& id() const noexcept { return id_; }  // `kid`; may be empty
    // Whether the key is for this algorithm, by its kind and by what it says itself.
    bool fits(SignatureAlgorithm algorithm) const noexcept;
    // Whether `signature`, as it stands in a JWS (decoded), is the key's owner's on `signed_text`.
    bool verifies(SignatureAlgorithm algorithm, std::string_view signed_text,
                  std::string_view signature) const;

private:
    enum class Kind { rsa, p256, ed25519 };
    VerificationKey() = default;

    Kind kind_ = Kind::rsa;
    std::string id_;
    std::optional<SignatureAlgorithm> only_for_;  // `alg`
    std::shared_ptr<evp_pkey_st> key_;
};

// A JWK set. Keys in it that are of no use to us are passed over.
class KeySet {
public:
    // invalid: no JWK set, or no key in it is of any use.
    static Result<KeySet> parse(std::string_view json_text);

    // The key that a token names by `id`; with an empty one, the only one that fits. nullptr: none, or not
    // told.
    const VerificationKey* find(std::string_view id, SignatureAlgorithm algorithm) const;
    std::size_t size() const noexcept { return keys_.size(); }

private:
    std::vector<VerificationKey> keys_;
};

}  // namespace curfew::identity
