// What OpenSSL gives the rest of this folder. All of it throws std::runtime_error where OpenSSL cannot do it:
// there is no going on without.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace curfew::identity {

// Bytes that nobody can foresee, of OpenSSL's generator, seeded by the operating system. Thread-safe.
std::string random_bytes(std::size_t count);

// 32 bytes derived from `secret` for one purpose and no other (HKDF-SHA256, RFC 5869).
std::string derive_key(std::string_view secret, std::string_view purpose);

}  // namespace curfew::identity
