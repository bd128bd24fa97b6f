#include "cli/instant_input.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <ctime>
#include <optional>
#include <string>

#include "base/duration.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"

namespace curfew::cli {
namespace {

std::tm local_day(WallInstant instant) {
    const auto since_epoch = static_cast<std::time_t>(
        std::chrono::floor<std::chrono::seconds>(instant.time_since_epoch()).count());
    std::tm local{};
    ::localtime_r(&since_epoch, &local);
    return local;
}

// nullopt where the calendar has no such time: mktime would make another one of it.
std::optional<WallInstant> to_instant(std::tm wanted) {
    wanted.tm_isdst = -1;
    std::tm normal = wanted;
    const auto since_epoch = ::mktime(&normal);
    const bool same = normal.tm_year == wanted.tm_year && normal.tm_mon == wanted.tm_mon &&
                      normal.tm_mday == wanted.tm_mday && normal.tm_hour == wanted.tm_hour &&
                      normal.tm_min == wanted.tm_min && normal.tm_sec == wanted.tm_sec;
    if (!same) return std::nullopt;
    return WallInstant{std::chrono::seconds{since_epoch}};
}

// Today's; nullopt where it is none.
std::optional<std::tm> time_of_day(const std::string& text, WallInstant now) {
    int length = 0;
    auto day = local_day(now);
    day.tm_sec = 0;
    if (std::sscanf(text.c_str(), "%2d:%2d%n", &day.tm_hour, &day.tm_min, &length) != 2 ||
        static_cast<std::size_t>(length) != text.size() || day.tm_hour < 0 || day.tm_min < 0) {
        return std::nullopt;
    }
    return day;
}

// The same time of another day, about so far from `instant`.
std::optional<WallInstant> same_time(const std::tm& time, WallInstant instant, std::chrono::hours away) {
    auto day = local_day(instant + away);
    day.tm_hour = time.tm_hour;
    day.tm_min = time.tm_min;
    day.tm_sec = 0;
    return to_instant(day);
}

std::optional<WallInstant> next_time_of_day(const std::string& text, WallInstant now) {
    const auto time = time_of_day(text, now);
    if (!time) return std::nullopt;
    const auto today = to_instant(*time);
    if (!today || *today > now) return today;
    return same_time(*time, *today, std::chrono::hours{24});
}

std::optional<WallInstant> last_time_of_day(const std::string& text, WallInstant now) {
    const auto time = time_of_day(text, now);
    if (!time) return std::nullopt;
    const auto today = to_instant(*time);
    if (!today || *today <= now) return today;
    return same_time(*time, *today, std::chrono::hours{-24});
}

std::optional<WallInstant> begin_of_day(const std::string& text) {
    int length = 0;
    std::tm day{};
    if (std::sscanf(text.c_str(), "%4d-%2d-%2d%n", &day.tm_year, &day.tm_mon, &day.tm_mday, &length) != 3 ||
        static_cast<std::size_t>(length) != text.size()) {
        return std::nullopt;
    }
    day.tm_year -= 1900;
    day.tm_mon -= 1;
    return to_instant(day);
}

std::optional<WallInstant> day_and_time(const std::string& text) {
    int length = 0;
    std::tm day{};
    char separator = 0;
    if (std::sscanf(text.c_str(), "%4d-%2d-%2d%c%2d:%2d%n", &day.tm_year, &day.tm_mon, &day.tm_mday,
                    &separator, &day.tm_hour, &day.tm_min, &length) != 6 ||
        static_cast<std::size_t>(length) != text.size() || (separator != ' ' && separator != 'T')) {
        return std::nullopt;
    }
    day.tm_year -= 1900;
    day.tm_mon -= 1;
    return to_instant(day);
}

}  // namespace

Outcome<WallInstant> parse_instant(std::string_view text, WallInstant now) {
    const std::string line{text};
    if (const auto instant = parse_utc(line)) return *instant;
    if (const auto instant = day_and_time(line)) return *instant;
    if (const auto instant = next_time_of_day(line, now)) return *instant;
    return Failure{ExitCode::usage,
                   fmt::format("'{}' is no time; write it as 18:00, 2026-11-25 18:00 (your zone) or "
                               "2026-11-25T17:00:00Z",
                               printable(text))};
}

Outcome<WallInstant> parse_past_instant(std::string_view text, WallInstant now) {
    const std::string line{text};
    if (const auto ago = parse_duration(line)) return now - std::chrono::floor<WallInstant::duration>(*ago);
    if (const auto instant = parse_utc(line)) return *instant;
    if (const auto instant = day_and_time(line)) return *instant;
    if (const auto instant = begin_of_day(line)) return *instant;
    if (const auto instant = last_time_of_day(line, now)) return *instant;
    return Failure{ExitCode::usage,
                   fmt::format("'{}' is no time that was; write it as 2h (so long ago), 18:00, 2026-11-25, "
                               "2026-11-25 18:00 (your zone) or 2026-11-25T17:00:00Z",
                               printable(text))};
}

}  // namespace curfew::cli
