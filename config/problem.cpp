#include "config/problem.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/text.hpp"

namespace curfew::config {

std::string to_string(const Problem& problem) {
    std::string text = printable(problem.file, 4096);
    if (problem.line > 0) text += fmt::format(":{}:{}", problem.line, problem.column);
    if (!problem.key.empty()) text += ": " + printable(problem.key, 400);
    return text + ": " + problem.message;
}

void Report::remember(const std::string& key, Place place) {
    places_.try_emplace(key, place);
}

void Report::add(Place place, std::string key, std::string message) {
    problems_.push_back({file_, place.line, place.column, std::move(key), std::move(message)});
}

void Report::add(const std::string& key, std::string message) {
    problems_.push_back(at(key, std::move(message)));
}

Problem Report::at(const std::string& key, std::string message) const {
    Place place{1, 1};
    std::string_view nearest = key;
    while (!nearest.empty()) {
        if (const auto found = places_.find(nearest); found != places_.end()) {
            place = found->second;
            break;
        }
        const auto end = nearest.find_last_of(".[");
        nearest = nearest.substr(0, end == std::string_view::npos ? 0 : end);
    }
    return {file_, place.line, place.column, key, std::move(message)};
}

std::vector<Problem> Report::take() {
    sort_by_place(problems_);
    return std::exchange(problems_, {});
}

void sort_by_place(std::vector<Problem>& problems) {
    std::stable_sort(problems.begin(), problems.end(), [](const Problem& a, const Problem& b) {
        return std::tie(a.line, a.column) < std::tie(b.line, b.column);
    });
}

}  // namespace curfew::config
