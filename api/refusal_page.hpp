// A problem as something to read, for people whose browser was led to an address of the API: the sign-in
// provider's answer as a rule.
#pragma once

#include <string_view>

#include "api/http_types.hpp"

namespace curfew::api {

// Whether `response` is a problem document.
bool is_problem(const Response& response);

// The same refusal as HTML, with its status and its headers. `target` is what was asked for: it says where to
// go next.
Response refusal_page(Response refusal, std::string_view target);

}  // namespace curfew::api
