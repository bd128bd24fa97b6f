// What the tests of SCRAM share: a source of bytes that are known, and changes to messages.
#pragma once

#include <array>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "protocol/postgres/base64.hpp"
#include "protocol/postgres/random_bytes.hpp"
#include "protocol/postgres/scram_verifier.hpp"

namespace curfew::postgres::testing {

inline constexpr std::string_view password = "curfew rings at eight";
inline constexpr std::string_view salt = "sixteen bytes!!!";

// Made once: hashing is slow.
inline const ScramVerifier& verifier() {
    static const ScramVerifier made = ScramVerifier::make(password, salt);
    return made;
}

// Nothing but `byte`.
inline RandomBytes all(unsigned char byte) {
    return [byte](std::span<unsigned char> bytes) {
        for (unsigned char& b : bytes)
            b = byte;
    };
}

// The nonce part that a side makes of all(byte).
inline std::string nonce_of(unsigned char byte) {
    std::array<unsigned char, 18> bytes;
    bytes.fill(byte);
    return encode_base64(bytes);
}

// `text` with the first `from` replaced; fails the test that asks for what is not there.
inline std::string with(std::string text, std::string_view from, std::string_view to) {
    const auto at = text.find(from);
    if (at == std::string::npos) throw std::logic_error(text + " does not hold " + std::string{from});
    return text.replace(at, from.size(), to);
}

}  // namespace curfew::postgres::testing
