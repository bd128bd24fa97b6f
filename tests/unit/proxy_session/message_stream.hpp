// Streams of messages: made up at random, and taken apart again.
#pragma once

#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "support/wire_format.hpp"

namespace curfew::test {

// What a client makes of the bytes that it got.
struct Parsed {
    std::vector<wire::Message> messages;
    std::string torn;      // what came of a message that never became whole
    bool garbled = false;  // something that cannot be a message

    bool whole() const { return torn.empty() && !garbled; }
    std::string types() const;  // `TDDCZ`
    std::string bytes(std::string_view but_not_types = "") const;
};
Parsed parse(std::string_view bytes);

// Rows and whatever else PostgreSQL says, but no NoticeResponse: short and long ones, some beyond a TLS
// record and some beyond a relay's buffer. About `size` bytes of them.
std::string random_messages(std::mt19937& random, std::size_t size);

// The first place at or after `position` of a stream of messages where one has ended; npos if there is none.
std::size_t boundary_from(std::string_view stream, std::size_t position);

// A number in [least, most].
std::size_t between(std::mt19937& random, std::size_t least, std::size_t most);

}  // namespace curfew::test
