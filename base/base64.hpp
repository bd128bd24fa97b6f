// Base64 (RFC 4648, section 4): how bytes stand in texts.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace curfew {

// With padding, without line breaks.
std::string encode_base64(std::span<const unsigned char> bytes);
std::string encode_base64(std::string_view bytes);

// Reads what encode_base64 writes, and nothing else: whole groups of four, padded at the very end alone, no
// blanks, no line breaks, no bits that stand for nothing.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace curfew
