#include "protocol/postgres/framing.hpp"

namespace curfew::postgres {

void append_u32(std::string& out, std::uint32_t value) {
    out.push_back(static_cast<char>(value >> 24U));
    out.push_back(static_cast<char>(value >> 16U));
    out.push_back(static_cast<char>(value >> 8U));
    out.push_back(static_cast<char>(value));
}

bool read_header(const char* bytes, Header& header) noexcept {
    const std::uint32_t length = read_u32(bytes + 1);
    if (length < 4 || length > 0x7FFFFFFFU) return false;
    header = {bytes[0], length - 4};
    return true;
}

std::string encode(const Message& message) {
    std::string out;
    out.reserve(header_size + message.body.size());
    append_message(out, message.type, [&](std::string& bytes) { bytes.append(message.body); });
    return out;
}

}  // namespace curfew::postgres
