#include "api/json_values.hpp"

#include "base/duration.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"

namespace curfew::api {

namespace json = boost::json;

json::string text_value(std::string_view text) {
    return json::string{printable(text, 4000)};
}

json::value text_or_null(std::string_view text) {
    return text.empty() ? json::value(nullptr) : json::value(text_value(text));
}

json::value instant_or_null(const std::optional<WallInstant>& instant) {
    return instant ? json::value(format_utc(*instant)) : json::value(nullptr);
}

json::value duration_or_null(const std::optional<Duration>& duration) {
    return duration ? json::value(format_duration(*duration)) : json::value(nullptr);
}

}  // namespace curfew::api
