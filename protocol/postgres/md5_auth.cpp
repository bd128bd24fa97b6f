#include "protocol/postgres/md5_auth.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <array>
#include <cstddef>
#include <initializer_list>

namespace curfew::postgres {
namespace {

// MD5 of the parts one after the other, in hexadecimal; nullopt if OpenSSL refuses.
std::optional<std::string> md5_hex(std::initializer_list<std::string_view> parts) {
    std::size_t length = 0;
    for (const auto part : parts)
        length += part.size();
    std::string joined;
    joined.reserve(length);  // no copy of a secret left behind by growing
    for (const auto part : parts)
        joined.append(part);
    std::array<unsigned char, 16> digest{};
    const bool hashed =
        EVP_Digest(joined.data(), joined.size(), digest.data(), nullptr, EVP_md5(), nullptr) == 1;
    OPENSSL_cleanse(joined.data(), joined.size());
    if (!hashed) return std::nullopt;

    constexpr std::string_view digits = "0123456789abcdef";
    std::string hex;
    for (const unsigned char byte : digest) {
        hex.push_back(digits[byte >> 4U]);
        hex.push_back(digits[byte & 0xFU]);
    }
    return hex;
}

}  // namespace

std::optional<std::string> md5_response(std::string_view user, std::string_view password,
                                        std::string_view salt) {
    auto stored = md5_hex({password, user});  // what pg_authid holds, and as good as the password
    if (!stored) return std::nullopt;
    const auto answer = md5_hex({*stored, salt});
    OPENSSL_cleanse(stored->data(), stored->size());
    if (!answer) return std::nullopt;
    return "md5" + *answer;
}

}  // namespace curfew::postgres
