// A provider's key, with its private half: makes real ID tokens, and wrong ones.
#pragma once

#include <boost/json/object.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "identity/json_web_key.hpp"

struct evp_pkey_st;

namespace curfew::identity {

class TokenSigner {
public:
    explicit TokenSigner(SignatureAlgorithm algorithm, std::string key_id = "key-1");

    // What a provider publishes.
    boost::json::object jwk() const;
    std::string key_set() const;  // with this key alone

    // A JWS of these claims, signed by this key, with `alg` and `kid` as they are.
    std::string sign(const boost::json::object& claims) const;
    // With another header; the signature is this key's on it.
    std::string sign(const boost::json::object& header, const boost::json::object& claims) const;

    boost::json::object header() const;
    std::string_view key_id() const noexcept { return key_id_; }

private:
    std::string signature_on(std::string_view text) const;

    SignatureAlgorithm algorithm_;
    std::string key_id_;
    std::shared_ptr<evp_pkey_st> key_;
};

// header.payload.signature, of JSON and bytes.
std::string compact(const boost::json::object& header, std::string_view payload, std::string_view signature);

}  // namespace curfew::identity
