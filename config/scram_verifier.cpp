#include "config/scram_verifier.hpp"

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <system_error>

namespace curfew::config {
namespace {

bool is_base64_digit(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
}

// How many bytes padded base64 stands for; nullopt if it is not that.
std::optional<std::size_t> decoded_size(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    std::size_t padding = 0;
    while (padding < 2 && text.ends_with('=')) {
        text.remove_suffix(1);
        ++padding;
    }
    for (const char c : text) {
        if (!is_base64_digit(c)) return std::nullopt;
    }
    return (text.size() + padding) / 4 * 3 - padding;
}

// Takes what stands before `separator` off `rest`; nullopt if there is none.
std::optional<std::string_view> take_until(std::string_view& rest, char separator) {
    const auto end = rest.find(separator);
    if (end == std::string_view::npos) return std::nullopt;
    const auto part = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    return part;
}

bool is_iteration_count(std::string_view text) {
    std::int32_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    return error == std::errc{} && end == text.data() + text.size() && count > 0;
}

}  // namespace

bool is_scram_verifier(std::string_view text) noexcept {
    constexpr std::size_t key_size = 32;  // SHA-256
    std::string_view rest = text;
    const auto mechanism = take_until(rest, '$');
    const auto iterations = take_until(rest, ':');
    const auto salt = take_until(rest, '$');
    const auto stored_key = take_until(rest, ':');
    return mechanism == "SCRAM-SHA-256" && iterations && is_iteration_count(*iterations) && salt &&
           decoded_size(*salt).value_or(0) > 0 && stored_key && decoded_size(*stored_key) == key_size &&
           decoded_size(rest) == key_size;
}

}  // namespace curfew::config
