#include "base/duration.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "base/text.hpp"

namespace curfew {
namespace {

using namespace std::chrono_literals;

struct Unit {
    std::string_view name;
    Duration length;
};
// Falling order: a duration names each at most once, larger before smaller.
constexpr std::array<Unit, 5> units{{{"d", 24h}, {"h", 1h}, {"m", 1min}, {"s", 1s}, {"ms", 1ms}}};
constexpr Duration longest = 366 * 24h;

Error malformed(std::string_view text) {
    return {ErrorCode::invalid,
            fmt::format("'{}' is not a duration; write it as 10m, 30m, 2h, 1h30m or 24h (units d h m s ms)",
                        printable(text, 40))};
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
    Duration total{};
    std::size_t next_unit = 0;
    std::string_view rest = text;
    if (rest.empty()) return malformed(text);
    while (!rest.empty()) {
        unsigned long number = 0;
        const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
        if (error != std::errc{} || number > 1'000'000'000UL) return malformed(text);
        rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
        const auto name = rest.substr(0, rest.find_first_of("0123456789"));
        std::size_t unit = next_unit;
        while (unit < units.size() && units[unit].name != name)
            ++unit;
        if (unit == units.size()) return malformed(text);
        if (Duration{longest} / units[unit].length < static_cast<long>(number)) {
            return Error{ErrorCode::invalid,
                         fmt::format("'{}' is longer than 366 days", printable(text, 40))};
        }
        total += units[unit].length * static_cast<long>(number);
        next_unit = unit + 1;
        rest.remove_prefix(name.size());
    }
    if (total <= Duration::zero()) {
        return Error{ErrorCode::invalid,
                     fmt::format("'{}' is no time at all; a duration is above zero", printable(text, 40))};
    }
    if (total > longest) {
        return Error{ErrorCode::invalid, fmt::format("'{}' is longer than 366 days", printable(text, 40))};
    }
    return total;
}

std::string format_duration(Duration duration) {
    if (duration <= Duration::zero()) return "0s";
    if (duration < 1s) return fmt::format("{}ms", std::max<long>(1, duration / 1ms));
    std::string text;
    Duration rest = duration - duration % 1s;
    // Hours are the largest unit shown: `24h` is what people grant, and `1d2h` reads worse than `26h`.
    for (const Unit& unit : std::array<Unit, 3>{{{"h", 1h}, {"m", 1min}, {"s", 1s}}}) {
        if (const auto count = rest / unit.length; count > 0) {
            text += fmt::format("{}{}", count, unit.name);
            rest -= unit.length * count;
        }
    }
    return text;
}

}  // namespace curfew
