#include "base/text.hpp"

#include "base/utf8.hpp"

#include <fmt/format.h>
#include <algorithm>

#include <cstdint>

namespace curfew {
namespace {

// The length of the well-formed UTF-8 sequence at the start of `text` (Unicode 15, table 3-7); 0 if there is
// none. `code` receives its code point.
std::size_t utf8_sequence(std::string_view text, std::uint32_t& code) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = byte(0);
    std::size_t length = 0;
    std::uint32_t smallest = 0;
    if (lead < 0x80) {
        code = lead;
        return 1;
    }
    if (lead >= 0xC2 && lead <= 0xDF) {
        length = 2, smallest = 0x80, code = lead & 0x1FU;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
        length = 3, smallest = 0x800, code = lead & 0x0FU;
    } else if (lead >= 0xF0 && lead <= 0xF4) {
        length = 4, smallest = 0x10000, code = lead & 0x07U;
    } else {
        return 0;
    }
    if (text.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0U) != 0x80U) return 0;
        code = (code << 6U) | (byte(i) & 0x3FU);
    }
    const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    return code < smallest || code > 0x10FFFF || surrogate ? 0 : length;
}

bool can_deceive(std::uint32_t code) {
    const bool control = code < 0x20 || (code >= 0x7F && code < 0xA0);
    const bool line_break = code == 0x2028 || code == 0x2029;
    const bool bidirectional = (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069) ||
                               code == 0x200E || code == 0x200F;
    return control || line_break || bidirectional || code == 0xFEFF;
}

}  // namespace

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        std::uint32_t code = 0;
        const std::size_t length = utf8_sequence(text, code);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

std::string printable(std::string_view text, std::size_t limit) {
    std::string out;
    const bool cut = text.size() > limit;
    std::string_view rest = text.substr(0, limit);
    while (!rest.empty()) {
        std::uint32_t code = 0;
        const std::size_t length = utf8_sequence(rest, code);
        if (length == 0 || can_deceive(code)) {
            const std::size_t bad = length == 0 ? 1 : length;
            for (std::size_t i = 0; i < bad; ++i) {
                out += fmt::format("\\x{:02x}", static_cast<unsigned char>(rest[i]));
            }
            rest.remove_prefix(bad);
        } else {
            out += rest.substr(0, length);
            rest.remove_prefix(length);
        }
    }
    if (cut) out += "…";
    return out;
}

std::string printable_lines(std::string_view text, std::size_t limit) {
    std::string out;
    std::string_view rest = text.substr(0, limit);
    while (true) {
        const auto end = rest.find('\n');
        out += printable(rest.substr(0, end), limit);
        if (end == std::string_view::npos) break;
        out += '\n';
        rest.remove_prefix(end + 1);
    }
    if (text.size() > limit) out += "…";
    return out;
}

std::string lower_case(std::string_view text) {
    std::string result{text};
    std::transform(result.begin(), result.end(), result.begin(), [](unsigned char letter) {
        return static_cast<char>(letter >= 'A' && letter <= 'Z' ? letter + ('a' - 'A') : letter);
    });
    return result;
}

bool contains(const std::vector<std::string>& texts, std::string_view text) {
    return std::find(texts.begin(), texts.end(), text) != texts.end();
}

}  // namespace curfew
