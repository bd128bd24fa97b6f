// Guessing what a mistyped word was meant to be.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace curfew::config {

// ` (did you mean 'listeners'?)` for the candidate nearest to `word`, or nothing where none is near: at most
// a third of its letters wrong, missing, too many or swapped with their neighbour.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace curfew::config
