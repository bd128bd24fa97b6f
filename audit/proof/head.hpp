// A head of the audit trail: how far the chain of events had come at some time, in a document that its node
// signed. Kept where nobody can change it who can change the trail, it shows later whether that is still the
// same. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "store/events.hpp"

namespace curfew::audit {

struct Head {
    store::ChainHead place;
    WallInstant at;
    std::string node;
    std::string installation;  // as installation_id() gives it
    std::string key;           // the fingerprint of the key that signs it
};

// 32 hexadecimal digits that stand for an installation, and tell nothing of its secret.
std::string installation_id(const Secret& installation_secret);

// What is signed: canonical JSON with the members at, hash, installation, key, node and number.
std::string head_document(const Head& head);
// The same with the signature (64 bytes), in base64, as one more member.
std::string signed_head(const Head& head, std::string_view signature);

struct SignedHead {
    Head head;
    std::string document;   // that was signed
    std::string signature;  // 64 bytes
};
// Reads what signed_head() writes, also where something else has parsed and written it again. Members that
// are not known are signed as all others. invalid: it is none.
Result<SignedHead> read_signed_head(std::string_view line);

// Whether the owner of this key (32 bytes) signed it.
bool is_signed_by(const SignedHead& head, std::string_view public_key);

}  // namespace curfew::audit
