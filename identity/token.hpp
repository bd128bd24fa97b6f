// Tokens: what a person or a program shows instead of a password. Random, shown once, kept as a hash.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "base/secret.hpp"
#include "store/people.hpp"

namespace curfew::identity {

enum class TokenKind {
    access,   // `cft_…`: a personal access token, made by a person for a program
    sign_in,  // `cfs_…`: what a sign-in gives the page and the command
    link,     // `cfl_…`: in a link that can be used once
};
inline constexpr std::array all_token_kinds{TokenKind::access, TokenKind::sign_in, TokenKind::link};
std::string_view prefix_of(TokenKind kind);

// A token that was just made. `text` is for its owner, and never kept; `hash` is what is kept.
struct MadeToken {
    Secret text;
    store::SecretHash hash{};
};

// Prefix, 256 random bits in base64url (43 characters), and a checksum of both (CRC-32 in base 62, 6
// characters): `cft_[A-Za-z0-9_-]{43}[0-9A-Za-z]{6}`. The prefix lets scanners find leaked ones, the checksum
// lets them, and us, dismiss what only looks like one without asking anybody. Thread-safe. Throws
// std::runtime_error where there are no random bytes.
MadeToken make_token(TokenKind kind);

// What kind of token `text` is; nullopt if it is none: not of that form, or the checksum is wrong.
std::optional<TokenKind> token_kind(std::string_view text);

// What is kept of a token. A plain SHA-256 will do: there is no guessing 256 random bits. Nor does looking it
// up need constant time: nobody can make tokens whose hashes begin as they like.
store::SecretHash token_hash(const Secret& token);

}  // namespace curfew::identity
