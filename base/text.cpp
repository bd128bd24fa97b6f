#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/utf8.hpp"

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

struct CodeRange {
    std::uint32_t first;
    std::uint32_t last;
};

// What is drawn as nothing (Default_Ignorable_Code_Point of Unicode 15), or as a blank that is no space of
// ASCII: to PostgreSQL both are letters of a name.
constexpr std::array<CodeRange, 21> invisible{{
    {0x00A0, 0x00A0},   {0x00AD, 0x00AD}, {0x034F, 0x034F}, {0x061C, 0x061C},   {0x115F, 0x1160},
    {0x1680, 0x1680},   {0x17B4, 0x17B5}, {0x180B, 0x180F}, {0x2000, 0x200F},   {0x2028, 0x202F},
    {0x205F, 0x206F},   {0x2800, 0x2800}, {0x3000, 0x3000}, {0x3164, 0x3164},   {0xFE00, 0xFE0F},
    {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0}, {0xFFF0, 0xFFFB}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A},
    {0xE0000, 0xE0FFF},
}};

bool is_invisible(std::uint32_t code) {
    return std::any_of(invisible.begin(), invisible.end(),
                       [code](const CodeRange& range) { return code >= range.first && code <= range.last; });
}

// `text`, with `\xNN` for each byte of what is `hidden`, and of what is no UTF-8.
template <class Hidden>
std::string with_numbers_for(Hidden hidden, std::string_view text) {
    std::string out;
    while (!text.empty()) {
        std::uint32_t code = 0;
        const std::size_t length = utf8_sequence(text, code);
        if (length == 0 || hidden(code)) {
            const std::size_t bad = length == 0 ? 1 : length;
            for (std::size_t i = 0; i < bad; ++i)
                out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[i]));
            text.remove_prefix(bad);
        } else {
            out += text.substr(0, length);
            text.remove_prefix(length);
        }
    }
    return out;
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

std::string_view whole_characters(std::string_view text, std::size_t at_most) {
    if (text.size() <= at_most) return text;
    std::size_t end = at_most;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
        --end;
    return text.substr(0, end);
}

std::string printable(std::string_view text, std::size_t limit) {
    std::string out = with_numbers_for(can_deceive, text.substr(0, limit));
    if (text.size() > limit) out += "…";
    return out;
}

std::string printable_code(std::string_view text) {
    const auto hidden = [](std::uint32_t code) {
        return code != '\n' && code != '\t' && (can_deceive(code) || is_invisible(code));
    };
    return with_numbers_for(hidden, text);
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
