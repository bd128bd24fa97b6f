// Reads the API's JSON leniently: what is not there is empty, so that a newer curfewd can be talked to.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"

namespace curfew::cli {

// Text is made printable: it ends up on a terminal.
std::string text_of(const boost::json::value& object, std::string_view name);
// The same, with its line breaks.
std::string lines_of(const boost::json::value& object, std::string_view name);
std::int64_t number_of(const boost::json::value& object, std::string_view name);
bool flag_of(const boost::json::value& object, std::string_view name);
std::optional<WallInstant> instant_of(const boost::json::value& object, std::string_view name);
std::vector<std::string> texts_of(const boost::json::value& object, std::string_view name);
// The list of that name; empty if there is none. Belongs to `object`.
const boost::json::array& list_of(const boost::json::value& object, std::string_view name);
// The member of that name; null if there is none. Belongs to `object`.
const boost::json::value& member_of(const boost::json::value& object, std::string_view name);
// Nothing can belong to what is gone when the call is.
const boost::json::array& list_of(boost::json::value&& object, std::string_view name) = delete;
const boost::json::value& member_of(boost::json::value&& object, std::string_view name) = delete;

}  // namespace curfew::cli
