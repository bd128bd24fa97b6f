// Guessing what a mistyped word was meant to be.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace curfew::config {

// ` (did you mean 'listeners'?)` for the candidate nearest to `word`, or nothing where none is near: at most
// a third of its letters wrong, missing, too many or swapped with their neighbour.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates);

// Guesses at what mistyped names were meant to be. A screenful at most: more help nobody, and comparing every
// name of a large file with every other takes long. The names must outlive it.
class Guesses {
public:
    explicit Guesses(std::vector<std::string_view> names) : names_{std::move(names)} {}

    std::string operator()(std::string_view word);

private:
    std::vector<std::string_view> names_;
    int left_ = 20;
};

// The keys of a map of names.
template <class Map>
std::vector<std::string_view> names_of(const Map& map) {
    std::vector<std::string_view> names;
    names.reserve(map.size());
    for (const auto& [name, _] : map)
        names.push_back(name);
    return names;
}

}  // namespace curfew::config
