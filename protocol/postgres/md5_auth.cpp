#include "protocol/postgres/md5_auth.hpp"

#include <openssl/evp.h>

#include <array>
#include <cstddef>
#include <initializer_list>
#include <utility>

#include "base/hex.hpp"
#include "base/secret.hpp"

namespace curfew::postgres {
namespace {

// MD5 of the parts one after the other, in hexadecimal; nullopt if OpenSSL refuses.
std::optional<Secret> md5_hex(std::initializer_list<std::string_view> parts) {
    std::size_t length = 0;
    for (const auto part : parts)
        length += part.size();
    std::string text;
    text.reserve(length);  // no copy of a secret left behind by growing
    for (const auto part : parts)
        text.append(part);
    const Secret joined{std::move(text)};

    std::array<unsigned char, 16> digest{};
    if (EVP_Digest(joined.reveal().data(), length, digest.data(), nullptr, EVP_md5(), nullptr) != 1) {
        return std::nullopt;
    }
    return Secret{to_hex(digest)};
}

}  // namespace

std::optional<std::string> md5_response(std::string_view user, std::string_view password,
                                        std::string_view salt) {
    const auto stored = md5_hex({password, user});  // what pg_authid holds, and as good as the password
    if (!stored) return std::nullopt;
    const auto answer = md5_hex({stored->reveal(), salt});
    if (!answer) return std::nullopt;
    return "md5" + std::string{answer->reveal()};
}

}  // namespace curfew::postgres
