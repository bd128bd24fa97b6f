// Message authentication by HMAC-SHA256 (RFC 2104, FIPS 198-1), by OpenSSL.
#pragma once

#include <string_view>

#include "base/secret.hpp"
#include "base/sha256.hpp"

namespace curfew {

// Throws std::runtime_error where OpenSSL cannot compute one: there is no going on without. Compare it with
// another by equal_constant_time.
Sha256Digest hmac_sha256(const Secret& key, std::string_view message);

}  // namespace curfew
