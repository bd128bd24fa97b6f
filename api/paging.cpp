#include "api/paging.hpp"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <cstdint>
#include <utility>

#include "base/text.hpp"

namespace curfew::api {
namespace {

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
    Number number{};
    const auto* const last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, number);
    return error == std::errc{} && end == last ? std::optional{number} : std::nullopt;
}

std::int64_t milliseconds_of(WallInstant at) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch()).count();
}

}  // namespace

std::vector<std::string> paged(std::vector<std::string> more) {
    more.insert(more.end(), {"after", "limit"});
    return more;
}

Result<PageWanted> read_page(const Call& call) {
    PageWanted wanted;
    if (const auto after = call.parameter("after")) {
        if (after->empty()) return not_a_place(*after);
        wanted.after = *after;
    }
    if (const auto text = call.parameter("limit")) {
        const auto limit = parse_number<std::size_t>(*text);
        if (!limit || *limit < 1 || *limit > largest_page) {
            return Error{ErrorCode::invalid,
                         fmt::format("'limit' must be a number from 1 to {}", largest_page)};
        }
        wanted.limit = *limit;
    }
    return wanted;
}

boost::json::object list_document(boost::json::array items, const std::optional<std::string>& next) {
    boost::json::object document;
    document["items"] = std::move(items);
    document["next"] = next ? boost::json::value(*next) : boost::json::value(nullptr);
    return document;
}

bool Place::is_below(const Place& other) const {
    return at != other.at ? at < other.at : id < other.id;
}

std::string to_string(const Place& place) {
    return fmt::format("{}.{}", milliseconds_of(place.at), place.id);
}

std::optional<Place> parse_place(std::string_view text) {
    const auto dot = text.find('.');
    if (dot == std::string_view::npos || dot + 1 == text.size()) return std::nullopt;
    const auto milliseconds = parse_number<std::int64_t>(text.substr(0, dot));
    if (!milliseconds) return std::nullopt;
    return Place{WallInstant{std::chrono::milliseconds{*milliseconds}}, std::string{text.substr(dot + 1)}};
}

Error not_a_place(std::string_view after) {
    return {ErrorCode::invalid, fmt::format("'after' must be the 'next' of the page before, and '{}' is none",
                                            printable(after, 60))};
}

}  // namespace curfew::api
