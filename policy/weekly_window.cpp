#include "policy/weekly_window.hpp"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <utility>

#include "base/text.hpp"

namespace curfew::policy {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::weekday;

constexpr std::array<std::string_view, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr minutes whole_day = hours{24};

std::optional<weekday> parse_day(std::string_view text) {
    for (unsigned day = 0; day < days.size(); ++day) {
        if (days[day] == text) return weekday{day};
    }
    return std::nullopt;
}

// `08:00`; two digits each, up to 24:00.
std::optional<minutes> parse_time(std::string_view text) {
    if (text.size() != 5 || text[2] != ':') return std::nullopt;
    for (const std::size_t digit : {0, 1, 3, 4}) {
        if (text[digit] < '0' || text[digit] > '9') return std::nullopt;
    }
    const auto number = [&](std::size_t at) { return (text[at] - '0') * 10 + (text[at + 1] - '0'); };
    if (number(3) > 59) return std::nullopt;
    const minutes time = hours{number(0)} + minutes{number(3)};
    if (time > whole_day) return std::nullopt;
    return time;
}

// The two sides of the hyphen; the same twice where there is none.
std::pair<std::string_view, std::string_view> sides(std::string_view text) {
    const auto hyphen = text.find('-');
    if (hyphen == std::string_view::npos) return {text, text};
    return {text.substr(0, hyphen), text.substr(hyphen + 1)};
}

std::string format_time(minutes time) {
    return fmt::format("{:02}:{:02}", time / hours{1}, time % hours{1} / minutes{1});
}

}  // namespace

std::string to_string(const WeeklyWindow& window) {
    std::string text{days[window.first.c_encoding()]};
    if (window.last != window.first) text += fmt::format("-{}", days[window.last.c_encoding()]);
    return text + fmt::format(" {}-{}", format_time(window.from), format_time(window.to));
}

Result<WeeklyWindow> parse_weekly_window(std::string_view text) {
    const auto blank = text.find(' ');
    const auto malformed = [&] {
        return Error{ErrorCode::invalid,
                     fmt::format("'{}' is not a weekly window; write it as Mon-Fri 08:00-18:00, "
                                 "Sat 10:00-12:00 or, past midnight, Fri 22:00-06:00",
                                 printable(text, 40))};
    };
    if (blank == std::string_view::npos) return malformed();
    const auto [first_text, last_text] = sides(text.substr(0, blank));
    const auto [from_text, to_text] = sides(text.substr(blank + 1));
    const auto first = parse_day(first_text);
    const auto last = parse_day(last_text);
    const auto from = parse_time(from_text);
    const auto to = parse_time(to_text);
    const bool one_time = from_text.data() == to_text.data();
    if (!first || !last || !from || !to || one_time || *from == whole_day) return malformed();
    return WeeklyWindow{*first, *last, *from, *to == minutes{0} ? whole_day : *to};
}

}  // namespace curfew::policy
