// Base64 (RFC 4648, section 4) as SCRAM messages and verifiers carry it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace curfew::postgres {

// With padding, without line breaks.
std::string encode_base64(std::span<const unsigned char> bytes);
std::string encode_base64(std::string_view bytes);

// nullopt for anything but whole groups of four characters of the alphabet, padded at the very end alone: no
// blanks, no line breaks.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace curfew::postgres
