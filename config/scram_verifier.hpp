// PostgreSQL's form of a SCRAM verifier, as pg_authid.rolpassword holds it.
#pragma once

#include <string_view>

namespace curfew::config {

// True for `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>` (PostgreSQL's parse_scram_secret; RFC
// 5803): iterations from 1 up, the rest in base64 with padding, salt not empty, both keys of 32 bytes.
bool is_scram_verifier(std::string_view text) noexcept;

}  // namespace curfew::config
