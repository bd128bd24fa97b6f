// A message's body of which perhaps only the beginning was kept.
#pragma once

#include <cstdint>
#include <string_view>

namespace curfew::postgres {

struct BodyPart {
    std::string_view bytes;
    std::uint32_t length = 0;  // of the whole body

    // Whole.
    static BodyPart whole(std::string_view body) { return {body, static_cast<std::uint32_t>(body.size())}; }
    bool cut() const noexcept { return bytes.size() < length; }
};

// A value of a parameter, an argument or a column, as it went over the wire.
struct WireValue {
    bool null = false;
    bool binary = false;     // PostgreSQL's binary form of the type; else text
    std::string_view bytes;  // valid as long as the body
    std::uint32_t size = 0;  // more than bytes.size() where the body was cut in it

    bool operator==(const WireValue&) const = default;
};

}  // namespace curfew::postgres
