#include "protocol/postgres/scram_attributes.hpp"

#include <charconv>
#include <system_error>

#include <algorithm>

namespace curfew::postgres {
namespace {

bool is_letter(char c) noexcept {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

}  // namespace

bool is_scram_nonce(std::string_view text) noexcept {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x21 && c <= 0x7E && c != ','; });
}

std::optional<ScramAttribute> ScramAttributes::next() noexcept {
    if (rest_.size() < 2 || !is_letter(rest_[0]) || rest_[1] != '=') return std::nullopt;
    const char name = rest_[0];
    const auto end = rest_.find(',');
    const auto value = rest_.substr(2, end == std::string_view::npos ? end : end - 2);
    at_end_ = end == std::string_view::npos;
    rest_.remove_prefix(at_end_ ? rest_.size() : end + 1);
    return ScramAttribute{name, value};
}

std::optional<std::string_view> ScramAttributes::take(char name) noexcept {
    if (rest_.empty() || rest_[0] != name) return std::nullopt;
    const auto attribute = next();
    if (!attribute) return std::nullopt;
    return attribute->value;
}

std::optional<int> parse_scram_iterations(std::string_view text) noexcept {
    int count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc{} || end != text.data() + text.size() || count < 1) return std::nullopt;
    return count;
}

}  // namespace curfew::postgres
