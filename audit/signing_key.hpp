// The key that a node signs receipts and heads of the audit trail with.
#pragma once

#include <string>
#include <string_view>

#include "audit/proof/signature.hpp"
#include "base/ed25519.hpp"
#include "base/result.hpp"

namespace curfew::audit {

class SigningKey {
public:
    // From the file, in PEM; where there is none it is made, for its owner alone. invalid: it holds no
    // Ed25519 key, or others may read it. unavailable: it can be neither read nor made.
    static Result<SigningKey> open(const std::string& file);
    explicit SigningKey(Ed25519Key key) : key_{std::move(key)}, public_key_{key_.public_key()} {}

    // 64 bytes. Thread-safe.
    std::string sign(Purpose purpose, std::string_view document) const {
        return key_.sign(signed_bytes(purpose, document));
    }
    const std::string& public_key() const noexcept { return public_key_; }        // 32 bytes
    std::string fingerprint() const { return ed25519_fingerprint(public_key_); }  // `SHA256:…`

private:
    Ed25519Key key_;
    std::string public_key_;
};

}  // namespace curfew::audit
