#include "base/byte_size.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <system_error>

#include "base/text.hpp"

namespace curfew {
namespace {

struct SizeUnit {
    std::string_view name;
    std::uint64_t bytes;
};
// Rising order.
constexpr std::array<SizeUnit, 5> size_units{{{"B", 1},
                                              {"KiB", std::uint64_t{1} << 10U},
                                              {"MiB", std::uint64_t{1} << 20U},
                                              {"GiB", std::uint64_t{1} << 30U},
                                              {"TiB", std::uint64_t{1} << 40U}}};

}  // namespace

Result<std::uint64_t> parse_byte_size(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const auto unit = text.substr(static_cast<std::size_t>(end - text.data()));
    const auto* const known = unit.empty()
                                  ? size_units.begin()
                                  : std::find_if(size_units.begin(), size_units.end(),
                                                 [unit](const SizeUnit& one) { return one.name == unit; });
    if (error != std::errc{} || known == size_units.end() ||
        number > std::numeric_limits<std::uint64_t>::max() / known->bytes) {
        return Error{
            ErrorCode::invalid,
            fmt::format("'{}' is not a size; write it as 64KiB, 1MiB or 50GiB (units B KiB MiB GiB TiB)",
                        printable(text, 40))};
    }
    return number * known->bytes;
}

std::string format_byte_size(std::uint64_t bytes) {
    const auto fits = [bytes](const SizeUnit& unit) {
        return bytes >= unit.bytes && bytes % unit.bytes == 0;
    };
    const auto unit = std::find_if(size_units.rbegin(), size_units.rend(), fits);
    if (unit == size_units.rend()) return "0B";
    return fmt::format("{}{}", bytes / unit->bytes, unit->name);
}

}  // namespace curfew
