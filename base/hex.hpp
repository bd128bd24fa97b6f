// Base16 (RFC 4648, section 8): bytes as hexadecimal digits.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace curfew {

// In small digits, two a byte. Grows no text on the way, so that a secret leaves no part of itself behind.
std::string to_hex(std::span<const unsigned char> bytes);
std::string to_hex(std::string_view bytes);

// Of small digits and capital ones. nullopt: others are among them, or one is left over.
std::optional<std::string> from_hex(std::string_view text);

// 0 to 15; nullopt: no hexadecimal digit.
std::optional<unsigned> hex_digit(char c);

}  // namespace curfew
