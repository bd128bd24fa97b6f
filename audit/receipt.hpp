// Receipts: what a session was allowed, by whom, and how it ended, signed by the node that saw to it.
#pragma once

#include <string>

#include "audit/signing_key.hpp"
#include "store/receipts.hpp"

namespace curfew::audit {

// Whoever issues it.
struct ReceiptIssuer {
    std::string node;
    std::string version;  // of curfewd
};

// The document, in canonical JSON: docs/receipts.md says what is in it. Each member is always there; null:
// not known, or there is no such thing. Pure.
std::string receipt_document(const store::EndedSessionFile& file, const ReceiptIssuer& issuer,
                             const std::string& key_fingerprint);

// The same, signed. Thread-safe.
store::SignedReceipt sign_receipt(const store::EndedSessionFile& file, const ReceiptIssuer& issuer,
                                  const SigningKey& key);

}  // namespace curfew::audit
