// The shape of a message: a type byte, a length that counts itself, a body.
// PostgreSQL documentation, "Message Formats". Integers are big-endian.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace curfew::postgres {

// Bytes of a type and a length word: what precedes every body once the startup message is through.
inline constexpr std::size_t header_size = 5;

inline std::uint32_t read_u32(const char* bytes) noexcept {
    const auto* b = reinterpret_cast<const unsigned char*>(bytes);
    return (std::uint32_t{b[0]} << 24U) | (std::uint32_t{b[1]} << 16U) | (std::uint32_t{b[2]} << 8U) | b[3];
}
inline std::uint16_t read_u16(const char* bytes) noexcept {
    const auto* b = reinterpret_cast<const unsigned char*>(bytes);
    return static_cast<std::uint16_t>((b[0] << 8U) | b[1]);
}

void append_u32(std::string& out, std::uint32_t value);

// A message's type and the length of its body.
struct Header {
    char type = 0;
    std::uint32_t body_length = 0;
};

// Reads a header from 5 bytes. False if the length is one no message can have: below 4 or above 2^31-1.
bool read_header(const char* bytes, Header& header) noexcept;

// The longest body that is believed, either way, of a message before the first ReadyForQuery: PostgreSQL's
// own bound for a client's authentication messages, and far more than a server says. Whoever reads applies it
// before a byte of the body is waited for.
inline constexpr std::uint32_t longest_login_message = 65'535;

// A whole message held in memory. `body` is valid as long as what it was read from.
struct Message {
    char type = 0;
    std::string_view body;
};

// Appends a message whose body is written by `write_body(std::string&)`; fills in the length.
template <class WriteBody>
void append_message(std::string& out, char type, WriteBody&& write_body) {
    out.push_back(type);
    const std::size_t length_at = out.size();
    append_u32(out, 0);
    write_body(out);
    const auto length = static_cast<std::uint32_t>(out.size() - length_at);
    out[length_at] = static_cast<char>(length >> 24U);
    out[length_at + 1] = static_cast<char>(length >> 16U);
    out[length_at + 2] = static_cast<char>(length >> 8U);
    out[length_at + 3] = static_cast<char>(length);
}

// The message as bytes again.
std::string encode(const Message& message);

}  // namespace curfew::postgres
