#include "identity/token.hpp"

#include <algorithm>
#include <boost/crc.hpp>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/sha256.hpp"
#include "identity/base64.hpp"
#include "identity/crypto.hpp"

namespace curfew::identity {
namespace {

constexpr std::size_t random_size = 32;
constexpr std::size_t random_length = 43;  // of 32 bytes in base64
constexpr std::size_t checksum_length = 6;

// CRC-32 of `text`, in base 62, most significant digit first.
std::string checksum(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    boost::crc_32_type crc;
    crc.process_bytes(text.data(), text.size());
    std::uint32_t value = crc.checksum();
    std::string result(checksum_length, digits.front());
    for (auto digit = result.rbegin(); digit != result.rend(); ++digit) {
        *digit = digits[value % digits.size()];
        value /= static_cast<std::uint32_t>(digits.size());
    }
    return result;
}

}  // namespace

std::string_view prefix_of(TokenKind kind) {
    switch (kind) {
        case TokenKind::access:
            return "cft_";
        case TokenKind::sign_in:
            return "cfs_";
        case TokenKind::link:
            return "cfl_";
    }
    return "cf?_";
}

MadeToken make_token(TokenKind kind) {
    std::string text{prefix_of(kind)};
    text += encode_base64(random_bytes(random_size), Base64::url);
    text += checksum(text);
    MadeToken token;
    token.text = Secret{std::move(text)};
    token.hash = token_hash(token.text);
    return token;
}

std::optional<TokenKind> token_kind(std::string_view text) {
    const auto kind = std::find_if(all_token_kinds.begin(), all_token_kinds.end(),
                                   [&](TokenKind known) { return text.starts_with(prefix_of(known)); });
    if (kind == all_token_kinds.end()) return std::nullopt;
    const std::size_t prefix_length = prefix_of(*kind).size();
    if (text.size() != prefix_length + random_length + checksum_length) return std::nullopt;
    if (!decode_base64(text.substr(prefix_length, random_length), Base64::url)) return std::nullopt;
    const auto checked = text.size() - checksum_length;
    if (checksum(text.substr(0, checked)) != text.substr(checked)) return std::nullopt;
    return *kind;
}

store::SecretHash token_hash(const Secret& token) {
    return sha256(token.reveal());  // to be hashed
}

}  // namespace curfew::identity
