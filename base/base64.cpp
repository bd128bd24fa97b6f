#include "base/base64.hpp"

#include <openssl/evp.h>

#include <cstddef>

namespace curfew {
namespace {

const unsigned char* as_bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

std::string encode_base64(std::span<const unsigned char> bytes) {
    const std::size_t length = (bytes.size() + 2) / 3 * 4;
    std::string text(length + 1, '\0');  // EVP_EncodeBlock adds a terminator
    EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes.data(),
                    static_cast<int>(bytes.size()));
    text.resize(length);
    return text;
}

std::string encode_base64(std::string_view bytes) {
    return encode_base64(std::span{as_bytes(bytes), bytes.size()});
}

std::optional<std::string> decode_base64(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    std::string bytes(text.size() / 4 * 3, '\0');
    const int decoded = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()), as_bytes(text),
                                        static_cast<int>(text.size()));
    if (decoded < 0) return std::nullopt;
    const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
    bytes.resize(bytes.size() - padding);  // it decodes padding to zero bytes
    // It also passes over blanks and over bits that stand for nothing, which would make several texts of one
    // value.
    if (encode_base64(bytes) != text) return std::nullopt;
    return bytes;
}

}  // namespace curfew
