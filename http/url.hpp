// Addresses of the web: which of them may be spoken to, and how text is put into them.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace curfew::http {

// What goes into a form (application/x-www-form-urlencoded) or a query, not yet encoded.
using Fields = std::vector<std::pair<std::string, std::string>>;

// Whether somebody may be spoken to at `url`: https, or http on this machine (localhost, 127.0.0.1, [::1]),
// where nobody else listens in.
bool allowed_url(std::string_view url);

// Scheme, host and port of `url`, and no more; the rest may be a secret. Empty where it cannot be read.
std::string origin_of(std::string_view url);

// `text` with everything but unreserved characters as %XX (RFC 3986).
std::string url_encoded(std::string_view text);
// `a=1&b=2`.
std::string encoded_fields(const Fields& fields);

}  // namespace curfew::http
