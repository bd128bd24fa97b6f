#include "proxy/binary_values.hpp"

#include <bit>
#include <charconv>
#include <cmath>

#include "base/hex.hpp"
#include "base/utf8.hpp"

namespace curfew::proxy {
namespace {

// pg_type.dat: these never change.
enum class PlainType : std::uint32_t {
    boolean = 16,
    name = 19,
    int8 = 20,
    int2 = 21,
    int4 = 23,
    text = 25,
    oid = 26,
    json = 114,
    float4 = 700,
    float8 = 701,
    unknown = 705,
    bpchar = 1042,
    varchar = 1043,
    uuid = 2950,
};

// In network byte order; nullopt: it has another length.
template <class Unsigned>
std::optional<Unsigned> whole_number(std::string_view value) {
    if (value.size() != sizeof(Unsigned)) return std::nullopt;
    std::uint64_t number = 0;
    for (const char byte : value)
        number = number << 8U | static_cast<unsigned char>(byte);
    return static_cast<Unsigned>(number);
}

template <class Unsigned, class Signed>
std::optional<std::string> integer_text(std::string_view value) {
    const auto bits = whole_number<Unsigned>(value);
    if (!bits) return std::nullopt;
    return std::to_string(static_cast<Signed>(*bits));
}

template <class Unsigned, class Float>
std::optional<std::string> floating_text(std::string_view value) {
    const auto bits = whole_number<Unsigned>(value);
    if (!bits) return std::nullopt;
    const auto number = std::bit_cast<Float>(*bits);
    if (std::isnan(number)) return "NaN";
    if (std::isinf(number)) return number < 0 ? "-Infinity" : "Infinity";
    char shortest[32];
    const auto written = std::to_chars(std::begin(shortest), std::end(shortest), number);
    return std::string{std::begin(shortest), written.ptr};
}

std::optional<std::string> truth_text(std::string_view value) {
    if (value.size() != 1 || static_cast<unsigned char>(value[0]) > 1) return std::nullopt;
    return value[0] == 1 ? "t" : "f";
}

std::optional<std::string> uuid_text(std::string_view value) {
    constexpr std::size_t size = 16;
    if (value.size() != size) return std::nullopt;
    std::string text = to_hex(value);
    for (const std::size_t hyphen : {8U, 13U, 18U, 23U})
        text.insert(hyphen, 1, '-');
    return text;
}

std::optional<std::string> characters(std::string_view value) {
    if (!is_utf8(value) || value.find('\0') != std::string_view::npos) return std::nullopt;
    return std::string{value};
}

}  // namespace

std::optional<std::string> text_of_binary(std::string_view value, std::uint32_t type) {
    switch (static_cast<PlainType>(type)) {
        case PlainType::boolean:
            return truth_text(value);
        case PlainType::int2:
            return integer_text<std::uint16_t, std::int16_t>(value);
        case PlainType::int4:
            return integer_text<std::uint32_t, std::int32_t>(value);
        case PlainType::int8:
            return integer_text<std::uint64_t, std::int64_t>(value);
        case PlainType::oid:
            return integer_text<std::uint32_t, std::uint32_t>(value);
        case PlainType::float4:
            return floating_text<std::uint32_t, float>(value);
        case PlainType::float8:
            return floating_text<std::uint64_t, double>(value);
        case PlainType::uuid:
            return uuid_text(value);
        case PlainType::text:
        case PlainType::varchar:
        case PlainType::bpchar:
        case PlainType::name:
        case PlainType::json:
        case PlainType::unknown:
            return characters(value);
        default:
            return std::nullopt;
    }
}

std::string hex_of(std::string_view bytes) {
    return "\\x" + to_hex(bytes);
}

}  // namespace curfew::proxy
