// Changing only what one has seen: ETag and If-Match (RFC 9110, 8.8.3 and 13.1.1).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "api/http_types.hpp"

namespace curfew::api {

// `"17"`: a strong one.
std::string etag_of(std::uint64_t version);

// The version that what is to be changed must have; nullopt: any (`*`). Else the response: 428 without an
// If-Match; 412 where it is not one of ours, or a weak one, and so cannot match; 400 for several.
std::variant<std::optional<std::uint64_t>, Response> expected_version(const Request& request);

}  // namespace curfew::api
