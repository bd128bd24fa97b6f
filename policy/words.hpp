// Enumerators and the words for them, written once.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

namespace curfew::policy {

template <class Enum, std::size_t Count>
using Words = std::array<std::pair<Enum, std::string_view>, Count>;

template <class Enum, std::size_t Count>
constexpr std::string_view word_of(const Words<Enum, Count>& words, Enum value) {
    for (const auto& [enumerator, word] : words) {
        if (enumerator == value) return word;
    }
    return {};
}

template <class Enum, std::size_t Count>
constexpr std::optional<Enum> value_of(const Words<Enum, Count>& words, std::string_view text) {
    for (const auto& [enumerator, word] : words) {
        if (word == text) return enumerator;
    }
    return std::nullopt;
}

}  // namespace curfew::policy
