// How the API writes what is no object of its own: text, times, durations.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string_view>

#include "base/clock.hpp"

namespace curfew::api {

// Made printable: it may come from outside.
boost::json::string text_value(std::string_view text);
// null where it is empty.
boost::json::value text_or_null(std::string_view text);
boost::json::value instant_or_null(const std::optional<WallInstant>& instant);
boost::json::value duration_or_null(const std::optional<Duration>& duration);

template <class Texts>
boost::json::array text_list(const Texts& texts) {
    boost::json::array list;
    for (const auto& text : texts)
        list.emplace_back(text_value(text));
    return list;
}

}  // namespace curfew::api
