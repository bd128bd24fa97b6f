#include "http/retry_after.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <string>

namespace curfew::http {

std::optional<Duration> parse_retry_after(std::string_view text, WallInstant now) {
    constexpr std::int64_t most_seconds = 366LL * 24 * 3600;
    std::int64_t seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error == std::errc{} && end == text.data() + text.size() && seconds >= 0)
        return std::chrono::seconds{std::min(seconds, most_seconds)};
    // A date has a time of day: libcurl takes much else for one.
    if (text.find(':') == std::string_view::npos) return std::nullopt;
    const time_t date = curl_getdate(std::string{text}.c_str(), nullptr);
    if (date < 0) return std::nullopt;
    const Duration left = std::chrono::sys_seconds{std::chrono::seconds{date}} - now;
    return std::clamp<Duration>(left, Duration::zero(), std::chrono::seconds{most_seconds});
}

}  // namespace curfew::http
