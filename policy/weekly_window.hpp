// A time of the day on some days of the week.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace curfew::policy {

// `Mon-Fri 08:00-18:00`: [from, to) on each of these days. One that ends at or before it begins goes past
// midnight.
struct WeeklyWindow {
    std::chrono::weekday first;
    std::chrono::weekday last;  // may come before `first`: `Fri-Mon`
    std::chrono::minutes from{};
    std::chrono::minutes to{};  // up to 24:00, which is what midnight becomes

    bool operator==(const WeeklyWindow&) const = default;
};

std::string to_string(const WeeklyWindow& window);
// Reads what to_string writes. invalid: says how it is written.
Result<WeeklyWindow> parse_weekly_window(std::string_view text);

}  // namespace curfew::policy
