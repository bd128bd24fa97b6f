// What the fuzz targets of logins share.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>

#include "protocol/postgres/framing.hpp"

namespace curfew::fuzzing {

// Takes a message off the front of an input that is a stream of them, so that seeds can be recorded. A length
// that is none or too great stands for all the bytes that are left; nullopt at the end.
inline std::optional<postgres::Message> take_message(std::string_view& stream) {
    if (stream.size() < postgres::header_size) return std::nullopt;
    const char type = stream[0];
    const std::uint32_t length = postgres::read_u32(stream.data() + 1);
    stream.remove_prefix(postgres::header_size);
    const auto body = stream.substr(0, length < 4 ? std::string_view::npos : length - 4);
    stream.remove_prefix(body.size());
    return postgres::Message{type, body};
}

// One line that harms no terminal and no log.
inline bool is_harmless_line(std::string_view text) {
    return !text.empty() && std::none_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
    });
}

// Whether a SCRAM challenge may ask for so many iterations that hashing takes longer than fuzzing has time
// for: four digits in a row may be too many.
inline bool may_be_slow(std::string_view challenge) {
    std::size_t digits = 0;
    const auto iterations_at = challenge.rfind("i=");
    if (iterations_at == std::string_view::npos) return false;
    for (const char c : challenge.substr(iterations_at + 2)) {
        digits += c >= '0' && c <= '9' ? 1 : 0;
    }
    return digits > 3;
}

}  // namespace curfew::fuzzing
