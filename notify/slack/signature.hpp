// Whether what arrives over HTTP was sent by Slack: request signatures, version 0
// (https://docs.slack.dev/authentication/verifying-requests-from-slack).
#pragma once

#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "base/sha256.hpp"

namespace curfew::notify::slack {

// How far the sender's clock may be from ours, either way. For as long as that a signature that was seen has
// to be remembered.
inline constexpr std::chrono::minutes signature_window{5};

// One call as it came, byte for byte.
struct SignedCall {
    std::string_view timestamp;  // X-Slack-Request-Timestamp: seconds since 1970
    std::string_view signature;  // X-Slack-Signature: `v0=` and 64 hexadecimal digits
    std::string_view body;
};

// forbidden: not signed with this secret, or not within the window; the message says which. That it comes for
// the first time is for the caller to see to, by replay_key.
Result<void> verify_signature(const SignedCall& call, const Secret& signing_secret, WallInstant now);

// `v0=…`, as Slack computes it: HMAC-SHA256 of `v0:timestamp:body`.
std::string signature_of(std::string_view timestamp, std::string_view body, const Secret& signing_secret);

// What to remember a verified call by. The same for every spelling of a signature.
Sha256Digest replay_key(const SignedCall& call);

}  // namespace curfew::notify::slack
