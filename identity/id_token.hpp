// ID tokens: what a provider says about who signed in, and whether to believe it. Pure.
#pragma once

#include <boost/json/object.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "identity/json_web_key.hpp"

namespace curfew::identity {

// A JWS in compact form (RFC 7515), taken apart. Nothing of it is to be believed before its signature is
// verified.
class SignedToken {
public:
    // invalid: it is none, is signed by an algorithm that is not accepted (`none`, HS256 …), or has
    // extensions that must be understood and are not (`crit`).
    static Result<SignedToken> parse(std::string_view text);

    SignatureAlgorithm algorithm() const noexcept { return algorithm_; }
    const std::string& key_id() const noexcept { return key_id_; }  // `kid`; may be empty

    // The claims, if the signature is the key's owner's; else invalid.
    Result<boost::json::object> verify(const VerificationKey& key) const;

private:
    SignedToken() = default;

    SignatureAlgorithm algorithm_{};
    std::string key_id_;
    std::string signed_text_;
    std::string payload_;
    std::string signature_;
};

// How far the provider's clock may be from ours.
inline constexpr std::chrono::seconds clock_skew{60};

// What an ID token has to say to be for us, here and now.
struct IdTokenTerms {
    std::string issuer;
    std::string client_id;
    std::optional<std::string> nonce;  // of this sign-in; absent for the device flow, which has none
    WallInstant now;
};

// Whether verified claims meet the terms (OpenID Connect Core 1.0, section 3.1.3.7): iss, aud, azp, exp, iat,
// nbf, nonce, sub. invalid: what does not fit; the values of a token are not shown, but for who it is from
// and for.
Result<void> check_claims(const boost::json::object& claims, const IdTokenTerms& terms);

}  // namespace curfew::identity
