// Errors as they are told over HTTP: RFC 9457, application/problem+json.
#pragma once

#include <string_view>

#include "api/http_types.hpp"
#include "base/result.hpp"

namespace curfew::api {

// The status that an error is answered with.
http::status status_of(ErrorCode code);

// {"type":"about:blank","title":"Not Found","status":404,"detail":…,"code":"not_found"}. `code` is our
// extension, for programs; so is `problems`, [{"member":…,"detail":…}], where the error has some.
Response problem(const Error& error);

// One that has a status of HTTP's own (405, 413 …). `code` is the word for that.
Response problem(http::status status, std::string_view detail);

// 401, and that a token would do.
Response unauthenticated(std::string_view detail);

}  // namespace curfew::api
