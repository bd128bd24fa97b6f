// JSON in the one form that everybody who writes the same values comes to (RFC 8785), so that a signature
// stays good whoever has read the document and written it again.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace curfew::audit {

// Members ordered by their names, no blanks, the shortest escapes. `value` has no fractions and no names but
// of ASCII; see parse_signed_json().
std::string canonical_json(const boost::json::value& value);

// Text of up to `longest` bytes. invalid, as a sentence that begins with `what`: it is longer, no JSON, no
// object, or has what would not be the same to everybody: a name twice, names not of ASCII, fractions.
Result<boost::json::object> parse_signed_json(std::string_view text, std::size_t longest,
                                              std::string_view what);

}  // namespace curfew::audit
