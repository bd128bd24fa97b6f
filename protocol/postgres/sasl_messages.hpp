// What SASL messages carry, read with every length checked. Messages are built in messages.hpp.
// PostgreSQL documentation, "SASL Authentication" and "Message Formats".
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace curfew::postgres {

// The most mechanisms that a server may list; PostgreSQL 18 knows three.
inline constexpr std::size_t most_sasl_mechanisms = 16;

// The mechanisms of an AuthenticationSASL, in the server's order. `list` is what follows the code: names,
// each ended by a zero, and one zero more. nullopt if it is malformed, empty, or holds what no SASL mechanism
// is named (RFC 4422, section 3.1: 1 to 20 of A-Z, 0-9, `-` and `_`). The views point into `list`.
std::optional<std::vector<std::string_view>> parse_sasl_mechanisms(std::string_view list);

// The client's choice of a mechanism, and the first message of that.
struct SaslInitialResponse {
    std::string_view mechanism;
    std::optional<std::string_view> data;  // nullopt if the client sent none (length -1)
};

// From the body of a SASLInitialResponse ('p'). nullopt if it is malformed: a name that is none, a length
// that is not what is there, bytes behind the data. The views point into `body`. The body of a SASLResponse
// is data from end to end, and needs no reading.
std::optional<SaslInitialResponse> parse_sasl_initial_response(std::string_view body);

}  // namespace curfew::postgres
