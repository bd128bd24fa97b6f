#include "cli/output.hpp"

#include <fmt/format.h>
#include <fmt/ostream.h>
#include <fmt/ranges.h>

#include <array>
#include <ostream>

#include "base/time_text.hpp"

namespace curfew::cli {

using namespace std::chrono_literals;

ExitCode report(const Context& context, const Failure& failure) {
    context.err << "curfew: " << failure.message << '\n';
    return failure.code;
}

void print_fact(const Context& context, std::string_view name, std::string_view value) {
    fmt::print(context.out, "  {} {}\n", context.terminal.styled(Style::dim, fmt::format("{:<10}", name)),
               value);
}

std::string joined(const std::vector<std::string>& values, std::string_view none) {
    return values.empty() ? std::string{none} : fmt::format("{}", fmt::join(values, ", "));
}

std::string format_left(Duration left) {
    const bool over = left < Duration::zero();
    const auto seconds = std::chrono::floor<std::chrono::seconds>(over ? -left : left).count();
    std::string text;
    if (seconds >= 3600) {
        text = fmt::format("{}h{:02}m", seconds / 3600, seconds / 60 % 60);
    } else if (seconds >= 60) {
        text = fmt::format("{}m{:02}s", seconds / 60, seconds % 60);
    } else {
        text = fmt::format("{}s", seconds);
    }
    return over ? "-" + text : text;
}

Style style_of_left(Duration left) {
    if (left < 1min) return Style::red;
    return left < 5min ? Style::yellow : Style::green;
}

std::string format_instant(const Terminal& terminal, const std::optional<WallInstant>& instant,
                           WallInstant now) {
    if (!instant) return "";
    auto full = format_local(*instant);  // `2026-11-24 15:05:00 CET`
    if (!terminal.is_terminal) return full;
    constexpr std::size_t day = 10;
    constexpr std::size_t seconds = 19;
    constexpr std::size_t minutes = 16;
    const bool today = full.substr(0, day) == format_local(now).substr(0, day);
    return today ? full.substr(day + 1, seconds - day - 1) : full.substr(0, minutes);
}

std::string format_bytes(std::uint64_t bytes) {
    static constexpr std::array<const char*, 6> units{"B", "kB", "MB", "GB", "TB", "PB"};
    auto value = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (value >= 999.95 && unit + 1 < units.size()) {
        value /= 1000;
        ++unit;
    }
    return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", value, units[unit]);
}

}  // namespace curfew::cli
