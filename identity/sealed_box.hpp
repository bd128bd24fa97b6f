// What somebody else carries for us and can neither read nor change: the state of a sign-in, in a cookie.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/secret.hpp"

namespace curfew::identity {

// AES-256-GCM, under a key of its own for each purpose. Every node with the same secret opens what another
// one sealed. Immutable, so thread-safe.
class SealedBox {
public:
    // `secret`: the store's installation secret.
    SealedBox(const Secret& secret, std::string_view purpose);

    // In base64url.
    std::string seal(std::string_view text) const;
    // nullopt for anything that seal did not make, with this secret for this purpose.
    std::optional<Secret> open(std::string_view sealed) const;

private:
    Secret key_;
};

}  // namespace curfew::identity
