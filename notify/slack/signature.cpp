#include "notify/slack/signature.hpp"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <optional>

#include "base/hmac.hpp"

namespace curfew::notify::slack {
namespace {

constexpr std::string_view version = "v0=";
constexpr std::size_t longest_timestamp = 12;

// Digits alone: `+1` and ` 1` are others' spellings of what was signed.
std::optional<std::chrono::sys_seconds> parse_timestamp(std::string_view text) {
    if (text.empty() || text.size() > longest_timestamp) return std::nullopt;
    if (text.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
    long long seconds = 0;
    std::from_chars(text.data(), text.data() + text.size(), seconds);
    return std::chrono::sys_seconds{std::chrono::seconds{seconds}};
}

Error not_from_slack(std::string_view why) {
    return {ErrorCode::forbidden, fmt::format("This is not taken for a call of Slack's: {}", why)};
}

}  // namespace

std::string signature_of(std::string_view timestamp, std::string_view body, const Secret& signing_secret) {
    std::string signed_text = "v0:";
    signed_text.append(timestamp).append(":").append(body);
    return std::string{version} + to_hex(hmac_sha256(signing_secret, signed_text));
}

Result<void> verify_signature(const SignedCall& call, const Secret& signing_secret, WallInstant now) {
    if (signing_secret.empty()) return not_from_slack("there is no signing secret to check it with");
    if (!equal_constant_time(signature_of(call.timestamp, call.body, signing_secret), call.signature))
        return not_from_slack("its signature is not that of the signing secret");
    // Last, so that nobody without the secret learns what time it is here.
    const auto sent = parse_timestamp(call.timestamp);
    if (!sent) return not_from_slack("its timestamp is no time");
    if (*sent < now - signature_window || *sent > now + signature_window) {
        return not_from_slack(
            "its timestamp is more than five minutes from this node's clock; see that the clock is right");
    }
    return {};
}

Sha256Digest replay_key(const SignedCall& call) {
    std::string known_by = "slack:";
    known_by.append(call.timestamp).append(":").append(call.signature);
    return sha256(known_by);
}

}  // namespace curfew::notify::slack
