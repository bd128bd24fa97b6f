// Signatures by which auditors tell what a node said from what somebody made of it: to be verified by whoever
// has the public key, and nothing else of Curfew.
#pragma once

#include <string>
#include <string_view>

namespace curfew::audit {

// What a signature is for. It is signed along, so that none is good for anything else.
enum class Purpose { receipt, head };

// The bytes that are signed: `curfew receipt v1`, a line feed, and the document.
std::string signed_bytes(Purpose purpose, std::string_view document);

// Whether the owner of `public_key` (32 bytes) signed the document for this purpose.
bool is_signed_by(std::string_view public_key, Purpose purpose, std::string_view document,
                  std::string_view signature);

}  // namespace curfew::audit
