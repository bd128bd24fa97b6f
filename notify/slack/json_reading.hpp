// Members of JSON objects that Slack sent, each of one type or not there at all.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string_view>

namespace curfew::notify::slack {

// nullopt if `text` is no JSON object, or nested more than 32 deep.
std::optional<boost::json::object> read_object(std::string_view text);

// Empty, null, where there is no such member, or it is of another type. What they give lives in `object`.
std::string_view text_of(const boost::json::object& object, std::string_view name);
const boost::json::object* object_of(const boost::json::object& object, std::string_view name);
const boost::json::array* array_of(const boost::json::object& object, std::string_view name);
bool flag_of(const boost::json::object& object, std::string_view name);

}  // namespace curfew::notify::slack
