// Percent-encoding (RFC 3986) of what stands in the path or the query of a URL.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace curfew {

// One segment of a path, decoded. nullopt: not well-formed, or it holds a zero byte.
std::optional<std::string> decode_segment(std::string_view text);
// A name or a value of a query: the same, and `+` stands for a blank.
std::optional<std::string> decode_query(std::string_view text);
// `text` as one segment of a path, or as a name or a value of a query.
std::string encode_segment(std::string_view text);

}  // namespace curfew
