#include "recording/storage.hpp"

#include <fmt/format.h>

#include <charconv>
#include <chrono>

namespace curfew::recording {
namespace {

constexpr std::string_view file_suffix = ".curfewrec";

// The number that `text` begins with, of exactly so many digits, which are taken off.
std::optional<int> take_digits(std::string_view& text, std::size_t digits, char behind) {
    if (text.size() <= digits || text[digits] != behind) return std::nullopt;
    int number = 0;
    for (const char digit : text.substr(0, digits)) {
        if (digit < '0' || digit > '9') return std::nullopt;
        number = number * 10 + (digit - '0');
    }
    text.remove_prefix(digits + 1);
    return number;
}

}  // namespace

std::string path_of(const RecordingKey& key) {
    const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(key.began)};
    return fmt::format("{:04}/{:02}/{:02}/{}{}", static_cast<int>(day.year()),
                       static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()),
                       key.session.text(), file_suffix);
}

std::optional<RecordingKey> key_of(std::string_view path) {
    const auto year = take_digits(path, 4, '/');
    const auto month = year ? take_digits(path, 2, '/') : std::nullopt;
    const auto day = month ? take_digits(path, 2, '/') : std::nullopt;
    if (!day || !path.ends_with(file_suffix)) return std::nullopt;
    path.remove_suffix(file_suffix.size());
    const auto session = SessionId::parse(path);
    const std::chrono::year_month_day date{std::chrono::year{*year},
                                           std::chrono::month{static_cast<unsigned>(*month)},
                                           std::chrono::day{static_cast<unsigned>(*day)}};
    if (!session || !date.ok()) return std::nullopt;
    return RecordingKey{*session, std::chrono::sys_days{date}};
}

}  // namespace curfew::recording
