// Base64 (RFC 4648) as tokens, keys and password hashes carry it: without padding, in one line.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace curfew::identity {

enum class Base64 {
    standard,  // with + and /
    url,       // with - and _
};

std::string encode_base64(std::string_view bytes, Base64 alphabet);

// Reads what encode_base64 writes, and nothing else: no padding, no blanks, no bits that stand for nothing,
// so that no two texts mean the same bytes.
std::optional<std::string> decode_base64(std::string_view text, Base64 alphabet);

}  // namespace curfew::identity
