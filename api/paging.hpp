// Lists a page at a time.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/router.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"

namespace curfew::api {

inline constexpr std::size_t usual_page = 100;
inline constexpr std::size_t largest_page = 1000;

// The parameters that a paged list knows, beside `more`.
std::vector<std::string> paged(std::vector<std::string> more = {});

struct PageWanted {
    std::string after;  // `next` of the page before; empty: the first page
    std::size_t limit = usual_page;
};
// invalid: a limit that is none, or out of bounds.
Result<PageWanted> read_page(const Call& call);

// {"items": […], "next": …}.
boost::json::object list_document(boost::json::array items, const std::optional<std::string>& next);

// A place in a list that is newest first: of items of the same instant, the identifier decides.
struct Place {
    WallInstant at;
    std::string id;

    // Comes further down the list than `other`.
    bool is_below(const Place& other) const;
};
std::string to_string(const Place& place);  // `1577880000000.g-7k3mq9xd`
std::optional<Place> parse_place(std::string_view text);

// What a wrong `after` is answered.
Error not_a_place(std::string_view after);

}  // namespace curfew::api
