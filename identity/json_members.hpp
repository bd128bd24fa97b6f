// Members of JSON objects that came from outside, each of one type or not there at all.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace curfew::identity {

// nullopt if `text` is no JSON object.
std::optional<boost::json::object> parse_object(std::string_view text);

// nullopt where there is no such member, or it is of another type.
std::optional<std::string> text_member(const boost::json::object& object, std::string_view name);
// Seconds and the like: whole numbers, and others cut to them (NumericDate, RFC 7519, may have a fraction).
std::optional<std::int64_t> number_member(const boost::json::object& object, std::string_view name);
std::optional<bool> flag_member(const boost::json::object& object, std::string_view name);
// A list of texts, or one text, as a list; nullopt also if anything in it is no text.
std::optional<std::vector<std::string>> texts_member(const boost::json::object& object,
                                                     std::string_view name);

}  // namespace curfew::identity
