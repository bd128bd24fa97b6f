#include "notify/slack/form.hpp"

#include <cstddef>
#include <optional>
#include <utility>

namespace curfew::notify::slack {
namespace {

constexpr std::size_t most_fields = 64;

// 0 to 15; nullopt: no hexadecimal digit.
std::optional<unsigned> hex_digit(char c) {
    if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
    if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10;
    return std::nullopt;
}

std::optional<std::string> decoded(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '+') {
            c = ' ';
        } else if (c == '%') {
            const auto high = i + 1 < text.size() ? hex_digit(text[i + 1]) : std::nullopt;
            const auto low = i + 2 < text.size() ? hex_digit(text[i + 2]) : std::nullopt;
            if (!high || !low) return std::nullopt;
            c = static_cast<char>(*high * 16 + *low);
            i += 2;
        }
        if (c == '\0') return std::nullopt;
        result += c;
    }
    return result;
}

Error no_form(const char* why) {
    return {ErrorCode::invalid, why};
}

}  // namespace

Result<Form> parse_form(std::string_view body) {
    Form form;
    while (!body.empty()) {
        const auto end = body.find('&');
        const auto field = body.substr(0, end);
        body.remove_prefix(end == std::string_view::npos ? body.size() : end + 1);
        const auto equals = field.find('=');
        if (equals == std::string_view::npos) return no_form("A field of the form has no value");
        auto name = decoded(field.substr(0, equals));
        auto value = decoded(field.substr(equals + 1));
        if (!name || !value) return no_form("The form is not percent-encoded as it has to be");
        if (form.size() == most_fields) return no_form("The form has too many fields");
        if (!form.emplace(std::move(*name), std::move(*value)).second)
            return no_form("A field of the form stands there twice");
    }
    return form;
}

}  // namespace curfew::notify::slack
