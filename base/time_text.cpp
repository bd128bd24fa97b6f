#include "base/time_text.hpp"

#include <fmt/format.h>
#include <time.h>

#include <array>
#include <cstddef>
#include <cstdio>
#include <utility>

namespace curfew {
namespace {

std::time_t seconds_of(WallInstant instant) {
    return std::chrono::floor<std::chrono::seconds>(instant).time_since_epoch().count();
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// The instant that format_utc wrote at the beginning of `text`, and its length; nullopt if there is none.
std::optional<std::pair<WallInstant, std::size_t>> instant_at_start(std::string_view text) {
    for (const std::string_view form : {"2026-11-24T14:05:00Z", "2026-11-24T14:05:00.250Z"}) {
        if (const auto instant = parse_utc(text.substr(0, form.size()))) return {{*instant, form.size()}};
    }
    return std::nullopt;
}

}  // namespace

std::string format_utc(WallInstant instant) {
    const std::time_t seconds = seconds_of(instant);
    const auto milliseconds = (instant - std::chrono::floor<std::chrono::seconds>(instant)).count();
    std::tm parts{};
    (void)::gmtime_r(&seconds, &parts);
    auto text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", parts.tm_year + 1900, parts.tm_mon + 1,
                            parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
    if (milliseconds != 0) text += fmt::format(".{:03}", milliseconds);
    return text + "Z";
}

std::optional<WallInstant> parse_utc(std::string_view text) {
    const std::string copy{text};
    std::tm parts{};
    const char* rest = ::strptime(copy.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
    if (rest == nullptr) return std::nullopt;
    int milliseconds = 0;
    if (*rest == '.') {
        for (int digit = 0; digit < 3; ++digit) {
            ++rest;
            if (*rest < '0' || *rest > '9') return std::nullopt;
            milliseconds = milliseconds * 10 + (*rest - '0');
        }
        ++rest;
    }
    if (std::string_view{rest} != "Z") return std::nullopt;
    const WallInstant instant{std::chrono::seconds{::timegm(&parts)} +
                              std::chrono::milliseconds{milliseconds}};
    // strptime also takes blanks, missing digits and 30 February, and does not see what is behind a zero
    // byte.
    if (format_utc(instant) != text) return std::nullopt;
    return instant;
}

std::string format_local(WallInstant instant) {
    const std::time_t seconds = seconds_of(instant);
    std::tm parts{};
    (void)::localtime_r(&seconds, &parts);
    std::array<char, 64> text{};
    const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S %Z", &parts);
    return std::string{text.data(), length};
}

std::string with_local_times(std::string_view text) {
    std::string result;
    for (std::size_t at = 0; at < text.size();) {
        const bool may_be_one = is_digit(text[at]) && (at == 0 || !is_digit(text[at - 1]));
        if (const auto found = may_be_one ? instant_at_start(text.substr(at)) : std::nullopt) {
            result += format_local(found->first);
            at += found->second;
        } else {
            result += text[at++];
        }
    }
    return result;
}

}  // namespace curfew
