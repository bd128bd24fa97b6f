#include "base/percent_encoding.hpp"

#include <fmt/format.h>

#include "base/hex.hpp"

namespace curfew {
namespace {

bool is_unreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

std::optional<std::string> decode(std::string_view text, bool plus_is_blank) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '+' && plus_is_blank) {
            c = ' ';
        } else if (c == '%') {
            const auto high = i + 1 < text.size() ? hex_digit(text[i + 1]) : std::nullopt;
            const auto low = i + 2 < text.size() ? hex_digit(text[i + 2]) : std::nullopt;
            if (!high || !low) return std::nullopt;
            c = static_cast<char>(*high * 16 + *low);
            i += 2;
        }
        if (c == '\0') return std::nullopt;
        decoded += c;
    }
    return decoded;
}

}  // namespace

std::optional<std::string> decode_segment(std::string_view text) {
    return decode(text, false);
}

std::optional<std::string> decode_query(std::string_view text) {
    return decode(text, true);
}

std::string encode_segment(std::string_view text) {
    // These two would be taken for steps between directories.
    if (text == "." || text == "..") return text.size() == 1 ? "%2E" : "%2E%2E";
    std::string encoded;
    for (const char c : text)
        encoded +=
            is_unreserved(c) ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    return encoded;
}

}  // namespace curfew
